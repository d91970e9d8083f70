"""Cross-validation grouped by author: what classifiers and encoder say of messages by people they never read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
import scipy.sparse as sp
import yaml
from numpy.typing import NDArray

from bot.query import FACET_NAMES
from bot.settings import ROOT, Settings
from bot.tuning.artefact import lessons_of, make_encoder
from bot.understanding.arrays import Floats
from bot.understanding.encoder import Encoder, Reading, digest_of
from bot.understanding.evidence import SCOPES, Layout, Scores, align, fuse, rule_out_elsewhere
from bot.understanding.features import Ngrams, view
from bot.understanding.linear import train_balanced, train_classes, train_labels
from bot.understanding.messages import LabelledMessage, load_messages
from bot.understanding.normalise import normalise
from bot.understanding.parts import split_parts
from bot.understanding.readings import Readings
from bot.understanding.spelling import normal_form
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
    """One classifier of config.yml: its views by name, and strength."""

    views: tuple[str, ...]
    strength: float


@dataclass(frozen=True)
class Recipe:
    """The parts of config.yml that training depends on."""

    views: Mapping[str, View]
    items: Classifier
    scopes: Classifier
    facets: Classifier
    encoder_weight: float


@dataclass(frozen=True)
class Held:
    """A message, and what was said of it by classifiers and an encoder that had not read its author."""

    message: LabelledMessage
    fold: int
    scores: Scores
    parts: Floats


@dataclass(frozen=True)
class CrossValidation:
    """Messages held out once, with the columns of their scores; *counts* says how many of all messages, held out or
    not, are of each of SCOPES."""

    held: tuple[Held, ...]
    layout: Layout
    counts: Mapping[str, int]


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
        return Classifier(tuple(by_name[name]["views"]), by_name[name]["strength"])

    return Recipe(
        views=views,
        items=classifier("ItemClassifier"),
        scopes=classifier("ScopeClassifier"),
        facets=classifier("FacetClassifier"),
        encoder_weight=by_name["ItemClassifier"]["encoder_weight"],
    )


class Featurizer:
    """The views of n-grams, fitted on some texts."""

    def __init__(self, recipe: Recipe, texts: Sequence[str]) -> None:
        self._views = recipe.views
        self._fitted = {
            name: Ngrams.fit([view(text, v.ending) for text in texts], v.lengths, v.min_count)
            for name, v in recipe.views.items()
        }

    def read(self, forms: Sequence[str], classifier: Classifier) -> sp.csr_matrix:
        """Return what *classifier* sees of messages to be understood: the mean of their readings."""
        several = Readings.of(forms)
        return several.mean(self.transform(several.texts, classifier))

    def transform(self, texts: Sequence[str], classifier: Classifier) -> sp.csr_matrix:
        """Return what *classifier* sees of the texts as they stand."""
        blocks = [
            self._fitted[name].transform([view(text, self._views[name].ending) for text in texts])
            for name in classifier.views
        ]
        return sp.hstack(blocks).tocsr()


class Words:
    """The three classifiers over n-grams, trained as the service trains them."""

    def __init__(self, recipe: Recipe, messages: Sequence[LabelledMessage], texts: Sequence[str]) -> None:
        self._recipe = recipe
        self._features = Featurizer(recipe, texts)
        seen = self._features.transform(texts, recipe.items)
        self._items = train_classes(seen, [m.intent for m in messages], recipe.items.strength)
        seen = self._features.transform(texts, recipe.scopes)
        self._scopes = train_balanced(seen, [scope_of(m) for m in messages], recipe.scopes.strength)
        faceted = [i for i, m in enumerate(messages) if m.facets]
        seen = self._features.transform([texts[i] for i in faceted], recipe.facets)
        given = [messages[i].facets for i in faceted]
        self._facets = train_labels(seen, given, FACET_NAMES, recipe.facets.strength)

    def score(self, texts: Sequence[str], encoder: Encoder, reading: Reading, classes: Sequence[str]) -> list[Scores]:
        """Return what words and encoder say of *texts*, in the columns of *classes*."""
        part = self._recipe
        margins = align(self._items.scores(self._features.read(texts, part.items)), self._items.classes, classes)
        logits = align(reading.intents, encoder.intents, classes)
        words, intents = rule_out_elsewhere(np.array([margins, logits]), classes, texts)
        fused = fuse(words, intents, part.encoder_weight)
        scopes = align(self._scopes.scores(self._features.read(texts, part.scopes)), self._scopes.classes, SCOPES)
        facet_words = self._facets.scores(self._features.read(texts, part.facets))
        facet_encoder = align(reading.facets, encoder.facets, FACET_NAMES)
        rows = zip(words, intents, fused, scopes, facet_words, facet_encoder, strict=True)
        return [Scores(*row) for row in rows]

    def item_margins(self, texts: Sequence[str]) -> tuple[Floats, tuple[str, ...]]:
        """Return the margins of the classes, one row a text, and the classes."""
        return self._items.scores(self._features.transform(texts, self._recipe.items)), self._items.classes

    def score_parts(self, text: str, classes: Sequence[str]) -> Floats:
        """Return the margins of the ways to cut *text* in two, two rows a way, in the columns of *classes*."""
        cuts = [normalise(part) for cut in split_parts(text) for part in cut]
        margins = self._items.scores(self._features.transform(cuts, self._recipe.items))
        return align(margins, self._items.classes, classes).astype(np.float32)


def load_corpus(settings: Settings) -> list[LabelledMessage]:
    """Read the labelled messages of nlu_data/."""
    return load_messages(settings.nlu_data, frozenset(entry.id for entry in load_vocabulary().catalogue))


def cross_validate(
    messages: Sequence[LabelledMessage],
    recipe: Recipe,
    settings: Settings,
    report: Callable[[str], None],
    form: Callable[[str], str] = normal_form,
    judged: int = FOLDS,
) -> CrossValidation:
    """Hold out each author once: train and tune without, ask of the author's messages brought to *form*.

    Of the FOLDS that authors are dealt to, the first *judged* are held out in turn; the others always teach.

    Tuning takes minutes a fold; the encoders and what they say are kept under var/ for as long as the messages stay.
    """
    lessons = lessons_of(messages)
    texts = [lesson.text for lesson in lessons] if form is normal_form else [form(m.text) for m in messages]
    folds = deal_folds(messages)
    layout = Layout(sorted({message.intent for message in messages}))
    held: list[Held] = []
    for fold in range(judged):
        inside, outside = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        path = settings.evaluation_folder / "encoders" / f"fold-{fold}.onnx"
        report(f"fold {fold + 1} of {judged}")
        make_encoder(path, [lessons[i] for i in inside], report)
        encoder = Encoder.load(path)
        asked = [texts[i] for i in outside]
        words = Words(recipe, [messages[i] for i in inside], [texts[i] for i in inside])
        several = Readings.of(asked)
        reading = several.mean_reading(_read_once(path, encoder, several.texts))
        scores = words.score(asked, encoder, reading, layout.names)
        parts = [words.score_parts(messages[i].text, layout.names) for i in outside]
        rows = zip(outside, scores, parts, strict=True)
        held.extend(Held(messages[i], fold, row, cut) for i, row, cut in rows)
    return CrossValidation(tuple(held), layout, Counter(scope_of(message) for message in messages))


def scope_of(message: LabelledMessage) -> str:
    """Return which of SCOPES a message is of."""
    return message.scope or SCOPES[0]


def deal_folds(messages: Sequence[LabelledMessage]) -> NDArray[np.intp]:
    """Return the fold of each message: that of its author, told from the name alone, so that whoever comes later moves
    nobody else."""
    return np.array([crc32(message.author.encode()) % FOLDS for message in messages])


def _read_once(path: Path, encoder: Encoder, texts: Sequence[str]) -> Reading:
    """Return the encoder's reading of *texts*, kept beside it: the next evaluation has the same to ask."""
    kept = path.with_suffix(".readings.npz")
    digest = digest_of(path)
    if kept.exists():
        with np.load(kept, allow_pickle=False) as data:
            if str(data["encoder"]) == digest and data["texts"].tolist() == list(texts):
                return Reading(data["intents"], data["facets"])
    reading = encoder.read(texts)
    np.savez(kept, encoder=digest, texts=np.array(texts), intents=reading.intents, facets=reading.facets)
    return reading
