"""The last step of the pipeline: the decision, and the query that the conversation goes on with."""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.classifiers import (
    CLASS_MARGINS,
    FACETS,
    SCOPE_MARGINS,
    FacetClassifier,
    ItemClassifier,
    ScopeClassifier,
)
from bot.components.tokenizer import NORMAL
from bot.query import Decision, Query
from bot.settings import load_settings
from bot.understanding.applicants import find_applicant
from bot.understanding.decide import Costs, Judge
from bot.understanding.evidence import Calibration, Layout, Margins
from knowledge.vocabulary import load_vocabulary

CALIBRATION_FILE = "calibration.json"

QUERY = "query"
"""Message attribute: the query, as a record."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class DecisionMaker(GraphComponent):
    """Weighs the probabilities by what each error costs and sets QUERY."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the costs; see bot.understanding.decide.Costs."""
        costs = Costs()
        return {
            "wrong_answer": costs.wrong_answer,
            "asking": costs.asking,
            "missed": costs.missed,
            "offer_floor": costs.offer_floor,
        }

    @classmethod
    def required_components(cls) -> list[type]:
        """All classifiers first."""
        return [ItemClassifier, ScopeClassifier, FacetClassifier]

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
        """Set QUERY on each message."""
        for message in messages:
            message.set(QUERY, self._query(message).as_record(), add_to_output=True)
        return messages

    def _query(self, message: Message) -> Query:
        text, normal = message.get(TEXT) or "", message.get(NORMAL) or ""
        if not re.search(r"[\u4e00-\u9fffa-z]", normal):
            return Query(text, Decision.OOS, topic="unreadable")
        classes, margins = message.get(CLASS_MARGINS)
        if self._judge is None:
            self._judge = Judge(Layout(classes), self._calibration, self._titles, self._costs)
        evidence = Margins(margins, message.get(SCOPE_MARGINS))
        return self._judge.judge(text, evidence, message.get(FACETS) or (), find_applicant(normal))
