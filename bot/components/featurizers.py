"""Features of messages for Rasa: character n-grams, and what the tuned encoder says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.message import asks_why
from bot.components.storage import load_arrays, save_arrays
from bot.components.tokenizer import NORMAL, PARTS, GuideTokenizer
from bot.settings import load_settings
from bot.understanding.arrays import Floats
from bot.understanding.encoder import ENCODER_FILE, Encoder, digest_of
from bot.understanding.features import Ngrams, view
from bot.understanding.readings import Readings, read_by

READING = "reading"
"""Message attribute: what the encoder says (EncoderReading)."""

FAMILIARITY = "familiarity"
"""Message attribute: which share of its n-grams was ever seen, by the first featurizer that sees all of it."""


TERMS = "terms"
"""Message attribute, with the view's name behind it: the n-grams of the columns, where the message asks why."""


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
        texts = [self._see(_normal(message)) for message in training_data.training_examples]
        lengths = (int(self._config["shortest"]), int(self._config["longest"]))
        self._ngrams = Ngrams.fit(texts, lengths, int(self._config["min_count"]))
        arrays = {"terms": np.array(self._ngrams.terms), "idf": self._ngrams.idf}
        save_arrays(self._storage, self._resource, arrays)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Hang the features on the examples, of each as it stands."""
        assert self._ngrams is not None
        examples = training_data.training_examples
        self._hang(examples, self._ngrams.transform([self._see(_normal(example)) for example in examples]))
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Hang the features on the messages, of each the mean of its readings."""
        assert self._ngrams is not None
        several = Readings.of([_normal(message) for message in messages])
        self._hang(messages, several.mean(self._ngrams.transform([self._see(text) for text in several.texts])))
        return messages

    def _hang(self, messages: list[Message], rows: sp.csr_matrix) -> None:
        assert self._ngrams is not None
        for index, message in enumerate(messages):
            if not self._config["ending"] and message.get(FAMILIARITY) is None:
                message.set(FAMILIARITY, self._ngrams.familiarity(_normal(message)))
            if not self._config["ending"] and message.get(PARTS):
                message.set(f"{PARTS}_{self._config['view']}", self._ngrams.transform(message.get(PARTS)))
            if asks_why(message):
                message.set(f"{TERMS}_{self._config['view']}", np.array(self._ngrams.terms))
            # A single message, as the service has it, is all rows: cutting one out takes as long as counting did.
            row = rows if len(messages) == 1 else rows[index]
            message.add_features(Features(row, FEATURE_TYPE_SENTENCE, TEXT, self._config["view"]))

    def _see(self, text: str) -> str:
        return view(text, int(self._config["ending"]))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class EncoderFeaturizer(GraphComponent):
    """What the tuned encoder says of a message. It was tuned beforehand, so training reads no example with it."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the digest of the encoder's file, so that another one changes the fingerprint of what hangs on it."""
        path = encoder_path()
        return {"encoder": digest_of(path) if path.exists() else None}

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
    ) -> EncoderFeaturizer:
        """Read the encoder. Raises EncoderError where there is none."""
        return cls(Encoder.load(encoder_path()))

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Change nothing: the classifiers learn from words alone and are fused with the encoder afterwards."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Set READING on the messages, the mean of each one's readings."""
        reading = read_by(self._encoder, [_normal(message) for message in messages])
        for row, message in enumerate(messages):
            message.set(READING, EncoderReading(self._encoder, reading.intents[row], reading.facets[row]))
        return messages


@dataclass(frozen=True)
class EncoderReading:
    """The encoder's logits for one message, and the encoder that names their columns."""

    encoder: Encoder
    intents: Floats
    facets: Floats


def _normal(message: Message) -> str:
    return message.get(NORMAL) or ""


def encoder_path() -> Path:
    """Return where the encoder lies."""
    return load_settings().nlu_data / ENCODER_FILE
