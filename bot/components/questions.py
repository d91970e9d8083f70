"""Which questions of a message are read by themselves: those of one that asks what the guide answers and what not."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message

from bot.components.classifiers import SCOPE_MARGINS, ScopeClassifier
from bot.components.tokenizer import IS_QUESTION, QUESTIONS
from bot.understanding.evidence import SCOPES


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class QuestionSifter(GraphComponent):
    """Lets questions go on where words say that some are out of the guide and others are not.

    It stands before the encoder, which takes longer for each text than all words together: of messages with several
    questions most ask one matter's papers, place and time, and are understood as a whole.
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
            if len({_is_out(question) for question in questions}) < 2:
                message.set(QUESTIONS, [])
        return [*whole, *(question for message in whole for question in message.get(QUESTIONS) or [])]


def _is_out(question: Message) -> bool:
    return SCOPES[int(question.get(SCOPE_MARGINS).argmax())] == "oos"
