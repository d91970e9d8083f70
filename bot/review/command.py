"""python -m bot review export|train|runs|switch|roll-back: the review's way to another model, from a terminal."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.records.database import Database
from bot.review.export import Candidates, candidates_of
from bot.review.retraining import Retraining, Workshop
from bot.review.runs import GateRow, Run, RunError, RunFolders, RunState
from bot.review.store import ReviewStore
from bot.review.trainings import Trainings
from bot.runtime.switching import SwitchError, roll_back
from bot.settings import OFFICE_TIME, Settings
from knowledge.vocabulary import load_vocabulary

BY_COMMAND = "python -m bot"
_NICENESS = 10


def add_review_commands(commands: Any) -> argparse.ArgumentParser:
    """Add "review" with its own commands; return its parser."""
    review: argparse.ArgumentParser = commands.add_parser(
        "review", help="train on what editors agreed on; switch models"
    )
    steps = review.add_subparsers(required=True, dest="step", metavar="STEP")
    exporting = steps.add_parser("export", help="write the candidates in the form of nlu_data/")
    exporting.add_argument("--to", type=Path, metavar="FOLDER", help="default: var/review/export")
    training = steps.add_parser("train", help="train a model beside the one in force, and measure it by the gate")
    training.add_argument("--by", default=BY_COMMAND, metavar="NAME", help="on whose behalf, for the record")
    steps.add_parser("runs", help="what was trained, the latest first")
    switching = steps.add_parser("switch", help="put a model in force that passed the gate")
    switching.add_argument("which", nargs="?", metavar="RUN", help="default: the latest that passed")
    steps.add_parser("roll-back", help="put the model before in force again")
    return review


def run(options: argparse.Namespace, settings: Settings, workshop: Callable[[], Workshop]) -> int:
    """Run one of the commands; *workshop* is made where a model is trained."""
    try:
        if options.step == "export":
            return _export(settings, options.to)
        if options.step == "train":
            return _train(settings, options.by, workshop())
        if options.step == "runs":
            return _list(settings)
        if options.step == "switch":
            return _switch(settings, options.which)
        roll_back(settings)
        return 0
    except (RunError, SwitchError) as error:
        sys.stderr.write(f"bot: {error}\n")
        return 1


def read_candidates(settings: Settings) -> Candidates:
    """Return what editors have agreed on. Raises StoreError."""
    database = Database.open(settings.database_url)
    try:
        return candidates_of(ReviewStore(database).settled())
    finally:
        database.close()


def _export(settings: Settings, to: Path | None) -> int:
    _say(str(path) for path in read_candidates(settings).write(to or settings.review_folder / "export"))
    return 0


def _train(settings: Settings, by: str, workshop: Workshop) -> int:
    signal.signal(signal.SIGTERM, _interrupted)
    with suppress(OSError):
        os.nice(_NICENESS)  # residents come first
    log = RunFolders(settings.review_folder).log
    log.parent.mkdir(parents=True, exist_ok=True)

    def report(text: str) -> None:
        sys.stderr.write(f"review: {text}\n")
        sys.stderr.flush()
        with log.open("a", encoding="utf-8") as out:
            out.write(f"{text}\n")

    if RunFolders(settings.review_folder).is_busy():
        raise RunError("busy", "a training is under way already")
    log.write_text("", encoding="utf-8")
    items = frozenset(entry.id for entry in load_vocabulary().catalogue)
    retraining = Retraining(settings, items, workshop, lambda: datetime.now(OFFICE_TIME), report)
    ended = retraining.lead(read_candidates(settings), by)
    _say(_lines(ended))
    return 0 if ended.state is RunState.PASSED else 1


def _interrupted(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _list(settings: Settings) -> int:
    runs = RunFolders(settings.review_folder).read()
    _say(f"{run.id} {run.state} candidates {run.candidates} by {run.by}" for run in runs)
    return 0


def _switch(settings: Settings, id_: str | None) -> int:
    trainings = Trainings(settings)
    passed = [run.id for run in trainings.folders.read() if run.state is RunState.PASSED]
    if id_ is None and not passed:
        raise RunError("not_passed", "no training has passed the gate yet")
    trainings.switch(id_ or passed[0])
    return 0


def _lines(run: Run) -> list[str]:
    """Return what came of a run, a line a figure."""
    left_out = [f"left out: {text} ({why})" for text, why in run.left_out]
    closing = f"review: {run.state} candidates {run.candidates} measured by {run.measured_by}"
    return [*left_out, *map(_figure, run.gate), f"run {run.id}", f"{closing}{f': {run.why}' if run.why else ''}"]


def _figure(row: GateRow) -> str:
    bound = f"{'at most' if row.is_ceiling else 'at least'} {row.bound}"
    before = "" if row.before is None else f", before {row.before:.4f}"
    return f"{'good' if row.is_good else 'BAD '} {row.set} {row.figure} {row.value:.4f} ({bound}{before})"


def _say(lines: Iterable[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
