"""From scores to what is probably the case: what words and encoder say, fused and weighed by calibrated regressions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.query import FACET_NAMES
from bot.understanding.arrays import Floats
from bot.understanding.places import names_elsewhere

CALIBRATION_FILE = "calibration.json"

SCOPES = ("item", "oos", "chitchat", "handoff", "clarify", "followup")
"""What kind of message it is: a question on an item, or one of the scope classes."""

OUTCOMES = ("right", "other_item", "oos", "chitchat", "handoff", "clarify", "followup")
"""What may be the case: the first item is right, another is, or none is asked for."""

SHARPNESS = 6.0
"""Scale of the SVMs' margins in the soft maximum, where they meet the encoder's logits on equal terms."""


ELSEWHERE = "oos_other_city"
"""The class of what is asked of another place's office."""

_NOTHING = -20.0
"""The log share of what cannot be."""


@dataclass(frozen=True)
class Scores:
    """What is said of one message: margins of words and logits of the encoder for the classes (the items and the
    finer scope classes) and for the facets, fused log shares of the classes, and margins of the six scopes."""

    words: Floats
    encoder: Floats
    fused: Floats
    scopes: Floats
    facet_words: Floats
    facet_encoder: Floats


def fuse(words: Floats, encoder: Floats, weight: float) -> Floats:
    """Return the log shares of the classes, one row a message: the encoder counts by *weight*, words by the rest."""
    return log_shares((1 - weight) * log_shares(SHARPNESS * words) + weight * log_shares(encoder))


def log_shares(scores: Floats) -> Floats:
    """Return the logarithm of the soft maximum along the last axis."""
    shifted = scores - scores.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def align(rows: Floats, found: Sequence[str], wanted: Sequence[str]) -> Floats:
    """Put the columns of *found* where *wanted* has them; what is wanted and not found is as unlikely as can be.

    The encoder may have been tuned before a class came, and in cross-validation nobody but the author left out may
    have written for one.
    """
    columns = _columns_of(tuple(found), tuple(wanted))
    aligned = np.full((len(rows), len(wanted)), rows.min(initial=0.0) - 1, dtype=np.float64)
    aligned[:, columns >= 0] = rows[:, columns[columns >= 0]]
    return aligned


def rule_out_elsewhere(rows: Floats, names: Sequence[str], forms: Sequence[str]) -> Floats:
    """Return the scores of messages in normal form with ELSEWHERE as unlikely as can be where they name no other place.

    *rows* has one row a message, or several tables of such rows.

    Nearly all who ask for an office's address or telephone say which town's, for they are examples of what our guide
    does not say; so whoever asks for ours must not be taken for one of them (decision 27).
    """
    here = [not names_elsewhere(form) for form in forms]
    if ELSEWHERE not in names or not any(here):
        return rows
    ruled = rows.copy()
    ruled[..., here, list(names).index(ELSEWHERE)] = rows[..., here, :].min(axis=-1) - 1
    return ruled


@lru_cache(maxsize=16)
def _columns_of(found: tuple[str, ...], wanted: tuple[str, ...]) -> NDArray[np.intp]:
    """Return where each of *wanted* stands among *found*, -1 where it does not: the same few lists at every message."""
    column = {name: number for number, name in enumerate(found)}
    return np.array([column.get(name, -1) for name in wanted], dtype=np.intp)


class Layout:
    """Which columns of the classes are items, and which belong to each scope."""

    def __init__(self, classes: Sequence[str]) -> None:
        prefixes = [name.split("_")[0] for name in classes]
        self.names = tuple(classes)
        self.items = np.array([i for i, prefix in enumerate(prefixes) if prefix not in SCOPES[1:]])
        self.of_scope = {
            scope: np.array([i for i, prefix in enumerate(prefixes) if prefix == scope], dtype=int)
            for scope in SCOPES[1:]
        }

    def best_item(self, fused: Floats) -> str:
        """Return the item with the largest share."""
        return self.names[int(self.items[fused[self.items].argmax()])]


def describe(scores: Scores, layout: Layout) -> Floats:
    """Return the features of the decision: how far ahead the best item is, how strong each scope, who agrees."""
    items = scores.fused[layout.items]
    order = np.argsort(-items, kind="stable")
    first, second, third = np.pad(items[order[:3]], (0, max(0, 3 - len(order))), constant_values=_NOTHING)
    families = [_total(scores.fused[columns]) for columns in layout.of_scope.values()]
    best = layout.items[order[0]]
    return np.array(
        [
            first,
            second,
            third,
            first - second,
            second - third,
            _total(items),
            *families,
            *scores.scopes,
            _lead(scores.words, layout.items, best),
            _lead(scores.encoder, layout.items, best),
            scores.words[best],
        ]
    )


def _total(log_scores: Floats) -> float:
    """Return the logarithm of the sum of the shares."""
    return float(np.logaddexp.reduce(log_scores)) if log_scores.size else _NOTHING


def _lead(scores: Floats, items: Floats, best: int) -> float:
    """Return how far *best* is ahead of the best other item in one source's own scores."""
    others = items[items != best]
    return float(scores[best] - scores[others].max()) if others.size else -_NOTHING


@dataclass(frozen=True)
class Calibration:
    """Regressions fitted on messages of authors left out of training.

    From the features of a message to OUTCOMES; from what words and encoder say of a facet (the two rows of
    *facet_weights*) to it, which is asked for from *facet_threshold* on; and from the evidence for a pair of items to
    whether both are asked about.
    """

    weights: Floats
    bias: Floats
    facet_weights: Floats
    facet_bias: Floats
    facet_threshold: float
    pair_weights: Floats
    pair_bias: float

    def probabilities(self, features: Floats) -> dict[str, float]:
        """Return the probability of each outcome."""
        scores = features @ self.weights + self.bias
        powers = np.exp(scores - scores.max())
        return dict(zip(OUTCOMES, (powers / powers.sum()).tolist(), strict=True))

    def facets(self, scores: Scores) -> dict[str, float]:
        """Return the probability that each facet is asked for."""
        words, encoder = self.facet_weights
        sums = scores.facet_words * words + scores.facet_encoder * encoder + self.facet_bias
        return dict(zip(FACET_NAMES, (1 / (1 + np.exp(-sums))).tolist(), strict=True))

    def asks_both(self, features: Floats) -> float:
        """Return the probability that a message asks about both items of a pair (bot.understanding.parts)."""
        return float(1 / (1 + np.exp(-(features @ self.pair_weights + self.pair_bias))))

    @classmethod
    def load(cls, path: Path) -> Calibration:
        """Read what save wrote."""
        data = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            weights=np.array(data["weights"]),
            bias=np.array(data["bias"]),
            facet_weights=np.array(data["facet_weights"]),
            facet_bias=np.array(data["facet_bias"]),
            facet_threshold=float(data["facet_threshold"]),
            pair_weights=np.array(data["pair_weights"]),
            pair_bias=float(data["pair_bias"]),
        )

    def save(self, path: Path, about: Mapping[str, object]) -> None:
        """Write the regressions with what is to be known *about* their making."""
        data = {
            "about": about,
            "outcomes": list(OUTCOMES),
            "weights": np.round(self.weights, 4).tolist(),
            "bias": np.round(self.bias, 4).tolist(),
            "facets": list(FACET_NAMES),
            "facet_weights": np.round(self.facet_weights, 4).tolist(),
            "facet_bias": np.round(self.facet_bias, 4).tolist(),
            "facet_threshold": round(self.facet_threshold, 3),
            "pair_weights": np.round(self.pair_weights, 4).tolist(),
            "pair_bias": round(self.pair_bias, 4),
        }
        path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
