"""One training of the review: the labelled messages with the candidates beside them, a model of them, the gate.

Nothing here puts a model in force: that is another step, which an admin takes, and only after a gate that was passed.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bot.review.export import AUTHOR, PARTS, Candidates, fit_for, measuring_texts
from bot.review.runs import KEPT, GateRow, Run, RunFolders, RunState
from bot.review.verdict import Verdict
from bot.settings import Settings
from bot.understanding.messages import load_messages


class TrainingFailed(Exception):  # noqa: N818  # the run's state says the same
    """The model could not be trained; the message says why."""


@dataclass(frozen=True)
class Judgement:
    """What the gate says: by what it measured, each figure, and how many candidates are understood as assigned."""

    measured_by: str
    rows: tuple[GateRow, ...]
    learned: int

    @property
    def is_passed(self) -> bool:
        """Tell whether residents may meet the model."""
        return bool(self.rows) and all(row.is_good for row in self.rows)


class Workshop(Protocol):
    """What makes models and what judges them: Rasa and the evaluation, or what a test puts in their place."""

    def inputs(self, settings: Settings) -> str:
        """Return the digest of what a model of *settings* is trained from."""

    def train(self, settings: Settings, report: Callable[[str], None]) -> None:
        """Train a model of *settings*. Raises TrainingFailed."""

    def judge(
        self, before: Settings, after: Settings, verdicts: Sequence[Verdict], report: Callable[[str], None]
    ) -> Judgement:
        """Measure the models of two settings; *verdicts* are what the second was trained on beside the rest."""


class Retraining:
    """Leads one run from its candidates to what the gate says of its model."""

    def __init__(
        self,
        settings: Settings,
        item_ids: frozenset[str],
        workshop: Workshop,
        now: Callable[[], datetime],
        report: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._items = item_ids
        self._workshop = workshop
        self._now = now
        self._report = report
        self._folders = RunFolders(settings.review_folder)

    def lead(self, candidates: Candidates, by: str) -> Run:
        """Lead a run to its end and return it. Raises RunError where another one is under way.

        Whatever ends it before its time, KeyboardInterrupt included, is written down first.
        """
        with self._folders.alone():
            started = self._now()
            id_ = f"{started:%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"
            self._run = Run(id_, by, started, inputs=self._workshop.inputs(self._settings))
            try:
                self._lead(candidates)
            except TrainingFailed as error:
                self._end(RunState.FAILED, str(error))
            except KeyboardInterrupt:
                self._end(RunState.CANCELLED)
                raise
            except BaseException as error:
                self._end(RunState.FAILED, f"{type(error).__name__}: {error}")
                raise
            finally:
                self._tidy()
            return self._run

    def _lead(self, candidates: Candidates) -> None:
        self._go_on(RunState.PREPARING)
        folder = self._folders.path(self._run.id)
        fit = self._prepare(candidates, folder / "nlu_data")
        left_out = tuple((found.text, found.why) for found in fit.left_out)
        self._run = replace(self._run, candidates=len(fit), left_out=left_out)
        if not len(fit):
            raise TrainingFailed("no_candidates")
        theirs = replace(self._settings, nlu_data=folder / "nlu_data", model_folder=folder / "models")
        self._run = replace(self._run, digest=self._workshop.inputs(theirs))
        self._go_on(RunState.TRAINING)
        self._workshop.train(theirs, self._report)
        self._go_on(RunState.MEASURING)
        found = self._workshop.judge(self._settings, theirs, fit.verdicts, self._report)
        self._run = replace(self._run, measured_by=found.measured_by, gate=found.rows, learned=found.learned)
        self._end(RunState.PASSED if found.is_passed else RunState.REFUSED)

    def _go_on(self, state: RunState) -> None:
        self._run = replace(self._run, state=state)
        self._folders.write(self._run)
        self._report(state.value)

    def _end(self, state: RunState, why: str | None = None) -> None:
        self._run = replace(self._run, ended=self._now(), why=why)
        self._go_on(state)

    def _prepare(self, candidates: Candidates, data: Path) -> Candidates:
        """Copy the labelled messages to *data* and put the candidates beside them."""
        shutil.copytree(self._settings.nlu_data, data, ignore=shutil.ignore_patterns("__pycache__"))
        for part in PARTS:
            # What the project has taken over of an earlier export is known to the office's own store as well.
            (data / part / f"{AUTHOR}.tsv").unlink(missing_ok=True)
        messages = load_messages(data, self._items)
        fit = fit_for(candidates, messages, measuring_texts(self._settings.evaluation_sets))
        fit.write(data)
        load_messages(data, self._items)  # what the trainer would stumble over shows here, with its line
        return fit

    def _tidy(self) -> None:
        """Forget old runs, and of each but what may come in force: the copied messages and unfinished models."""
        for number, run in enumerate(self._folders.read()):
            folder = self._folders.path(run.id)
            shutil.rmtree(folder / "nlu_data", ignore_errors=True)
            if number >= KEPT:
                shutil.rmtree(folder, ignore_errors=True)
            elif run.state is not RunState.PASSED:
                shutil.rmtree(folder / "models", ignore_errors=True)
