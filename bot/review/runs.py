"""Trainings of the review (训练), each in a folder of its own: what it was made of, how far it is, what came of it."""

from __future__ import annotations

import fcntl
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

KEPT = 5
"""Ended runs whose folders are kept: a model has some dozens of megabytes."""


class RunError(Exception):
    """What was asked of a run cannot be done; *code* tells pages why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class RunState(str, Enum):
    """How far a run is."""

    PREPARING = "preparing"
    TRAINING = "training"
    MEASURING = "measuring"
    PASSED = "passed"
    REFUSED = "refused"
    """The gate refused the model."""
    FAILED = "failed"
    CANCELLED = "cancelled"

    def __str__(self) -> str:
        return self.value

    @property
    def is_ended(self) -> bool:
        """Tell whether nothing more comes of it."""
        return self not in (RunState.PREPARING, RunState.TRAINING, RunState.MEASURING)


@dataclass(frozen=True)
class GateRow:
    """A figure: of the model in force, of this one, what it must be at least (or at most, for a ceiling)."""

    set: str
    figure: str
    bound: float
    is_ceiling: bool
    before: float | None
    value: float
    is_good: bool


@dataclass(frozen=True)
class Run:
    """A run. *inputs* are those of the project when it began, *digest* tells its model from others.

    *measured_by* says what the gate had to measure with; *why* is the reason of a failure, for an operator.
    """

    id: str
    by: str
    started: datetime
    state: RunState = RunState.PREPARING
    ended: datetime | None = None
    candidates: int = 0
    left_out: tuple[tuple[str, str], ...] = ()
    learned: int | None = None
    inputs: str = ""
    digest: str = ""
    measured_by: str | None = None
    gate: tuple[GateRow, ...] = ()
    why: str | None = None
    pid: int = field(default_factory=os.getpid)


class RunFolders:
    """The folders of all runs, below the review's own. One run at a time, of whatever process."""

    def __init__(self, review_folder: Path) -> None:
        self.folder = review_folder / "runs"

    def path(self, id_: str) -> Path:
        """Return the folder of a run."""
        return self.folder / id_

    def model(self, id_: str) -> Path:
        """Return where a run's model lies."""
        return self.path(id_) / "models" / "guide.tar.gz"

    @property
    def log(self) -> Path:
        """Where it is written what the run under way says, or what the last one said."""
        return self.folder / "log.txt"

    def read(self) -> list[Run]:
        """Return all runs that are kept, the latest first; one whose process died has failed."""
        busy = self.is_busy()
        found = [run for path in self.folder.glob("*/run.json") if (run := _read(path)) is not None]
        ordered = sorted(found, key=lambda run: run.started, reverse=True)
        alive = ordered[0].id if busy and ordered and not ordered[0].state.is_ended else None
        return [run if run.state.is_ended or run.id == alive else _died(run) for run in ordered]

    def find(self, id_: str) -> Run:
        """Return a run. Raises RunError where there is none."""
        for run in self.read():
            if run.id == id_:
                return run
        raise RunError("no_such_run", f"there is no run {id_}")

    def write(self, run: Run) -> None:
        """Keep how a run stands; whoever reads sees the old state or the new one."""
        path = self.path(run.id) / "run.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(_as_record(run), ensure_ascii=False, indent=1), encoding="utf-8")
        draft.replace(path)

    def cancel(self) -> None:
        """Ask the run that is under way to end. Raises RunError where there is none."""
        for run in self.read():
            if not run.state.is_ended:
                with suppress(ProcessLookupError):  # it has just ended by itself
                    os.kill(run.pid, signal.SIGTERM)
                return
        raise RunError("not_running", "no training is under way")

    def is_busy(self) -> bool:
        """Tell whether a run is under way, in whatever process."""
        if not self._lock.exists():
            return False
        with self._lock.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return True
        return False

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold what only one run can hold; it is given back when the process ends, however it ends. Raises RunError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._lock.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise RunError("busy", "a training is under way already") from error
            yield

    @property
    def _lock(self) -> Path:
        return self.folder / "lock"


def _died(run: Run) -> Run:
    return replace(run, state=RunState.FAILED, why=run.why or "the process ended before its time")


def _as_record(run: Run) -> dict[str, Any]:
    return {
        **asdict(run),
        "started": run.started.isoformat(),
        "ended": run.ended.isoformat() if run.ended else None,
    }


def _read(path: Path) -> Run | None:
    """Return the run of a file; None for one that another version has written."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Run(
            **{
                **data,
                "started": datetime.fromisoformat(data["started"]),
                "ended": datetime.fromisoformat(data["ended"]) if data["ended"] else None,
                "state": RunState(data["state"]),
                "left_out": tuple((text, why) for text, why in data["left_out"]),
                "gate": tuple(GateRow(**row) for row in data["gate"]),
            }
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None
