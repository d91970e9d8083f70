"""Item, facet and scope classifiers for Rasa, over the features of bot.components.featurizers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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

from bot.components.featurizers import READING, TERMS, EncoderFeaturizer, NgramFeaturizer
from bot.components.message import asks_why
from bot.components.storage import load_arrays, save_arrays
from bot.components.tokenizer import NORMAL, PARTS
from bot.query import FACET_NAMES
from bot.understanding.applicants import find_applicant
from bot.understanding.arrays import Floats
from bot.understanding.evidence import SCOPES, Layout, align, fuse, rule_out_elsewhere
from bot.understanding.explain import EXPLANATION, explain_features
from bot.understanding.linear import LinearModel, train_balanced, train_classes, train_labels

CLASS_SCORES, SCOPE_MARGINS, FACET_SCORES = "class_scores", "scope_margins", "facet_scores"
"""Message attributes: ClassScores; margins of SCOPES; what words and encoder say of FACET_NAMES."""

APPLICANT = "applicant"
"""Message attribute: who is asking, in the guide's words, or None."""


@dataclass(frozen=True)
class ClassScores:
    """The names of the classes, what words and encoder say of them, both fused, and what words say of the parts."""

    classes: tuple[str, ...]
    words: Floats
    encoder: Floats
    fused: Floats
    parts: Floats


def stack_features(messages: Sequence[Message], views: Sequence[str]) -> sp.csr_matrix:
    """Return the n-grams of *views* side by side, one row a message."""
    found = [{feature.origin: feature.features for feature in message.features} for message in messages]
    return _beside([_below([features[name] for features in found]) for name in views])


def _below(rows: list[sp.csr_matrix]) -> sp.csr_matrix:
    # A single message, as the service has it, needs no stacking, which takes longer than classifying.
    return rows[0] if len(rows) == 1 else sp.vstack(rows).tocsr()


def _beside(blocks: list[sp.csr_matrix]) -> sp.csr_matrix:
    if len(blocks) == 1:
        return blocks[0]
    if blocks[0].shape[0] > 1:
        return sp.hstack(blocks).tocsr()
    # One row is put beside another by moving its columns, which saves scipy's general way.
    shifts = np.cumsum([0, *(block.shape[1] for block in blocks)])
    columns = np.concatenate([block.indices + shift for block, shift in zip(blocks, shifts[:-1], strict=True)])
    values = np.concatenate([block.data for block in blocks])
    return sp.csr_matrix((values, columns, [0, len(values)]), shape=(1, int(shifts[-1])))


