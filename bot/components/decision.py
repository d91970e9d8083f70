"""The last step of the pipeline: the decision, and the query that the conversation goes on with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.classifiers import (
    APPLICANT,
    CLASS_SCORES,
    FACET_SCORES,
    SCOPE_MARGINS,
    ApplicantClassifier,
    FacetClassifier,
    ItemClassifier,
    ScopeClassifier,
)
from bot.components.featurizers import FAMILIARITY
from bot.components.message import asks_why
from bot.components.tokenizer import IS_QUESTION, NORMAL, QUESTIONS
from bot.query import Decision, Query
from bot.settings import load_settings
from bot.understanding.decide import Costs, Judge
from bot.understanding.evidence import CALIBRATION_FILE, Calibration, Layout, Scores
from bot.understanding.explain import EXPLANATION, explain_decision, nothing_weighed
from bot.understanding.normalise import MASKED
from bot.understanding.questions import join_questions
from knowledge.vocabulary import load_vocabulary

SHORT = 3
"""Characters up to which a message is too short to be called noise."""

QUERY = "query"
"""Message attribute: the query, as a record."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class DecisionMaker(GraphComponent):
    """Weighs the probabilities by what each error costs and sets QUERY."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the costs; see bot.understanding.decide.Costs."""
        return asdict(Costs())

    @classmethod
    def required_components(cls) -> list[type]:
        """All classifiers first."""
        return [ItemClassifier, ScopeClassifier, FacetClassifier, ApplicantClassifier]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> DecisionMaker:
        """Make it with the catalogue's titles."""
        costs = Costs(**{key: float(config[key]) for key in cls.get_default_config()})
        return cls(costs, {entry.id: entry.title for entry in load_vocabulary().catalogue})

    def __init__(self, costs: Costs, titles: dict[str, str]) -> None:
        self._costs = costs
        self._titles = titles
        self._calibration = Calibration.load(load_settings().nlu_data / CALIBRATION_FILE)
        self._judge: Judge | None = None

    def process(self, messages: list[Message]) -> list[Message]:
        """Set QUERY on each message, with what its questions say by themselves; return the messages without these."""
        whole = [message for message in messages if not message.get(IS_QUESTION)]
        for message in whole:
            questions = [self._query(question) for question in message.get(QUESTIONS) or ()]
            query = join_questions(self._query(message), questions, self._costs.by_itself)
            message.set(QUERY, query.as_record(), add_to_output=True)
            if asks_why(message):
                message.set(EXPLANATION, self._explanation(message, query, questions), add_to_output=True)
        return whole

    def _query(self, message: Message) -> Query:
        text = message.get(TEXT) or ""
        if self._is_unreadable(message):
            return Query(text, Decision.OOS, topic="unreadable")
        found = message.get(CLASS_SCORES)
        if self._judge is None:
            self._judge = Judge(Layout(found.classes), self._calibration, self._titles, self._costs)
        query = self._judge.judge(text, _scores(message), message.get(APPLICANT), found.parts)
        # "ok" and "hi" are small talk; that Latin letters alone ask about an item is chance.
        if query.items and message.get(FAMILIARITY) < self._costs.unfamiliar:
            return Query(text, Decision.OOS, topic="unreadable")
        return query

    def _is_unreadable(self, message: Message) -> bool:
        """Tell whether nothing can be read: no letters, or Chinese ones that never stand so beside each other."""
        normal = (message.get(NORMAL) or "").replace(MASKED, "")
        if re.search("[\u4e00-\u9fff]", normal):
            # Two or three characters may be a rare greeting; an item is never made of them, see _query.
            return len(normal) > SHORT and bool(message.get(FAMILIARITY) < self._costs.unfamiliar)
        return re.search("[a-z]", normal) is None

    def _explanation(self, message: Message, query: Query, questions: Sequence[Query]) -> dict[str, Any]:
        """Return what the query was made of, with what the item classifier has said of it and each question."""
        found = message.get(CLASS_SCORES)
        if query.evidence is None:
            told = nothing_weighed()
        else:
            layout = Layout(found.classes)
            weighed = explain_decision(
                message.get(TEXT), _scores(message), found.parts, layout, self._calibration, self._titles
            )
            told = {**weighed, **message.get(EXPLANATION)}
        return {
            **told,
            "questions": [question.as_json() for question in questions],
            "familiarity": round(message.get(FAMILIARITY), 4),
        }


def _scores(message: Message) -> Scores:
    found = message.get(CLASS_SCORES)
    words, encoder = message.get(FACET_SCORES)
    return Scores(found.words, found.encoder, found.fused, message.get(SCOPE_MARGINS), words, encoder)
