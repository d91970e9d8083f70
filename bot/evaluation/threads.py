"""Conversations of ours (nlu_data/dialogues/): how well threads are followed, and which habits follow them best.

Each turn is understood once; conversations are then led through bot.dialogue.resolve alone, some thousands a second, so
that the factors of bot.dialogue.weighing can be chosen by trying them: on every other conversation, judged on the rest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.dialogue.ground import Ground
from bot.dialogue.resolve import resolve
from bot.dialogue.thread import Thread
from bot.dialogue.weighing import Habits
from bot.evaluation.scores import Score, score_dialogues
from bot.query import Query
from bot.settings import OFFICE_TIME

TRIED: Mapping[str, tuple[float, ...]] = {
    "follow_up": (1, 2, 4, 8, 12, 20),
    "current": (1, 2, 4, 6, 10, 20),
    "offered": (2, 4, 6, 10, 20),
    "former": (1, 2, 3, 5, 8),
    "relative": (1, 2, 3, 5),
    "switched_follow_up": (0.05, 0.1, 0.3, 0.5, 1),
    "corrected_follow_up": (0.05, 0.1, 0.3, 0.5, 1),
    "corrected_relative": (3, 6, 12, 25, 50),
    "corrected_current": (0.03, 0.1, 0.3, 1),
    "pointed_former": (5, 10, 20, 50),
    "presupposed": (0.03, 0.1, 0.3, 1),
    "same_act": (1, 2, 4, 8, 16),
    "corrected_act": (1, 4, 8, 16, 32, 64),
    "identified_act": (1, 2, 4, 8),
    "elsewhere": (0.1, 0.2, 0.3, 0.5, 0.7, 1),
    "understood": (0.3, 0.5, 0.7, 0.8, 0.9, 1),
}
"""Values tried for each habit."""

NOON = datetime(2026, 6, 1, 12, tzinfo=OFFICE_TIME)


@dataclass(frozen=True)
class Understood:
    """A conversation with the query of each of its turns; *label* is its line of the file."""

    label: Mapping[str, Any]
    queries: tuple[Query, ...]


def load_dialogues(folder: Path) -> list[dict[str, Any]]:
    """Return the conversations of all files of *folder*, the authors' names before their numbers."""
    return [
        {**label, "id": f"{path.stem}-{label['id']}"}
        for path in sorted(folder.glob("*.jsonl"))
        for label in map(json.loads, path.read_text(encoding="utf-8").splitlines())
    ]


def score_threads(dialogues: Sequence[Understood], ground: Ground) -> Score:
    """Lead *dialogues* with the habits in force; show which of TRIED would follow half of them best, and the rest."""
    ours, others = dialogues[::2], dialogues[1::2]
    best = fit_habits(ours, ground)
    rows = []
    for name, habits in (("in force", ground.habits), ("fitted", best)):
        halves = [lead(half, replace(ground, habits=habits)).figures["turns"] for half in (ours, others)]
        rows.append(f"{name:10} turns on the half fitted on {halves[0]:.4f}, on the other {halves[1]:.4f}")
    changed = {f.name: getattr(best, f.name) for f in fields(best) if getattr(best, f.name) != f.default}
    score = lead(dialogues, ground)
    closing = score.closing.replace("dialogues:", "threads:")
    return replace(score, table=(*rows, f"fitted     {changed or 'nothing else'}"), closing=closing)


def lead(dialogues: Sequence[Understood], ground: Ground) -> Score:
    """Lead *dialogues* by their queries and score their turns."""
    replies = []
    for dialogue in dialogues:
        thread = Thread()
        for query in dialogue.queries:
            step = resolve(query, thread, ground, NOON)
            thread = step.thread
            items = [{"id": id_, "confidence": 1.0} for id_ in step.items]
            replies.append({"decision": step.decision.value, "items": items, "facets": list(step.facets)})
    return score_dialogues([dialogue.label for dialogue in dialogues], replies)


def fit_habits(dialogues: Sequence[Understood], ground: Ground, rounds: int = 2) -> Habits:
    """Return the habits that follow *dialogues* best, chosen one after another; of equals those in force."""
    habits = ground.habits
    for _ in range(rounds):
        for name, values in TRIED.items():
            in_force: float = getattr(habits, name)
            tried = [replace(habits, **{name: value}) for value in (in_force, *values)]
            turns = [lead(dialogues, replace(ground, habits=one)).figures["turns"] for one in tried]
            habits = tried[turns.index(max(turns))]
    return habits
