"""Why a message was understood as it was: what carried its candidates, and which labelled messages are nearest.

For `python -m bot understand --explain` alone. Components call the functions only where a message asks for it; the
labelled messages are read by the command, never by the service.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml
from numpy.typing import NDArray

from bot.query import MAX_ITEMS
from bot.settings import ROOT
from bot.understanding.arrays import Floats
from bot.understanding.evidence import Calibration, Layout, Scores, describe, log_shares
from bot.understanding.features import Ngrams, view
from bot.understanding.messages import LabelledMessage
from bot.understanding.parts import find_pair
from bot.understanding.spelling import normal_form

if TYPE_CHECKING:
    import scipy.sparse as sp

EXPLAIN = "explain"
"""Key in a message's metadata that asks why."""

EXPLANATION = "explanation"
"""Message attribute: the answer as a record, each component adding what only it knows."""

MAX_CARRIED = 10
MAX_NEAREST = 5


@dataclass(frozen=True)
class Carried:
    """An n-gram of the message and what it added to a margin; what is below zero spoke against."""

    ngram: str
    contribution: float

    def as_json(self) -> dict[str, Any]:
        """Return it as a record."""
        return {"ngram": self.ngram, "contribution": round(self.contribution, 4)}


@dataclass(frozen=True)
class Considered:
    """An item that was considered: its share of all classes, what words (margin) and encoder (logit) say."""

    id: str
    title: str
    share: float
    words: float
    encoder: float

    def as_json(self) -> dict[str, Any]:
        """Return it as a record."""
        said = {"share": self.share, "words": self.words, "encoder": self.encoder}
        return {"id": self.id, "title": self.title, **_rounded(said)}


@dataclass(frozen=True)
class Neighbour:
    """A labelled message, and how similar its n-grams are to those of another (1: the same)."""

    message: LabelledMessage
    similarity: float

    def as_json(self) -> dict[str, Any]:
        """Return it as a record; *scope* is the scope class with its topic, null where it asks for an item."""
        message = self.message
        return {
            "text": message.text,
            "author": message.author,
            "items": list(message.items),
            "scope": None if message.scope is None else message.intent,
            "similarity": round(self.similarity, 4),
        }


def contributions(
    row: sp.csr_matrix, weights: Floats, terms: NDArray[np.str_], limit: int = MAX_CARRIED
) -> tuple[Carried, ...]:
    """Return the n-grams of one message that weigh most for or against a class: value × weight, the heaviest first.

    *row* is the message, *weights* the class's, *terms* name the columns of both. All of them and the class's bias
    add up to the margin. For one class against another give the difference of their weights.
    """
    added = row.data * weights[row.indices]
    order = np.argsort(-np.abs(added), kind="stable")[:limit]
    return tuple(Carried(str(terms[row.indices[i]]), float(added[i])) for i in order)


def explain_features(
    row: sp.csr_matrix, weights: Floats, terms: NDArray[np.str_], fused: Floats, layout: Layout
) -> dict[str, Any]:
    """Return what carried the likeliest item, and what carried it against the second; *weights* by term and class."""
    first, second = likeliest_items(fused, layout, 2)
    against = weights[:, first] - weights[:, second]
    return {
        "first": [carried.as_json() for carried in contributions(row, weights[:, first], terms)],
        "against_second": [carried.as_json() for carried in contributions(row, against, terms)],
    }


def explain_decision(
    text: str,
    scores: Scores,
    parts: Floats,
    layout: Layout,
    calibration: Calibration,
    titles: Mapping[str, str],
) -> dict[str, Any]:
    """Return what the decision was weighed from: outcomes, candidates, facets, and the pair of items, if any."""
    return {
        "outcomes": _rounded(calibration.probabilities(describe(scores, layout))),
        "candidates": [considered.as_json() for considered in candidates(scores, layout, titles)],
        "facets": _rounded(calibration.facets(scores)),
        "pair": _pair(text, scores, parts, layout, calibration),
    }


def nothing_weighed() -> dict[str, Any]:
    """Return the explanation of an unreadable message: all that is in another's, and nothing in it."""
    return {
        "outcomes": {},
        "candidates": [],
        "features": {"first": [], "against_second": []},
        "facets": {},
        "pair": None,
    }


def candidates(
    scores: Scores, layout: Layout, titles: Mapping[str, str], limit: int = MAX_ITEMS
) -> tuple[Considered, ...]:
    """Return the likeliest items, whatever was decided, with what each source says of them."""
    shares = np.exp(log_shares(scores.fused))
    return tuple(
        Considered(
            id=layout.names[column],
            title=titles[layout.names[column]],
            share=float(shares[column]),
            words=float(scores.words[column]),
            encoder=float(scores.encoder[column]),
        )
        for column in likeliest_items(scores.fused, layout, limit)
    )


def likeliest_items(fused: Floats, layout: Layout, limit: int) -> list[int]:
    """Return the columns of the likeliest items, in the order in which they are answered and offered."""
    order = np.argsort(-fused[layout.items], kind="stable")[:limit]
    return [int(column) for column in layout.items[order]]


def _pair(text: str, scores: Scores, parts: Floats, layout: Layout, calibration: Calibration) -> dict[str, Any] | None:
    """Return the two items that the message may ask about at once, and how probably it does."""
    found = find_pair(text, scores.words, parts, layout.items.tolist())
    if found is None:
        return None
    names = [layout.names[found.first], layout.names[found.second]]
    return {"items": names, "probability": round(calibration.asks_both(found.features), 4)}


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in values.items()}


@dataclass(frozen=True)
class ViewOfItems:
    """How the item classifier sees a message: its end, and the n-grams of it."""

    ending: int
    lengths: tuple[int, int]
    min_count: int

    @classmethod
    def load(cls, path: Path = ROOT / "config.yml") -> ViewOfItems:
        """Read the first view of the item classifier from Rasa's configuration."""
        pipeline = yaml.safe_load(path.read_text(encoding="utf-8"))["pipeline"]
        name = next(part["views"][0] for part in pipeline if part["name"].endswith(".ItemClassifier"))
        seen = next(part for part in pipeline if part.get("view") == name)
        return cls(seen.get("ending", 0), (seen["shortest"], seen["longest"]), seen["min_count"])


class Neighbours:
    """The labelled messages as the item classifier sees them; half a minute to make of all of nlu_data/."""

    def __init__(self, messages: Sequence[LabelledMessage], seen: ViewOfItems) -> None:
        self._messages = messages
        self._ending = seen.ending
        texts = [self._see(message.text) for message in messages]
        self._ngrams = Ngrams.fit(texts, seen.lengths, seen.min_count)
        self._rows = self._ngrams.transform(texts)

    def nearest(self, text: str, limit: int = MAX_NEAREST) -> list[Neighbour]:
        """Return the messages most similar to *text* by the cosine of their n-grams; none that shares no n-gram."""
        similarity = (self._rows @ self._ngrams.transform([self._see(text)]).T).toarray().ravel()
        order = np.argsort(-similarity, kind="stable")[:limit]
        return [Neighbour(self._messages[i], float(similarity[i])) for i in order if similarity[i] > 0]

    def _see(self, text: str) -> str:
        return view(normal_form(text), self._ending)
