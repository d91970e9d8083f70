"""Brings messages to their normal form and cuts them into words, with a jieba and a dictionary of its own."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.understanding.lexicon import default_lexicon, default_words, digest
from bot.understanding.normalise import mask_personal_numbers, normalise
from bot.understanding.parts import split_parts
from bot.understanding.places import PLACES_FILE
from bot.understanding.questions import split_questions
from bot.understanding.spelling import DIALECT_FILE, normal_form

NORMAL = "normal"
"""Message attribute: the text in the form that all features are made of."""

PARTS = "parts"
"""Message attribute: the ways to cut the text in two, left and right in turn, normalised but not spelled anew."""

QUESTIONS, IS_QUESTION = "questions", "is_question"
"""Message attributes: its questions as messages by themselves, which go the same way behind it; whether it is one."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class GuideTokenizer(Tokenizer):
    """Sets NORMAL and the tokens. Its configuration holds the dictionary's digest, so that a changed word
    changes the fingerprint and the model is trained anew."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return Rasa's own keys and the dictionary's digest."""
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
            # digest of the words, of how they are spelled and of towns not ours; never set by hand
            "dictionary": digest(
                [*default_words(), *(file.read_text(encoding="utf-8") for file in (DIALECT_FILE, PLACES_FILE))]
            ),
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> GuideTokenizer:
        """Make the tokenizer with the office's words."""
        return cls(config)

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        self._lexicon = default_lexicon()

    def process(self, messages: list[Message]) -> list[Message]:
        """Mask personal numbers in the text itself, then normalise and cut; each question follows by itself."""
        questions: list[Message] = []
        for message in messages:
            text = message.get(TEXT)
            if text:
                masked = mask_personal_numbers(text)
                message.set(TEXT, masked)
                message.set(NORMAL, normal_form(text))
                message.set(PARTS, [normalise(part) for cut in split_parts(text) for part in cut])
                message.set(QUESTIONS, [_question(question) for question in split_questions(masked)])
                questions.extend(message.get(QUESTIONS))
        return super().process([*messages, *questions])

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Normalise the examples, then cut them."""
        for message in training_data.training_examples:
            message.set(NORMAL, normal_form(message.get(TEXT) or ""))
        return super().process_training_data(training_data)

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Cut one attribute; the text is cut in its normal form."""
        text = message.get(NORMAL) if attribute == TEXT else message.get(attribute)
        return self._apply_token_pattern([Token(word, start) for word, start in self._lexicon.cut(text or "")])


def _question(text: str) -> Message:
    return Message({TEXT: text, NORMAL: normal_form(text), IS_QUESTION: True})