class _LinearClassifier(GraphComponent):
    """What all classifiers share: a linear model kept as arrays."""

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._model: LinearModel | None = None

    @classmethod
    def required_components(cls) -> list[type]:
        """The n-grams."""
        return [NgramFeaturizer]

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
        return self._model.scores(stack_features(messages, self._config["views"]))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ItemClassifier(_LinearClassifier):
    """Tells the item of a message, or the scope class where it asks for none: words, fused with the encoder."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the views of n-grams, the strength of the SVMs, the encoder's weight, how many intents are ranked."""
        return {"views": ["whole"], "strength": 1.0, "encoder_weight": 0.35, "ranked": 8}

    @classmethod
    def required_components(cls) -> list[type]:
        """The n-grams and the encoder."""
        return [NgramFeaturizer, EncoderFeaturizer]

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from every example that has an intent."""
        examples = [m for m in training_data.training_examples if m.get(INTENT) and m.features]
        features = stack_features(examples, self._config["views"])
        return self._keep(train_classes(features, [m.get(INTENT) for m in examples], float(self._config["strength"])))

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent, ranking and CLASS_SCORES."""
        assert self._model is not None
        names = self._model.classes
        forms = [message.get(NORMAL) or "" for message in messages]
        readings = [message.get(READING) for message in messages]
        read = [align(reading.intents[None], reading.encoder.intents, names)[0] for reading in readings]
        said = rule_out_elsewhere(np.array([self._scores(messages), read]), names, forms)
        for message, words, encoder in zip(messages, *said, strict=True):
            fused = fuse(words, encoder, float(self._config["encoder_weight"]))
            ranking = [
                {INTENT_NAME_KEY: names[i], PREDICTED_CONFIDENCE_KEY: float(np.exp(fused[i]))}
                for i in np.argsort(-fused, kind="stable")[: int(self._config["ranked"])]
            ]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
            message.set(CLASS_SCORES, ClassScores(names, words, encoder, fused, self._part_scores(message)))
            if asks_why(message):
                message.set(EXPLANATION, {"features": self._features_of(message, fused)}, add_to_output=True)
        return messages

    def _features_of(self, message: Message, fused: Floats) -> dict[str, Any]:
        """Return which n-grams carried the likeliest item, by itself and against the second."""
        assert self._model is not None
        row = stack_features([message], self._config["views"])
        terms = np.concatenate([message.get(f"{TERMS}_{view}") for view in self._config["views"]])
        return explain_features(row, self._model.weights, terms, fused, Layout(self._model.classes))

    def _part_scores(self, message: Message) -> Floats:
        """Return the margins of the ways to cut the message in two, two rows a way."""
        assert self._model is not None
        if not message.get(PARTS):
            return np.zeros((0, len(self._model.classes)), dtype=np.float32)
        return self._model.scores(_beside([message.get(f"{PARTS}_{view}") for view in self._config["views"]]))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ScopeClassifier(_LinearClassifier):
    """Tells what kind of message it is: a question on an item, out of scope, small talk …, each weighing the same."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the views of n-grams and the strength of the SVMs."""
        return {"views": ["whole"], "strength": 0.3}

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from every example that has an intent."""
        examples = [m for m in training_data.training_examples if m.get(INTENT) and m.features]
        scopes = [_scope(message.get(INTENT)) for message in examples]
        features = stack_features(examples, self._config["views"])
        return self._keep(train_balanced(features, scopes, float(self._config["strength"])))

    def process(self, messages: list[Message]) -> list[Message]:
        """Set SCOPE_MARGINS, in the order of SCOPES."""
        assert self._model is not None
        for message, row in zip(messages, align(self._scores(messages), self._model.classes, SCOPES), strict=True):
            message.set(SCOPE_MARGINS, row)
        return messages


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class FacetClassifier(_LinearClassifier):
    """Tells the facets that a message asks for, whatever its item: data for one item teaches all."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the views of n-grams and the strength of the SVMs."""
        return {"views": ["phrases", "ending"], "strength": 0.5}

    @classmethod
    def required_components(cls) -> list[type]:
        """The n-grams and the encoder."""
        return [NgramFeaturizer, EncoderFeaturizer]

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from every example that has facets."""
        examples = [m for m in training_data.training_examples if _facets(m) and m.features]
        features = stack_features(examples, self._config["views"])
        labels = [_facets(message) for message in examples]
        return self._keep(train_labels(features, labels, FACET_NAMES, float(self._config["strength"])))

    def process(self, messages: list[Message]) -> list[Message]:
        """Set FACET_SCORES, in the order of FACET_NAMES."""
        for message, words in zip(messages, self._scores(messages), strict=True):
            reading = message.get(READING)
            encoder = align(reading.facets[None], reading.encoder.facets, FACET_NAMES)[0]
            message.set(FACET_SCORES, (words, encoder))
        return messages


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ApplicantClassifier(_LinearClassifier):
    """Tells who is asking, where it is clear: by its own margin, or by a word of applicants.yml that it can confirm.

    The words alone are right in half of the messages: 企业 stands in the names of insurances as well.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the views of n-grams, the strength of the SVMs, and the margins from which an applicant is named
        without a word for it, and with one."""
        return {"views": ["whole"], "strength": 0.3, "threshold": 0.2, "confirmed": -0.2}

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the questions on items, those of unknown applicants too, by authors who marked any: who marked
        none teaches nothing, or "我是灵活就业的" would count as said by nobody."""
        questions = [m for m in training_data.training_examples if _labels(m).get("items") and m.features]
        marking = {_labels(m)["author"] for m in questions if _labels(m).get("applicant")}
        examples = [m for m in questions if _labels(m)["author"] in marking]
        features = stack_features(examples, self._config["views"])
        applicants = [_labels(message).get("applicant") or "" for message in examples]
        return self._keep(train_classes(features, applicants, float(self._config["strength"])))

    def process(self, messages: list[Message]) -> list[Message]:
        """Set APPLICANT, None where it is not clear."""
        assert self._model is not None
        for message, row in zip(messages, self._scores(messages), strict=True):
            margins = dict(zip(self._model.classes, row.tolist(), strict=True))
            best = max(margins, key=lambda name: margins[name])
            named = find_applicant(message.get(NORMAL) or "")
            if margins[best] >= float(self._config["threshold"]):
                message.set(APPLICANT, best or None)
            elif named and margins.get(named, 0.0) >= float(self._config["confirmed"]):
                message.set(APPLICANT, named)
        return messages


def _scope(intent: str) -> str:
    prefix = intent.split("_", maxsplit=1)[0]
    return prefix if prefix in SCOPES else "item"


def _labels(message: Message) -> Mapping[str, Any]:
    return (message.get("metadata") or {}).get("example") or {}


def _facets(message: Message) -> Sequence[str]:
    return _labels(message).get("facets") or ()
