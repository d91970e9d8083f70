"""Cross-validation grouped by author: what the classifiers say of messages by people they never read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bot.query import FACET_NAMES
from bot.settings import ROOT, Settings
from bot.understanding.arrays import Floats
from bot.understanding.evidence import OUTCOMES, SCOPES, Calibration, Layout, Margins, describe
from bot.understanding.features import Ngrams, SentenceEncoder
from bot.understanding.linear import SEED, LinearModel, Training
from bot.understanding.messages import LabelledMessage, load_messages
from bot.understanding.normalise import normalise
from knowledge.vocabulary import load_vocabulary

FOLDS = 4


@dataclass(frozen=True)
class Recipe:
    """The numbers of config.yml that training depends on."""

    lengths: tuple[int, int]
    min_count: int
    axes: int
    item_strength: float
    scope_strength: float
    facet_strength: float
    facet_threshold: float


@dataclass(frozen=True)
class Held:
    """A message, and what was said of it by classifiers that had not read its author."""

    message: LabelledMessage
    fold: int
    margins: Margins
    facet_margins: dict[str, float]


@dataclass(frozen=True)
class CrossValidation:
    """All messages held out once, with the columns of their margins."""

    held: tuple[Held, ...]
    layout: Layout


def load_recipe(path: Path = ROOT / "config.yml") -> Recipe:
    """Read the recipe from Rasa's configuration, so that what is measured is what is served."""
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    parts = {component["name"].rsplit(".", 1)[1]: component for component in config["pipeline"]}
    ngrams, items = parts["NgramFeaturizer"], parts["ItemClassifier"]
    return Recipe(
        lengths=(ngrams["shortest"], ngrams["longest"]),
        min_count=ngrams["min_count"],
        axes=items["axes"],
        item_strength=items["strength"],
        scope_strength=parts["ScopeClassifier"]["strength"],
        facet_strength=parts["FacetClassifier"]["strength"],
        facet_threshold=parts["FacetClassifier"]["threshold"],
    )


def load_corpus(settings: Settings) -> list[LabelledMessage]:
    """Read the labelled messages of nlu_data/."""
    return load_messages(settings.nlu_data, frozenset(entry.id for entry in load_vocabulary().catalogue))


def cross_validate(messages: Sequence[LabelledMessage], recipe: Recipe, settings: Settings) -> CrossValidation:
    """Hold out each author once: train without, ask of the author's messages."""
    texts = [normalise(message.text) for message in messages]
    dense = SentenceEncoder(settings.vector_cache / "messages.npz").encode_known(texts)
    folds = np.array([_fold(message.author, messages) for message in messages])
    layout = Layout(sorted({message.intent for message in messages}))
    held: list[Held] = []
    for fold in range(FOLDS):
        inside, outside = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        ngrams = Ngrams.fit([texts[i] for i in inside], recipe.lengths, recipe.min_count)
        training = Training.prepare(ngrams.transform([texts[i] for i in inside]), dense[inside], recipe.axes)
        asked = (ngrams.transform([texts[i] for i in outside]), dense[outside])
        known = [messages[i] for i in inside]
        classes = training.classes([m.intent for m in known], recipe.item_strength)
        scopes = training.balanced([m.scope or "item" for m in known], recipe.scope_strength)
        with_facets = [i for i, m in enumerate(known) if m.facets]
        facets = training.select(with_facets).labels(
            [known[i].facets for i in with_facets], FACET_NAMES, recipe.facet_strength
        )
        held.extend(_hold(messages, outside, fold, layout, (classes, scopes, facets), asked))
    return CrossValidation(tuple(held), layout)


def fit_calibration(validation: CrossValidation, without_fold: int | None = None) -> Calibration:
    """Fit the regression on held-out margins, leaving one fold out where it is to be judged itself."""
    chosen = [held for held in validation.held if held.fold != without_fold]
    features = np.stack([describe(held.margins, validation.layout) for held in chosen])
    outcomes = [OUTCOMES.index(outcome(held, validation.layout)) for held in chosen]
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    regression = LogisticRegression(C=10, max_iter=2000, random_state=SEED).fit((features - mean) / spread, outcomes)
    weights = (regression.coef_ / spread).T
    return Calibration(weights, regression.intercept_ - mean @ weights)


def outcome(held: Held, layout: Layout) -> str:
    """Return which of OUTCOMES is the case."""
    if held.message.scope is not None:
        return held.message.scope
    return "right" if layout.best_item(held.margins) in held.message.items else "other_item"


def _fold(author: str, messages: Sequence[LabelledMessage]) -> int:
    """Deal authors to folds, those of questions and those of scope messages each in turn."""
    questions = sorted({message.author for message in messages if message.scope is None})
    scope = sorted({message.author for message in messages if message.scope is not None} - set(questions))
    return (questions.index(author) if author in questions else scope.index(author)) % FOLDS


def _hold(
    messages: Sequence[LabelledMessage],
    outside: NDArray[np.intp],
    fold: int,
    layout: Layout,
    models: tuple[LinearModel, LinearModel, LinearModel],
    asked: tuple[object, Floats],
) -> list[Held]:
    classes, scopes, facets = models
    rows = classes.scores(*asked)
    # A class that nobody but the author left out wrote for is unknown here: as far away as can be.
    margins = np.full((len(outside), len(layout.names)), rows.min() - 1)
    margins[:, [layout.names.index(name) for name in classes.classes]] = rows
    scope_rows = scopes.scores(*asked)[:, [scopes.classes.index(name) for name in SCOPES]]
    facet_rows = facets.scores(*asked)
    return [
        Held(
            messages[i], fold, Margins(margins[row], scope_rows[row]),
            dict(zip(facets.classes, facet_rows[row].tolist(), strict=True)),
        )
        for row, i in enumerate(outside)
    ]  # fmt: skip
