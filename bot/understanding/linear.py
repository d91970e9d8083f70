"""Linear classifiers over n-grams: trained by scikit-learn, kept and run as plain arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.svm import LinearSVC

from bot.understanding.arrays import Floats

SEED = 20
TOLERANCE = 1e-2


@dataclass(frozen=True)
class LinearModel:
    """One column of weights a class; scores are margins."""

    classes: tuple[str, ...]
    weights: Floats
    bias: Floats

    def scores(self, features: sp.csr_matrix) -> Floats:
        """Return the margins, one row a message, one column a class."""
        if features.shape[0] == 1:
            # One message knows a hundred terms: their rows alone, added up, take a third of scipy's time.
            margins: Floats = features.data @ self.weights[features.indices] + self.bias
            return margins[None]
        return np.asarray(features @ self.weights) + self.bias

    def arrays(self) -> dict[str, Floats]:
        """Return the state for storage."""
        return {"classes": np.array(self.classes), "weights": self.weights, "bias": self.bias}

    @classmethod
    def from_arrays(cls, arrays: dict[str, Floats]) -> LinearModel:
        """Inverse of arrays."""
        return cls(tuple(str(name) for name in arrays["classes"]), arrays["weights"], arrays["bias"])


def train_classes(features: sp.csr_matrix, labels: Sequence[str], strength: float) -> LinearModel:
    """Train each class against the rest.

    One after the other: liblinear draws from one stream of random numbers for the whole process, so that with two
    threads each training would come out a little different.
    """
    names, target = _numbered(labels)
    return _model(names, _fit(features, target, strength))


def train_balanced(features: sp.csr_matrix, labels: Sequence[str], strength: float) -> LinearModel:
    """Train a few classes of very different size, each with the same weight in all."""
    names, target = _numbered(labels)
    return _model(names, _fit(features, target, strength, "balanced"))


def train_labels(
    features: sp.csr_matrix, given: Sequence[Sequence[str]], names: Sequence[str], strength: float
) -> LinearModel:
    """Train a yes-or-no classifier for each of *names*; a message may carry several."""

    def fit(name: str) -> Floats:
        return np.asarray(_fit(features, np.array([name in labels for labels in given]), strength)[0])

    return _model(names, np.stack([fit(name) for name in names]))


def _fit(features: sp.csr_matrix, target: NDArray[np.generic], strength: float, weight: str | None = None) -> Floats:
    """Return one row of weights a class (one row in all where there are two), its bias last."""
    model = LinearSVC(C=strength, random_state=SEED, tol=TOLERANCE, class_weight=weight).fit(features, target)
    return np.asarray(np.hstack([model.coef_, model.intercept_[:, None]]))


def _numbered(labels: Sequence[str]) -> tuple[list[str], NDArray[np.intp]]:
    names = sorted(set(labels))
    index = {name: number for number, name in enumerate(names)}
    return names, np.array([index[label] for label in labels])


def _model(names: Sequence[str], rows: Floats) -> LinearModel:
    """Return the model of *rows*, one a class, its bias last."""
    weights = np.ascontiguousarray(rows[:, :-1].T, dtype=np.float32)
    return LinearModel(tuple(names), weights, rows[:, -1].astype(np.float32))
