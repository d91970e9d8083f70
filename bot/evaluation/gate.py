"""The regression gate (回归关): what a model must understand before residents meet it; tests and review share it.

The floors stand a little below what was measured when the model was last changed; `python -m bot evaluate` says why
one of them fails. Where there are no evaluation sets, the gate falls back on what nobody trained on in nlu_data/: its
dialogues. That is far less than the sets, and the report says so.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from bot.evaluation.scores import Score, score_dialogues, score_questions, score_real, score_scope
from bot.evaluation.threads import Understood, lead, load_dialogues
from bot.settings import Settings
from knowledge.vocabulary import load_vocabulary
from knowledge.vocabulary.look_alikes import load_look_alikes

if TYPE_CHECKING:
    from bot.runtime.engine import Engine


@dataclass(frozen=True)
class Floor:
    """A figure of a set and its bound: the least that it may be, or where *is_ceiling* the most."""

    set: str
    figure: str
    bound: float
    is_ceiling: bool = False

    def admits(self, value: float) -> bool:
        """Tell whether *value* is good enough."""
        return value <= self.bound if self.is_ceiling else value >= self.bound


FLOORS = (
    Floor("questions", "score", 0.94),
    Floor("questions", "wrong", 0.035, is_ceiling=True),
    Floor("questions", "top3", 0.97),
    Floor("questions", "facet_f1", 0.94),
    Floor("scope", "good", 0.9),
    Floor("scope", "oos_answered", 0.05, is_ceiling=True),
    Floor("real", "score", 0.74),
    Floor("real", "wrong", 0.09, is_ceiling=True),
    Floor("dialogues", "turns", 0.87),
    Floor("dialogues", "whole", 0.5),
    Floor("threads", "turns", 0.7),
    Floor("look_alikes", "first", 0.8),
)


class Source(str, Enum):
    """What a model was measured by."""

    EVALUATION_SETS = "evaluation_sets"
    NLU_DATA = "nlu_data"

    def __str__(self) -> str:
        return self.value


SETS: Mapping[Source, tuple[str, ...]] = {
    Source.EVALUATION_SETS: ("questions", "scope", "real", "dialogues", "look_alikes"),
    Source.NLU_DATA: ("threads", "look_alikes"),
}


class GateError(Exception):
    """A set to measure with cannot be read; the message names it."""


@dataclass(frozen=True)
class Measured:
    """What was measured against a floor."""

    floor: Floor
    value: float

    @property
    def is_good(self) -> bool:
        """Tell whether it is good enough."""
        return self.floor.admits(self.value)


@dataclass(frozen=True)
class GateReport:
    """What a model was measured by, and everything that was measured."""

    source: Source
    rows: tuple[Measured, ...]

    @property
    def is_passed(self) -> bool:
        """Tell whether everything is good enough."""
        return all(row.is_good for row in self.rows)


def source_at_hand(settings: Settings) -> Source:
    """Return what there is to measure with."""
    folder = settings.evaluation_sets
    needed = ("questions", "scope", "real", "dialogues")
    is_there = all((folder / f"{name}_dev.jsonl").exists() for name in needed)
    return Source.EVALUATION_SETS if is_there else Source.NLU_DATA


async def check_model(engine: Engine, settings: Settings, report: Callable[[str], None]) -> GateReport:
    """Measure the model of *engine* by everything at hand. Raises GateError."""
    source = source_at_hand(settings)
    rows: list[Measured] = []
    for name in SETS[source]:
        report(name)
        rows.extend(await check_set(engine, name, settings))
    return GateReport(source, tuple(rows))


async def check_set(engine: Engine, name: str, settings: Settings) -> list[Measured]:
    """Measure one set; return it against each of its floors. Raises GateError."""
    figures = (await _MEASURES[name](engine, name, settings)).figures
    return [Measured(floor, figures[floor.figure]) for floor in FLOORS if floor.set == name]


def read_labels(name: str, settings: Settings) -> list[dict[str, Any]]:
    """Return the labels of an evaluation set. Raises GateError."""
    path = settings.evaluation_sets / f"{name}_dev.jsonl"
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise GateError(f"{path}: {error}") from error


async def _understood(engine: Engine, texts: Sequence[str]) -> list[dict[str, Any]]:
    return [(await engine.understand(text)).as_json() for text in texts]


async def _single(engine: Engine, name: str, settings: Settings) -> Score:
    labels = read_labels(name, settings)
    said = await _understood(engine, [" ".join(label["q"].split()) for label in labels])
    return {"questions": score_questions, "real": score_real, "scope": score_scope}[name](labels, said)


async def _dialogues(engine: Engine, name: str, settings: Settings) -> Score:
    labels = read_labels(name, settings)
    replies = [await engine.turn(f"gate-{label['id']}", turn["user"]) for label in labels for turn in label["turns"]]
    return score_dialogues(labels, replies)


async def _threads(engine: Engine, _name: str, settings: Settings) -> Score:
    dialogues = load_dialogues(settings.nlu_data / "dialogues")
    if not dialogues:
        raise GateError(f"{settings.nlu_data / 'dialogues'}: no dialogues")
    understood: list[Understood] = []
    for label in dialogues:
        queries = [await engine.understand(turn["user"]) for turn in label["turns"]]
        understood.append(Understood(label, tuple(queries)))
    return lead(understood, engine.services.ground)


async def _look_alikes(engine: Engine, _name: str, _settings: Settings) -> Score:
    """Messages that differ in what separates two items; nobody trained on them."""
    groups = load_look_alikes([entry.id for entry in load_vocabulary().catalogue])
    contrast = [pair for group in groups for pair in group.contrast]
    said = await _understood(engine, [text for _, text in contrast])
    wrong = tuple(
        {"q": text, "items": [item], "got": query["items"][:1]}
        for (item, text), query in zip(contrast, said, strict=True)
        if [found["id"] for found in query["items"][:1]] != [item]
    )
    share = 1 - len(wrong) / len(contrast)
    return Score((), wrong, {"first": share}, f"look_alikes: first {share:.4f} n {len(contrast)}")


_MEASURES: Mapping[str, Callable[[Engine, str, Settings], Awaitable[Score]]] = {
    "questions": _single,
    "scope": _single,
    "real": _single,
    "dialogues": _dialogues,
    "threads": _threads,
    "look_alikes": _look_alikes,
}
