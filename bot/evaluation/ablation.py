"""What each part brings, and what more messages bring: the same cross-validation with a part left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.evaluation.cross import (
    Classifier,
    Held,
    Recipe,
    View,
    Words,
    cross_validate,
    deal_folds,
    load_corpus,
    load_recipe,
)
from bot.evaluation.reports import score_held
from bot.evaluation.scores import Score
from bot.settings import Settings
from bot.understanding.evidence import SHARPNESS, Layout, log_shares
from bot.understanding.linear import SEED
from bot.understanding.messages import LabelledMessage
from bot.understanding.normalise import normalise
from bot.understanding.spelling import normal_form

MESSAGES_AN_ITEM = (8, 16, 32, 64, 128, 256)

Report = Callable[[str], None]


@dataclass(frozen=True)
class Variant:
    """One way to leave a part out or put one in: *change* the recipe, the form of texts, or the scores held."""

    name: str
    recipe: Callable[[Recipe], Recipe] = lambda recipe: recipe
    form: Callable[[str], str] = normal_form
    scores: Callable[[Held], Held] = lambda held: held


def _words_alone(held: Held) -> Held:
    scores = held.scores
    return replace(
        held,
        scores=replace(
            scores,
            encoder=np.zeros_like(scores.encoder),
            fused=log_shares(SHARPNESS * scores.words),
            facet_encoder=np.zeros_like(scores.facet_encoder),
        ),
    )


def _encoder_alone(held: Held) -> Held:
    scores = held.scores
    return replace(
        held,
        scores=replace(
            scores,
            words=np.zeros_like(scores.words),
            fused=log_shares(scores.encoder),
            scopes=np.zeros_like(scores.scopes),
            facet_words=np.zeros_like(scores.facet_words),
        ),
    )


def _without_scopes(held: Held) -> Held:
    return replace(held, scores=replace(held.scores, scopes=np.zeros_like(held.scores.scopes)))


def _with_view(recipe: Recipe, name: str, lengths: tuple[int, int]) -> Recipe:
    view = recipe.views[name]
    return replace(recipe, views={**recipe.views, name: View(view.ending, lengths, view.min_count)})


VARIANTS = (
    Variant("everything"),
    Variant("words alone", scores=_words_alone),
    Variant("encoder alone", scores=_encoder_alone),
    Variant("without spelling", form=normalise),
    Variant("without the scope classifier", scores=_without_scopes),
    Variant(
        "facets without the view of the end",
        recipe=lambda recipe: replace(recipe, facets=Classifier(("phrases",), recipe.facets.strength)),
    ),
    Variant("items with three characters", recipe=lambda recipe: _with_view(recipe, "whole", (1, 3))),
)


def score_ablation(settings: Settings, judged: int, report: Report) -> Score:
    """Score every variant on authors left out; the table has a line each, the figures are those of everything."""
    messages = load_corpus(settings)
    rows, figures = [], {}
    for variant in VARIANTS:
        report(variant.name)
        validation = cross_validate(messages, variant.recipe(load_recipe()), settings, report, variant.form, judged)
        changed = replace(validation, held=tuple(variant.scores(held) for held in validation.held))
        score = score_held(changed)
        figures[variant.name] = score.figures["score"]
        rows.append(f"{variant.name:36} " + " ".join(f"{key} {value:.4f}" for key, value in score.figures.items()))
    closing = f"ablation: everything {figures['everything']:.4f} variants {len(rows)} n {len(messages)}"
    return Score(tuple(rows), (), figures, closing)


def score_curve(settings: Settings, report: Report) -> Score:
    """Score the words' share of right first items with so many messages an item, on authors left out.

    Words alone: the encoder would have to be tuned anew for each point of the curve.
    """
    messages = load_corpus(settings)
    folds, recipe = deal_folds(messages), load_recipe()
    texts = [normal_form(message.text) for message in messages]
    rows, figures = [], {}
    for most in MESSAGES_AN_ITEM:
        report(f"{most} messages an item")
        right = []
        for fold in np.unique(folds):
            inside = list(_at_most(most, [i for i in range(len(messages)) if folds[i] != fold], messages))
            words = Words(recipe, [messages[i] for i in inside], [texts[i] for i in inside])
            outside = [i for i in range(len(messages)) if folds[i] == fold and messages[i].scope is None]
            margins, classes = words.item_margins([texts[i] for i in outside])
            layout = Layout(classes)
            right += [layout.best_item(row) in messages[i].items for i, row in zip(outside, margins, strict=True)]
        figures[str(most)] = float(np.mean(right))
        rows.append(f"{most:4} messages an item: first item right {figures[str(most)]:.4f}")
    return Score(tuple(rows), (), figures, f"curve: points {len(rows)} n {len(messages)}")


def _at_most(most: int, candidates: Sequence[int], messages: Sequence[LabelledMessage]) -> Iterator[int]:
    """Yield *candidates* in a fixed random order, of each intent no more than *most*."""
    counts: dict[str, int] = defaultdict(int)
    for i in np.random.default_rng(SEED).permutation(np.array(candidates)).tolist():
        counts[messages[i].intent] += 1
        if counts[messages[i].intent] <= most:
            yield i
