"""Sentence features for Rasa: character n-grams (sparse) and the universal sentence encoder (dense)."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.storage import load_arrays, save_arrays
from bot.components.tokenizer import NORMAL, GuideTokenizer
from bot.settings import load_settings
from bot.understanding.arrays import Floats
from bot.understanding.features import Ngrams, SentenceEncoder, view

VECTOR = "vector"
"""Name under which the sentence vector hangs on a message; n-grams hang under the *view* of their configuration."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class NgramFeaturizer(GraphComponent):
    """TF-IDF of character n-grams of the normalised message."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the name of the view, how many characters of the message's end it sees (0: all), the shortest and
        longest n-gram, and in how many messages one must stand to count."""
        return {"view": "whole", "ending": 0, "shortest": 1, "longest": 2, "min_count": 2}

    @classmethod
    def required_components(cls) -> list[type]:
        """The tokenizer makes the normal form."""
        return [GuideTokenizer]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> NgramFeaturizer:
        """Make an untrained featurizer."""
        return cls(config, model_storage, resource, None)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> NgramFeaturizer:
        """Make the featurizer that was trained."""
        arrays = load_arrays(model_storage, resource)
        lengths = (int(config["shortest"]), int(config["longest"]))
        return cls(config, model_storage, resource, Ngrams(lengths, arrays["terms"].tolist(), arrays["idf"]))

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, ngrams: Ngrams | None
    ) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._ngrams = ngrams

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the n-grams of all examples."""
        texts = [self._seen(message) for message in training_data.training_examples]
        lengths = (int(self._config["shortest"]), int(self._config["longest"]))
        self._ngrams = Ngrams.fit(texts, lengths, int(self._config["min_count"]))
        arrays = {"terms": np.array(self._ngrams.terms), "idf": self._ngrams.idf}
        save_arrays(self._storage, self._resource, arrays)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Hang the features on the examples."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Hang the features on the messages."""
        assert self._ngrams is not None
        rows = self._ngrams.transform([self._seen(message) for message in messages])
        for index, message in enumerate(messages):
            message.add_features(Features(rows[index], FEATURE_TYPE_SENTENCE, TEXT, self._config["view"]))
        return messages

    def _seen(self, message: Message) -> str:
        return view(message.get(NORMAL) or "", int(self._config["ending"]))


def _report(done: int, of: int) -> None:
    print(f"train: sentence vectors {done} of {of}", file=sys.stderr, flush=True)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceVectorFeaturizer(GraphComponent):
    """Vectors of the universal sentence encoder; at training each text is encoded once in its life."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return nothing: there is nothing to set."""
        return {}

    @classmethod
    def required_components(cls) -> list[type]:
        """The tokenizer makes the normal form."""
        return [GuideTokenizer]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceVectorFeaturizer:
        """Make the featurizer; the encoder's weights come with its package."""
        return cls(SentenceEncoder(load_settings().vector_cache / "messages.npz"))

    def __init__(self, encoder: SentenceEncoder) -> None:
        self._encoder = encoder

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Hang the features on the examples."""
        texts = [message.get(NORMAL) or "" for message in training_data.training_examples]
        self._hang(training_data.training_examples, self._encoder.encode_known(texts, _report))
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Hang the features on the messages."""
        return self._hang(messages, self._encoder.encode([message.get(NORMAL) or "" for message in messages]))

    @staticmethod
    def _hang(messages: list[Message], vectors: Floats) -> list[Message]:
        for message, vector in zip(messages, vectors, strict=True):
            message.add_features(Features(vector.reshape(1, -1), FEATURE_TYPE_SENTENCE, TEXT, VECTOR))
        return messages
