"""What editors have agreed on as training candidates (训练候选), in the form of nlu_data/."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.review.harvest import key_of
from bot.review.verdict import Kind, Verdict
from bot.understanding.messages import LabelledMessage

AUTHOR = "office_review"
"""Whose messages they are to nlu_data/: one file is one author."""
PARTS = {"messages": "items\tfacets\tapplicant\ttext", "scope": "class\ttopic\titems\ttext"}
"""The folders of nlu_data/ that get a file, and its columns."""

_MADE_BY = "# Made by python -m bot review export; do not edit.\n"


@dataclass(frozen=True)
class LeftOut:
    """A candidate that must not be trained on, and why."""

    text: str
    why: str


@dataclass(frozen=True)
class Candidates:
    """Messages to train on, beside those that must not be."""

    verdicts: tuple[Verdict, ...]
    left_out: tuple[LeftOut, ...] = ()

    def __len__(self) -> int:
        return len(self.verdicts)

    def lines(self, part: str) -> str:
        """Return the file of one of PARTS."""
        kind = Kind.ITEM if part == "messages" else Kind.SCOPE
        lines = sorted(verdict.as_line() for verdict in self.verdicts if verdict.kind is kind)
        return "".join([_MADE_BY, f"# {PARTS[part]}\n", *(f"{line}\n" for line in lines)])

    def write(self, folder: Path) -> list[Path]:
        """Write the files below *folder*, each whole or not at all; return their paths."""
        written = []
        for part in PARTS:
            path = folder / part / f"{AUTHOR}.tsv"
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(".draft")
            draft.write_text(self.lines(part), encoding="utf-8")
            draft.replace(path)
            written.append(path)
        return written


def candidates_of(verdicts: Iterable[Verdict]) -> Candidates:
    """Return those verdicts that say what a message means."""
    return Candidates(tuple(verdict for verdict in verdicts if verdict.kind is not Kind.NO_USE))


def fit_for(candidates: Candidates, messages: Sequence[LabelledMessage], measured_by: Iterable[str]) -> Candidates:
    """Return the candidates that may stand beside *messages*.

    Left out is what contradicts a labelled message of the same words, and what the office measures by (*measured_by*):
    whoever trains on that measures nothing any more. Of candidates that say the same, one stays.
    """
    intents = {key_of(message.text): message.intent for message in messages}
    measures = {key_of(text) for text in measured_by}
    fit: dict[str, Verdict] = {}
    left_out: list[LeftOut] = []
    for verdict in candidates.verdicts:
        key = key_of(verdict.text)
        known = intents.get(key)
        if key in measures:
            left_out.append(LeftOut(verdict.text, "measured_by"))
        elif known is not None and known != verdict.intent:
            left_out.append(LeftOut(verdict.text, f"contradicts {known}"))
        elif key in fit and fit[key].intent != verdict.intent:
            left_out.append(LeftOut(verdict.text, f"contradicts {fit[key].intent}"))
        else:
            fit.setdefault(key, verdict)
    return Candidates(tuple(fit.values()), tuple(left_out))


def measuring_texts(evaluation_sets: Path) -> list[str]:
    """Return every message of the evaluation sets at hand; none where there are no sets."""
    texts: list[str] = []
    for path in sorted(evaluation_sets.glob("*.jsonl")) if evaluation_sets.is_dir() else []:
        for line in filter(str.strip, path.read_text(encoding="utf-8").splitlines()):
            label = json.loads(line)
            texts.extend([label["q"]] if "q" in label else [turn["user"] for turn in label.get("turns", ())])
    return texts
