"""Which questions of a message are read by themselves: those of one that asks what the guide answers and what not."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message

from bot.components.classifiers import SCOPE_MARGINS, ScopeClassifier
from bot.components.tokenizer import IS_QUESTION, NORMAL, QUESTIONS
from bot.understanding.evidence import SCOPES
from bot.understanding.questions import asks


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class QuestionSifter(GraphComponent):
    """Lets questions go on where words disagree on whether the message and each of them is out of the guide.

    It stands before the encoder, which takes longer for each text than all words together: of messages with several
    questions most ask one matter's papers, place and time, and are understood as a whole. What a title names is read in
    any case: titles are few, and "赔偿" is too short for words to tell.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """The scopes first."""
        return [ScopeClassifier]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> QuestionSifter:
        """Make it; there is nothing to set."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Return the messages with the questions that go on; the others are taken from QUESTIONS."""
        whole = [message for message in messages if not message.get(IS_QUESTION)]
        for message in whole:
            questions = message.get(QUESTIONS) or []
            is_title = not any(asks(question.get(NORMAL)) for question in questions)
            if not is_title and len({_is_out(part) for part in (message, *questions)}) < 2:
                message.set(QUESTIONS, [])
        return [*whole, *(question for message in whole for question in message.get(QUESTIONS) or [])]


def _is_out(part: Message) -> bool:
    return SCOPES[int(part.get(SCOPE_MARGINS).argmax())] == "oos"
