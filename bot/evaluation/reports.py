"""What cross-validation shows: scores by author, confused pairs, and whether probabilities are true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.evaluation.calibrating import fit_calibration
from bot.evaluation.cross import CrossValidation, Held
from bot.evaluation.scores import Score, score_questions, score_scope
from bot.query import Query
from bot.understanding.decide import Costs, Judge
from bot.understanding.evidence import Layout, describe
from knowledge.vocabulary import load_vocabulary


@dataclass(frozen=True)
class _Judges:
    """A judge a fold, each calibrated on the others."""

    by_fold: dict[int, Judge]

    def judge(self, held: Held) -> Query:
        return self.by_fold[held.fold].judge(held.message.text, held.scores, None, held.parts)


def score_held(validation: CrossValidation) -> Score:
    """Score every message as its author's absence left it: questions by author, then scope classes."""
    judges = _judges(validation)
    judged = [(held.message, judges.judge(held).as_json()) for held in validation.held]
    questions = [(m, p) for m, p in judged if m.scope is None]
    labels = [{"q": m.text, "items": m.items, "facets": m.facets, "kind": m.author} for m, _ in questions]
    first = score_questions(labels, [p for _, p in questions], "cross")
    others = [(m, p) for m, p in judged if m.scope in ("oos", "chitchat", "handoff", "clarify")]
    expected = [{"q": m.text, "expect": m.scope, "items": m.items} for m, _ in others]
    second = score_scope(expected, [p for _, p in others])
    figures = {**first.figures, **second.figures}
    closing = "cross: " + " ".join(f"{key} {value:.4f}" for key, value in figures.items()) + f" n {len(judged)}"
    return Score(first.table + second.table, first.misjudged + second.misjudged, figures, closing)


def confusions(validation: CrossValidation) -> list[tuple[tuple[str, str], int]]:
    """Return (labelled item, item taken first) and how often, most often first."""
    layout = validation.layout
    counts: Counter[tuple[str, str]] = Counter()
    for held in validation.held:
        if held.message.scope is None:
            best = layout.best_item(held.scores.fused)
            if best not in held.message.items:
                counts[held.message.items[0], best] += 1
    return counts.most_common()


def calibration_table(validation: CrossValidation) -> list[tuple[float, float, int]]:
    """Return, for ten bands of the probability that the first item is right: its mean, the truth, how many."""
    layout = validation.layout
    said, true = [], []
    calibrations = {fold: fit_calibration(validation, fold) for fold in {held.fold for held in validation.held}}
    for held in validation.held:
        said.append(calibrations[held.fold].probabilities(describe(held.scores, layout))["right"])
        true.append(held.message.scope is None and _first(held, layout) in held.message.items)
    bands = np.minimum((np.array(said) * 10).astype(int), 9)
    return [
        (float(np.mean(np.array(said)[bands == band])), float(np.mean(np.array(true)[bands == band])), int(count))
        for band in range(10)
        if (count := np.sum(bands == band))
    ]


def draw_reliability(bands: Sequence[tuple[float, float, int]], path: Path) -> None:
    """Draw what was said against what was true, a point a band, as large as the band is full."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 5))
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1)
    most = max(n for _, _, n in bands)
    axes.scatter(
        [said for said, _, _ in bands], [true for _, true, _ in bands], [20 + 180 * n / most for *_, n in bands]
    )
    axes.set(
        xlabel="probability said that the first item is right", ylabel="share in which it was", xlim=(0, 1), ylim=(0, 1)
    )
    figure.savefig(path, dpi=120)


def _first(held: Held, layout: Layout) -> str:
    return layout.best_item(held.scores.fused)


def _judges(validation: CrossValidation) -> _Judges:
    titles = {entry.id: entry.title for entry in load_vocabulary().catalogue}
    costs = Costs.load()
    folds = {held.fold for held in validation.held}
    return _Judges({fold: Judge(validation.layout, fit_calibration(validation, fold), titles, costs) for fold in folds})
