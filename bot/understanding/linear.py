"""Linear classifiers over sparse and dense features: trained by scikit-learn, kept and run as plain arrays."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from sklearn.svm import LinearSVC

from bot.understanding.arrays import Floats

SEED = 20
TOLERANCE = 1e-3


@dataclass(frozen=True)
class LinearModel:
    """One row of weights a class, for the sparse and the dense block of features; scores are margins."""

    classes: tuple[str, ...]
    sparse_weights: Floats
    dense_weights: Floats
    bias: Floats

    def scores(self, sparse: sp.csr_matrix, dense: Floats) -> Floats:
        """Return the margins, one row a message, one column a class."""
        return np.asarray(np.asarray(sparse @ self.sparse_weights) + dense @ self.dense_weights + self.bias)

    def arrays(self) -> dict[str, Floats]:
        """Return the state for storage."""
        return {
            "classes": np.array(self.classes),
            "sparse_weights": self.sparse_weights,
            "dense_weights": self.dense_weights,
            "bias": self.bias,
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, Floats]) -> LinearModel:
        """Inverse of arrays."""
        classes = tuple(str(name) for name in arrays["classes"])
        return cls(classes, arrays["sparse_weights"], arrays["dense_weights"], arrays["bias"])


def train_classes(sparse: sp.csr_matrix, dense: Floats, labels: Sequence[str], strength: float) -> LinearModel:
    """Train one class against the rest on two views, words alone and words with vectors, and average them.

    The two views err in different places: together they are better than either (docs/understanding.md).
    """
    names = sorted(set(labels))
    targets = [np.array([label == name for label in labels]) for name in names]
    both = sp.hstack([sparse, sp.csr_matrix(dense)]).tocsr()
    alone, joint = _train_binary(sparse, targets, strength), _train_binary(both, targets, strength)
    width = sparse.shape[1]
    weights = joint / 2
    weights[:, :width] += alone[:, :width] / 2
    weights[:, -1] += alone[:, -1] / 2
    return _as_model(names, weights, width)


def train_labels(
    sparse: sp.csr_matrix, dense: Floats, labels: Sequence[Sequence[str]], names: Sequence[str], strength: float
) -> LinearModel:
    """Train a yes-or-no classifier for each of *names*; a message may carry several."""
    both = sp.hstack([sparse, sp.csr_matrix(dense)]).tocsr()
    targets = [np.array([name in given for given in labels]) for name in names]
    return _as_model(names, _train_binary(both, targets, strength), sparse.shape[1])


def _train_binary(features: sp.csr_matrix, targets: Sequence[Floats], strength: float) -> Floats:
    """Return one row of weights a target, its bias last. Each is a training of its own, so cores do not matter."""

    def fit(target: Floats) -> Floats:
        model = LinearSVC(C=strength, random_state=SEED, tol=TOLERANCE).fit(features, target)
        return np.append(model.coef_[0], model.intercept_[0]).astype(np.float32)

    # liblinear releases the interpreter's lock while it works.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return np.stack(list(pool.map(fit, targets)))


def _as_model(names: Sequence[str], weights: Floats, width: int) -> LinearModel:
    return LinearModel(
        classes=tuple(names),
        sparse_weights=np.ascontiguousarray(weights[:, :width].T),
        dense_weights=np.ascontiguousarray(weights[:, width:-1].T),
        bias=weights[:, -1].copy(),
    )


def softmax(scores: Floats, sharpness: float) -> Floats:
    """Turn margins into probabilities; *sharpness* is fitted so that they are true (docs/understanding.md)."""
    scaled = scores * sharpness
    scaled -= scaled.max(axis=1, keepdims=True)
    powers = np.exp(scaled)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
