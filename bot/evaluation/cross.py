"""Cross-validation grouped by author: what the classifiers say of messages by people they never read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp
import yaml
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bot.query import FACET_NAMES
from bot.settings import ROOT, Settings
from bot.understanding.arrays import Floats
from bot.understanding.evidence import OUTCOMES, SCOPES, Calibration, Layout, Margins, describe
from bot.understanding.features import Ngrams, SentenceEncoder, view
from bot.understanding.linear import SEED, LinearModel, Training
from bot.understanding.messages import LabelledMessage, load_messages
from bot.understanding.normalise import normalise
from knowledge.vocabulary import load_vocabulary

FOLDS = 4


@dataclass(frozen=True)
class View:
    """One featurizer of config.yml: which end of the message it sees, and its n-grams."""

    ending: int
    lengths: tuple[int, int]
    min_count: int


@dataclass(frozen=True)
class Classifier:
    """One classifier of config.yml: its views by name, strength and main axes."""

    views: tuple[str, ...]
    strength: float
    axes: int


@dataclass(frozen=True)
class Recipe:
    """The parts of config.yml that training depends on."""

    views: Mapping[str, View]
    items: Classifier
    scopes: Classifier
    facets: Classifier
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
    parts = yaml.safe_load(path.read_text(encoding="utf-8"))["pipeline"]
    views = {
        part["view"]: View(part.get("ending", 0), (part["shortest"], part["longest"]), part["min_count"])
        for part in parts
        if part["name"].endswith(".NgramFeaturizer")
    }
    by_name = {part["name"].rsplit(".", 1)[1]: part for part in parts}

    def classifier(name: str) -> Classifier:
        part = by_name[name]
        return Classifier(tuple(part["views"]), part["strength"], part["axes"])

    return Recipe(
        views=views,
        items=classifier("ItemClassifier"),
        scopes=classifier("ScopeClassifier"),
        facets=classifier("FacetClassifier"),
        facet_threshold=by_name["FacetClassifier"]["threshold"],
    )


class Featurizer:
    """The views of n-grams, fitted on some texts."""

    def __init__(self, recipe: Recipe, texts: Sequence[str]) -> None:
        self._views = recipe.views
        self._fitted = {
            name: Ngrams.fit([view(text, v.ending) for text in texts], v.lengths, v.min_count)
            for name, v in recipe.views.items()
        }

    def transform(self, texts: Sequence[str], classifier: Classifier) -> sp.csr_matrix:
        """Return what *classifier* sees of the texts."""
        blocks = [
            self._fitted[name].transform([view(text, self._views[name].ending) for text in texts])
            for name in classifier.views
        ]
        return sp.hstack(blocks).tocsr()


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
        known = [messages[i] for i in inside]
        features = Featurizer(recipe, [texts[i] for i in inside])

        def prepare(part: Classifier, rows: NDArray[np.intp], features: Featurizer = features) -> Training:
            return Training.prepare(features.transform([texts[i] for i in rows], part), dense[rows], part.axes)

        def ask(model: LinearModel, part: Classifier, features: Featurizer = features) -> Floats:
            return model.scores(features.transform([texts[i] for i in outside], part), dense[outside])  # noqa: B023

        classes = prepare(recipe.items, inside).classes([m.intent for m in known], recipe.items.strength)
        scopes = prepare(recipe.scopes, inside).balanced([m.scope or "item" for m in known], recipe.scopes.strength)
        faceted = np.array([i for i in inside if messages[i].facets])
        facets = prepare(recipe.facets, faceted).labels(
            [messages[i].facets for i in faceted], FACET_NAMES, recipe.facets.strength
        )
        margins = _spread(ask(classes, recipe.items), classes.classes, layout.names)
        scope_margins = ask(scopes, recipe.scopes)[:, [scopes.classes.index(name) for name in SCOPES]]
        facet_margins = ask(facets, recipe.facets)
        for row, i in enumerate(outside):
            said = dict(zip(facets.classes, facet_margins[row].tolist(), strict=True))
            held.append(Held(messages[i], fold, Margins(margins[row], scope_margins[row]), said))
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


def _spread(rows: Floats, found: Sequence[str], wanted: Sequence[str]) -> Floats:
    """Put the columns of *found* where *wanted* has them.

    A class that nobody but the author left out wrote for is unknown: as far away as can be.
    """
    spread = np.full((len(rows), len(wanted)), rows.min() - 1)
    spread[:, [list(wanted).index(name) for name in found]] = rows
    return spread
