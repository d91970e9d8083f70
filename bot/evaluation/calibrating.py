"""Fitting the regressions of the decision and of the facets on messages whose authors nobody had read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bot.evaluation.cross import CrossValidation, Held, scope_of
from bot.query import FACET_NAMES
from bot.understanding.arrays import Floats
from bot.understanding.decide import choose_facets
from bot.understanding.evidence import OUTCOMES, Calibration, Layout, describe
from bot.understanding.linear import SEED
from bot.understanding.parts import find_pair

STRENGTH = 10.0
THRESHOLDS = np.arange(0.2, 0.7, 0.02)


def fit_calibration(validation: CrossValidation, without_fold: int | None = None) -> Calibration:
    """Fit the regressions on held-out scores, leaving one fold out where it is to be judged itself; where only that one
    was held out, it judges itself: a few dozen weights cannot know sixteen thousand messages by heart.

    A fold is some authors, and what these did not write would count as rare: each message weighs as much as makes its
    scope as frequent as it is among all authors' messages."""
    chosen = [held for held in validation.held if held.fold != without_fold] or list(validation.held)
    features = np.stack([describe(held.scores, validation.layout) for held in chosen])
    outcomes = np.array([OUTCOMES.index(outcome(held, validation.layout)) for held in chosen])
    weights, bias = _regress(features, outcomes, _weights(chosen, validation.counts))
    faceted = [held for held in chosen if held.message.facets]
    words = np.stack([held.scores.facet_words for held in faceted])
    encoder = np.stack([held.scores.facet_encoder for held in faceted])
    wanted = np.array([[name in held.message.facets for name in FACET_NAMES] for held in faceted])
    columns = [
        _regress(np.stack([words[:, number], encoder[:, number]], axis=1), wanted[:, number])
        for number in range(len(FACET_NAMES))
    ]
    facet_weights = np.hstack([column for column, _ in columns])
    facet_bias = np.concatenate([constant for _, constant in columns])
    likely = 1 / (1 + np.exp(-(words * facet_weights[0] + encoder * facet_weights[1] + facet_bias)))
    threshold = _threshold(likely, faceted)
    return Calibration(weights, bias, facet_weights, facet_bias, threshold, *_fit_pairs(chosen, validation.layout))


def _fit_pairs(chosen: Sequence[Held], layout: Layout) -> tuple[Floats, float]:
    """Fit whether both items of a pair are asked about: messages that do, with the right pair, against all others."""
    features, both = [], []
    for held in chosen:
        pair = find_pair(held.message.text, held.scores.words, held.parts, layout.items.tolist())
        if pair is not None:
            names = {layout.names[pair.first], layout.names[pair.second]}
            features.append(pair.features)
            both.append(held.message.is_double and names == set(held.message.items))
    weights, bias = _regress(np.stack(features), np.array(both))
    return weights[:, 0], float(bias[0])


def outcome(held: Held, layout: Layout) -> str:
    """Return which of OUTCOMES is the case."""
    if held.message.scope is not None:
        return held.message.scope
    return "right" if layout.best_item(held.scores.fused) in held.message.items else "other_item"


def _weights(chosen: Sequence[Held], counts: Mapping[str, int]) -> Floats:
    """Return what each message weighs, so that scopes are as frequent as in *counts*; 1 in the mean."""
    scopes = [scope_of(held.message) for held in chosen]
    here = Counter(scopes)
    everywhere = sum(counts[scope] for scope in here)
    return np.array([counts[scope] / everywhere / (here[scope] / len(scopes)) for scope in scopes])


def _regress(features: Floats, target: NDArray[np.generic], weights: Floats | None = None) -> tuple[Floats, Floats]:
    """Return weights, a column a class (one in all where there are two), and bias, for features as they are."""
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    model = LogisticRegression(C=STRENGTH, max_iter=2000, random_state=SEED)
    model.fit((features - mean) / spread, target, weights)
    columns = (model.coef_ / spread).T
    return columns, model.intercept_ - mean @ columns


def _threshold(likely: Floats, faceted: Sequence[Held]) -> float:
    """Return the probability from which on facets are best taken as asked for: the largest mean of the authors' F1.

    Each author counts alike: one who asks several things at once in every message would else pull it down for all.
    """
    by_author: dict[str, list[int]] = defaultdict(list)
    for i, held in enumerate(faceted):
        if held.message.scope is None:
            by_author[held.message.author].append(i)

    def mean_f1(threshold: float) -> float:
        return float(np.mean([_f1(threshold, likely, faceted, rows) for rows in by_author.values()]))

    return float(max(THRESHOLDS, key=mean_f1))


def _f1(threshold: float, likely: Floats, faceted: Sequence[Held], rows: Sequence[int]) -> float:
    hit = total = 0
    for i in rows:
        got = set(choose_facets(dict(zip(FACET_NAMES, likely[i], strict=True)), threshold))
        wanted = set(faceted[i].message.facets)
        hit += len(got & wanted)
        total += len(got) + len(wanted)
    return 2 * hit / total
