"""The encoder as a TensorFlow graph: the same sums as bot.understanding.encoder, with gradients and dropout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from bot.tuning.pretrained import Pretrained
from bot.understanding.arrays import Floats
from bot.understanding.encoder import BRANCH_SIZE, BRANCHES, HEAD_WEIGHTS

INPUT_DROPOUT = 0.1
HEAD_DROPOUT = 0.3


class Network:
    """Variables and forward pass. Pieces are numbered from 1 here, 0 fills a batch up."""

    def __init__(self, pretrained: Pretrained, intents: int, facets: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        size = pretrained.weights["p3"].shape[1]
        pooled = len(BRANCHES) * BRANCH_SIZE
        start: Mapping[str, Floats] = {
            **pretrained.weights,
            "head_W": rng.normal(0, 0.05, (size, intents)),
            "head_b": np.zeros(intents),
            "fac_W": rng.normal(0, 0.03, (size + pooled, facets)),
            "fac_b": np.full(facets, -2.0),
        }
        empty = np.zeros((1, pretrained.table.shape[1]), dtype=np.float32)
        self.table = tf.Variable(np.vstack([empty, pretrained.table]), name="table")
        self._weights = {name: tf.Variable(value.astype(np.float32), name=name) for name, value in start.items()}

    @property
    def body(self) -> list[tf.Variable]:
        """The weights that were pretrained."""
        return [variable for name, variable in self._weights.items() if name not in HEAD_WEIGHTS]

    @property
    def heads(self) -> list[tf.Variable]:
        """The weights that start from nothing."""
        return [self._weights[name] for name in HEAD_WEIGHTS]

    def arrays(self) -> dict[str, Floats]:
        """Return what was learned, as bot.understanding.encoder wants it."""
        return {"table": self.table.numpy()[1:], **{name: v.numpy() for name, v in self._weights.items()}}

    def forward(self, pieces: Any, training: bool) -> tuple[Any, Any]:
        """Return the logits of intents and facets for a batch of pieces, one row a message, filled up with 0."""
        w = self._weights
        mask = tf.cast(pieces > 0, tf.float32)[..., None]
        embedded = tf.gather(self.table, pieces)
        if training:
            embedded = tf.nn.dropout(embedded, INPUT_DROPOUT)
        inner = _normalise(embedded @ w["proj_W"] + w["proj_b"], w["ln_g_all"], w["ln_b_all"])
        found = [embedded]
        for number, width in enumerate(BRANCHES):
            x = inner[..., number * BRANCH_SIZE : (number + 1) * BRANCH_SIZE] * mask
            h = (tf.nn.relu(self._convolve(x, "1", width)) + x) * mask
            found.append(tf.nn.relu(self._convolve(h, "2", width)) + h)
        features = _normalise(tf.concat(found, -1), w["ln_g"], w["ln_b"])
        strongest = tf.reduce_max(features[..., embedded.shape[-1] :] + (mask - 1) * 1e4, 1)
        count = tf.reduce_sum(mask, 1)
        mean = (tf.reduce_sum(features * mask, 1) @ w["cnn_W"] + count * w["cnn_b"]) * tf.math.rsqrt(count)
        if training:
            mean = tf.nn.dropout(mean, INPUT_DROPOUT)
        first = tf.nn.relu(mean @ w["d0"])
        second = tf.nn.relu(mean @ w["p1"] + first @ w["d1"])
        third = tf.nn.relu(second @ w["d2"])
        vector = tf.tanh(second @ w["p3"] + third @ w["d3"])
        if training:
            vector, strongest = tf.nn.dropout(vector, HEAD_DROPOUT), tf.nn.dropout(strongest, HEAD_DROPOUT)
        facets = tf.concat([vector, strongest], -1) @ w["fac_W"] + w["fac_b"]
        return vector @ w["head_W"] + w["head_b"], facets

    def _convolve(self, x: Any, layer: str, width: int) -> Any:
        kernel = tf.reshape(self._weights[f"w{layer}_{width}"], (width, BRANCH_SIZE, BRANCH_SIZE))
        return tf.nn.conv1d(x, kernel, 1, "SAME") + self._weights[f"b{layer}_{width}"]


def _normalise(x: Any, gain: Any, bias: Any) -> Any:
    x = x - tf.reduce_mean(x, -1, keepdims=True)
    return x * tf.math.rsqrt(tf.reduce_mean(x * x, -1, keepdims=True) + 1e-12) * gain + bias
