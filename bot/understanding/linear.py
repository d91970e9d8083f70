"""Linear classifiers over sparse and dense features: trained by scikit-learn, kept and run as plain arrays."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from sklearn.svm import LinearSVC

from bot.understanding.arrays import Floats

SEED = 20
TOLERANCE = 1e-2
THREADS = 2
"""liblinear releases the interpreter's lock. The split is fixed, so that the cores of a machine change no weight."""


@dataclass(frozen=True)
class LinearModel:
    """One column of weights a class, for the sparse and the dense block of features; scores are margins."""

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


@dataclass(frozen=True)
class Training:
    """The features of all examples, ready for several trainings: *joint* are words and main axes of the vectors."""

    sparse: sp.csr_matrix
    joint: sp.csr_matrix
    mean: Floats
    axes: Floats

    @classmethod
    def prepare(cls, sparse: sp.csr_matrix, dense: Floats, axes: int) -> Training:
        """Project the vectors onto their *axes* main axes: it costs nothing in accuracy and a quarter of the time."""
        mean = dense.mean(axis=0)
        centred = dense - mean
        _, vectors = np.linalg.eigh((centred.T @ centred).astype(np.float64))
        main = vectors[:, ::-1][:, :axes]
        main = (main * np.sign(main[np.abs(main).argmax(axis=0), range(main.shape[1])])).astype(np.float32)
        return cls(sparse, sp.hstack([sparse, sp.csr_matrix(centred @ main)]).tocsr(), mean, main)

    def classes(self, labels: Sequence[str], strength: float) -> LinearModel:
        """Train one class against the rest on two views, words alone and words with vectors, and average them.

        The two views err in different places: together they are better than either (docs/understanding.md).
        """
        names = sorted(set(labels))
        index = {name: i for i, name in enumerate(names)}
        target = np.array([index[label] for label in labels])
        alone = _one_against_rest(self.sparse, target, strength)
        joint = _one_against_rest(self.joint, target, strength)
        width = self.sparse.shape[1]
        joint[:, :width] += alone[:, :width]
        joint[:, -1] += alone[:, -1]
        return self._model(names, joint / 2)

    def balanced(self, labels: Sequence[str], strength: float) -> LinearModel:
        """Train a few classes of very different size, each with the same weight in all."""
        names = sorted(set(labels))
        index = {name: i for i, name in enumerate(names)}
        target = np.array([index[label] for label in labels])
        return self._model(names, _one_against_rest(self.joint, target, strength, class_weight="balanced"))

    def labels(self, given: Sequence[Sequence[str]], names: Sequence[str], strength: float) -> LinearModel:
        """Train a yes-or-no classifier for each of *names*; a message may carry several."""

        def fit(name: str) -> Floats:
            target = np.array([name in labels for labels in given])
            model = LinearSVC(C=strength, random_state=SEED, tol=TOLERANCE).fit(self.joint, target)
            return np.append(model.coef_[0], model.intercept_[0])

        with ThreadPoolExecutor(THREADS) as pool:
            return self._model(names, np.stack(list(pool.map(fit, names))))

    def select(self, rows: Sequence[int]) -> Training:
        """Return the features of some of the examples."""
        return Training(self.sparse[rows], self.joint[rows], self.mean, self.axes)

    def _model(self, names: Sequence[str], weights: Floats) -> LinearModel:
        """Fold the projection into the weights: at run time the vector itself is multiplied."""
        width = self.sparse.shape[1]
        dense = self.axes @ weights[:, width:-1].T
        return LinearModel(
            classes=tuple(names),
            sparse_weights=np.ascontiguousarray(weights[:, :width].T, dtype=np.float32),
            dense_weights=dense.astype(np.float32),
            bias=(weights[:, -1] - self.mean @ dense).astype(np.float32),
        )


def _one_against_rest(features: sp.csr_matrix, target: Floats, strength: float, **options: str) -> Floats:
    """Return one row of weights a class, its bias last; classes are dealt to threads in fixed groups."""
    count = int(target.max()) + 1
    if count <= THREADS * 4 or options:
        model = LinearSVC(C=strength, random_state=SEED, tol=TOLERANCE, **options).fit(features, target)
        return np.hstack([model.coef_, model.intercept_[:, None]])

    def fit(group: range) -> Floats:
        inside = (target >= group.start) & (target < group.stop)
        model = LinearSVC(C=strength, random_state=SEED, tol=TOLERANCE).fit(features, np.where(inside, target, -1))
        rows = model.classes_ >= 0
        return np.hstack([model.coef_[rows], model.intercept_[rows, None]])

    middle = count // THREADS
    with ThreadPoolExecutor(THREADS) as pool:
        return np.vstack(list(pool.map(fit, (range(middle), range(middle, count)))))
