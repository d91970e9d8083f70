"""The encoder as a TensorFlow graph: the same sums as bot.tuning.graph writes for the service, with gradients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from bot.tuning.pretrained import EPSILON, Pretrained
from bot.understanding.arrays import Floats

DROPOUT = 0.1
HEADS = ("intents", "intents_bias", "facets", "facets_bias")
"""The weights that start from nothing. Intents are told from the mean of a message's vectors, facets from its strongest
too: what is asked for is a word or two of a long story."""

_FAR = 1e4


class Network:
    """Variables and forward pass. Pieces are numbered from 1 here, 0 fills a batch up."""

    def __init__(self, pretrained: Pretrained, intents: int, facets: int, longest: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        size = pretrained.shape.size
        start: dict[str, Floats] = {
            **pretrained.weights,
            "place": pretrained.weights["place"][:longest],
            "intents": rng.normal(0, 0.02, (size, intents)),
            "intents_bias": np.zeros(intents),
            "facets": rng.normal(0, 0.02, (2 * size, facets)),
            "facets_bias": np.full(facets, -2.0),
        }
        self._shape = pretrained.shape
        empty = np.zeros((1, size), dtype=np.float32)
        self.table = tf.Variable(np.vstack([empty, pretrained.table]), name="table")
        self._weights = {name: tf.Variable(value.astype(np.float32), name=name) for name, value in start.items()}

    @property
    def body(self) -> list[tf.Variable]:
        """The weights that were pretrained."""
        return [variable for name, variable in self._weights.items() if name not in HEADS]

    @property
    def heads(self) -> list[tf.Variable]:
        """The weights that start from nothing."""
        return [self._weights[name] for name in HEADS]

    def arrays(self) -> dict[str, Floats]:
        """Return what was learned, as bot.tuning.graph wants it."""
        return {"table": self.table.numpy()[1:], **{name: v.numpy() for name, v in self._weights.items()}}

    def go_on_from(self, arrays: Mapping[str, Any], pieces: Sequence[str], names: Sequence[str]) -> None:
        """Take over what arrays() said of another network of this shape: by piece, by weight, by intent.

        *pieces* and *names* are this network's own; what the other did not know keeps what it has.
        """
        table = self.table.numpy()
        for row, known in _shared(pieces, arrays["pieces"]):
            table[row + 1] = arrays["table"][known]
        self.table.assign(table)
        columns = list(_shared(names, arrays["intent_names"]))
        for name, variable in self._weights.items():
            if not name.startswith("intents"):
                variable.assign(arrays[name])
                continue
            value = variable.numpy()
            for column, known in columns:
                value[..., column] = arrays[name][..., known]
            variable.assign(value)

    def forward(self, pieces: Any, training: bool) -> tuple[Any, Any]:
        """Return the logits of intents and facets for a batch of pieces, one row a message, filled up with 0."""
        w = self._weights
        count, length = tf.shape(pieces)[0], tf.shape(pieces)[1]
        mask = tf.cast(pieces > 0, tf.float32)
        hidden = (mask[:, None, None, :] - 1) * _FAR
        x = _normalise(tf.gather(self.table, pieces) + w["place"][:length], w["gain"], w["bias"])
        # One row a piece: TensorFlow multiplies two dimensions much faster than three.
        x = _drop(tf.reshape(x, (-1, self._shape.size)), training)
        for number in range(self._shape.layers):
            x = self._layer(x, f"{number}.", hidden, (count, length), training)
        x = tf.reshape(x, (count, length, self._shape.size))
        mean = tf.reduce_sum(x * mask[..., None], 1) / tf.reduce_sum(mask, 1)[:, None]
        strongest = tf.reduce_max(x + (mask[..., None] - 1) * _FAR, 1)
        mean, strongest = _drop(mean, training), _drop(strongest, training)
        facets = tf.concat([mean, strongest], -1) @ w["facets"] + w["facets_bias"]
        return mean @ w["intents"] + w["intents_bias"], facets

    def _layer(self, x: Any, name: str, hidden: Any, of: tuple[Any, Any], training: bool) -> Any:
        w, shape = self._weights, self._shape
        each = shape.size // shape.heads
        looks = tf.reshape(x @ w[name + "look"] + w[name + "look_bias"], (*of, 3, shape.heads, each))
        asks, answers, says = tf.unstack(tf.transpose(looks, (2, 0, 3, 1, 4)))
        shares = tf.nn.softmax(tf.matmul(asks, answers, transpose_b=True) / float(np.sqrt(each)) + hidden)
        seen = tf.reshape(tf.transpose(tf.matmul(shares, says), (0, 2, 1, 3)), (-1, shape.size))
        seen = _drop(seen @ w[name + "join"] + w[name + "join_bias"], training)
        x = _normalise(x + seen, w[name + "seen_gain"], w[name + "seen_bias"])
        inner = tf.nn.gelu(x @ w[name + "widen"] + w[name + "widen_bias"])
        inner = _drop(inner @ w[name + "narrow"] + w[name + "narrow_bias"], training)
        return _normalise(x + inner, w[name + "out_gain"], w[name + "out_bias"])


def _shared(wanted: Sequence[str], known: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield where each of *wanted* stands there and among *known*, of those in both."""
    place = {name: number for number, name in enumerate(known)}
    return ((number, place[name]) for number, name in enumerate(wanted) if name in place)


def _drop(x: Any, training: bool) -> Any:
    return tf.nn.dropout(x, DROPOUT) if training else x


def _normalise(x: Any, gain: Any, bias: Any) -> Any:
    mean, variance = tf.nn.moments(x, -1, keepdims=True)
    return tf.nn.batch_normalization(x, mean, variance, bias, gain, EPSILON)
