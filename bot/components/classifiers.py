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

from bot.components.featurizers import NGRAMS, VECTOR, NgramFeaturizer, SentenceVectorFeaturizer
from bot.components.storage import load_arrays, save_arrays
from bot.query import FACET_NAMES
from bot.understanding.arrays import Floats
from bot.understanding.decide import choose_facets
from bot.understanding.linear import LinearModel, softmax, train_classes, train_labels

PROBABILITIES, FACETS = "probabilities", "facets"
"""Message attributes: class → probability; the facets asked for."""


def stack_features(messages: Sequence[Message]) -> tuple[sp.csr_matrix, Floats]:
    """Return the sparse and the dense features of *messages*, one row each."""
    sparse, dense = [], []
    for message in messages:
        found = {feature.origin: feature.features for feature in message.features}
        sparse.append(found[NGRAMS])
        dense.append(found[VECTOR][0])
    return sp.vstack(sparse).tocsr(), np.stack(dense)


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
        return self._model.scores(*stack_features(messages))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ItemClassifier(_LinearClassifier):
    """Tells the item or the scope class of a message, with probabilities that are meant."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the strength of the SVM, the sharpness of the probabilities, how many are ranked."""
        return {"strength": 0.5, "sharpness": 6.0, "ranked": 8}

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from every example that has an intent."""
        examples = [m for m in training_data.training_examples if m.get(INTENT) and m.features]
        sparse, dense = stack_features(examples)
        labels = [message.get(INTENT) for message in examples]
        return self._keep(train_classes(sparse, dense, labels, float(self._config["strength"])))

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent, ranking and PROBABILITIES."""
        assert self._model is not None
        for message, row in zip(
            messages, softmax(self._scores(messages), float(self._config["sharpness"])), strict=True
        ):
            order = np.argsort(-row, kind="stable")
            ranking = [
                {INTENT_NAME_KEY: self._model.classes[i], PREDICTED_CONFIDENCE_KEY: float(row[i])}
                for i in order[: int(self._config["ranked"])]
            ]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
            message.set(PROBABILITIES, dict(zip(self._model.classes, row.tolist(), strict=True)))
        return messages


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class FacetClassifier(_LinearClassifier):
    """Tells the facets that a message asks for, whatever its item: data for one item teaches all."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the strength of the SVMs and the margin from which a facet counts as asked for."""
        return {"strength": 0.3, "threshold": -0.1}

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from every example that has facets."""
        examples = [m for m in training_data.training_examples if _facets(m) and m.features]
        sparse, dense = stack_features(examples)
        labels = [_facets(message) for message in examples]
        return self._keep(train_labels(sparse, dense, labels, FACET_NAMES, float(self._config["strength"])))

    def process(self, messages: list[Message]) -> list[Message]:
        """Set FACETS."""
        assert self._model is not None
        for message, row in zip(messages, self._scores(messages), strict=True):
            margins = dict(zip(self._model.classes, row.tolist(), strict=True))
            message.set(FACETS, list(choose_facets(margins, float(self._config["threshold"]))), add_to_output=True)
        return messages


def _facets(message: Message) -> Sequence[str]:
    labels = (message.get("metadata") or {}).get("example") or {}
    return labels.get("facets") or ()
