"""Item, facet and scope classifiers for Rasa, over the features of bot.components.featurizers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.featurizers import VECTOR, NgramFeaturizer, SentenceVectorFeaturizer
from bot.components.storage import load_arrays, save_arrays
from bot.query import FACET_NAMES
from bot.understanding.arrays import Floats
from bot.understanding.decide import choose_facets
from bot.understanding.evidence import SCOPES, SHARPNESS
from bot.understanding.linear import LinearModel, Training

CLASS_MARGINS, SCOPE_MARGINS, FACETS = "class_margins", "scope_margins", "facets"
"""Message attributes: (classes, margins); margins of SCOPES; the facets asked for."""


def stack_features(messages: Sequence[Message], views: Sequence[str]) -> tuple[sp.csr_matrix, Floats]:
    """Return the n-grams of *views* side by side and the sentence vectors of *messages*, one row each."""
    found = [{feature.origin: feature.features for feature in message.features} for message in messages]
    sparse = [sp.vstack([features[name] for features in found]) for name in views]
    dense = np.stack([features[VECTOR][0] for features in found])
    return sp.hstack(sparse).tocsr() if len(sparse) > 1 else sparse[0].tocsr(), dense


class _LinearClassifier(GraphComponent):
    """What both classifiers share: a linear model kept as arrays."""

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._model: LinearModel | None = None

    @classmethod
    def required_components(cls) -> list[type]:
        """Both kinds of features."""
        return [NgramFeaturizer, SentenceVectorFeaturizer]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> _LinearClassifier:
        """Make an untrained classifier."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> _LinearClassifier:
        """Make the classifier that was trained."""
        classifier = cls(config, model_storage, resource)
        classifier._model = LinearModel.from_arrays(load_arrays(model_storage, resource))
        return classifier

    def _keep(self, model: LinearModel) -> Resource:
        self._model = model
        save_arrays(self._storage, self._resource, model.arrays())
        return self._resource

    def _scores(self, messages: Sequence[Message]) -> Floats:
        assert self._model is not None
        return self._model.scores(*stack_features(messages, self._config["views"]))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ItemClassifier(_LinearClassifier):
    """Tells the item of a message, or the scope class where it asks for none."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the views of n-grams, the strength of the SVMs, the main axes kept, how many intents are ranked."""
        return {"views": ["whole"], "strength": 1.0, "axes": 64, "ranked": 8}

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from every example that has an intent."""
        examples = [m for m in training_data.training_examples if m.get(INTENT) and m.features]
        training = Training.prepare(*stack_features(examples, self._config["views"]), int(self._config["axes"]))
        return self._keep(training.classes([m.get(INTENT) for m in examples], float(self._config["strength"])))

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent, ranking and CLASS_MARGINS."""
        assert self._model is not None
        for message, row in zip(messages, self._scores(messages), strict=True):
            powers = np.exp(SHARPNESS * (row - row.max()))
            shares = powers / powers.sum()
            ranking = [
                {INTENT_NAME_KEY: self._model.classes[i], PREDICTED_CONFIDENCE_KEY: float(shares[i])}
                for i in np.argsort(-row, kind="stable")[: int(self._config["ranked"])]
            ]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
            message.set(CLASS_MARGINS, (self._model.classes, row))
        return messages


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ScopeClassifier(_LinearClassifier):
    """Tells what kind of message it is: a question on an item, out of scope, small talk …, each weighing the same."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the views of n-grams, the strength of the SVMs and the main axes kept of the vectors."""
        return {"views": ["whole"], "strength": 0.3, "axes": 64}

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from every example that has an intent."""
        examples = [m for m in training_data.training_examples if m.get(INTENT) and m.features]
        training = Training.prepare(*stack_features(examples, self._config["views"]), int(self._config["axes"]))
        scopes = [_scope(message.get(INTENT)) for message in examples]
        return self._keep(training.balanced(scopes, float(self._config["strength"])))

    def process(self, messages: list[Message]) -> list[Message]:
        """Set SCOPE_MARGINS, in the order of SCOPES."""
        assert self._model is not None
        columns = [self._model.classes.index(scope) for scope in SCOPES]
        for message, row in zip(messages, self._scores(messages), strict=True):
            message.set(SCOPE_MARGINS, row[columns])
        return messages


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class FacetClassifier(_LinearClassifier):
    """Tells the facets that a message asks for, whatever its item: data for one item teaches all."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return views, strength, main axes kept of the vectors, and the margin from which a facet is asked for."""
        return {"views": ["whole"], "strength": 1.0, "axes": 64, "threshold": -0.1}

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from every example that has facets."""
        examples = [m for m in training_data.training_examples if _facets(m) and m.features]
        training = Training.prepare(*stack_features(examples, self._config["views"]), int(self._config["axes"]))
        labels = [_facets(message) for message in examples]
        return self._keep(training.labels(labels, FACET_NAMES, float(self._config["strength"])))

    def process(self, messages: list[Message]) -> list[Message]:
        """Set FACETS."""
        assert self._model is not None
        for message, row in zip(messages, self._scores(messages), strict=True):
            margins = dict(zip(self._model.classes, row.tolist(), strict=True))
            message.set(FACETS, list(choose_facets(margins, float(self._config["threshold"]))), add_to_output=True)
        return messages


def _scope(intent: str) -> str:
    prefix = intent.split("_", maxsplit=1)[0]
    return prefix if prefix in SCOPES else "item"


def _facets(message: Message) -> Sequence[str]:
    labels = (message.get("metadata") or {}).get("example") or {}
    return labels.get("facets") or ()
