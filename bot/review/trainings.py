"""Trainings as the service leads them: started in a process of its own, told of, and their models put in force."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from bot.review.runs import Run, RunError, RunFolders, RunState
from bot.runtime.switching import put_in_force, roll_back
from bot.settings import ROOT, Settings


class Process(Protocol):
    """What is started."""

    def poll(self) -> int | None:
        """Return its exit code; None while it runs."""


Start = Callable[[Sequence[str], Path], Process]
"""Starts a command whose output goes to a file."""


class Trainings:
    """Starts trainings one at a time and tells how they stand."""

    def __init__(self, settings: Settings, start: Start | None = None) -> None:
        self.folders = RunFolders(settings.review_folder)
        self._settings = settings
        self._start = start or start_process
        self._process: Process | None = None

    @property
    def is_busy(self) -> bool:
        """Tell whether a training is under way, or about to be."""
        return self._is_starting or self.folders.is_busy()

    def start(self, by: str) -> None:
        """Start a training on behalf of *by*. Raises RunError where one is under way."""
        if self.is_busy:
            raise RunError("busy", "a training is under way already")
        self.folders.folder.mkdir(parents=True, exist_ok=True)
        database = ["--database", self._settings.database_url]
        command = [sys.executable, "-m", "bot", "review", *database, "train", "--by", by]
        self._process = self._start(command, self.folders.folder / "start.log")

    def switch(self, id_: str) -> Run:
        """Put the model of a run in force. Raises RunError where the gate has not passed it, SwitchError."""
        run = self.folders.find(id_)
        if run.state is not RunState.PASSED:
            raise RunError("not_passed", f"the gate has not passed the model of {id_}")
        put_in_force(self._settings, self.folders.model(id_), run.inputs, run.digest)
        return run

    def roll_back(self) -> None:
        """Put the model before in force. Raises SwitchError."""
        roll_back(self._settings)

    def tail(self, lines: int = 5) -> list[str]:
        """Return the last of what the training has said."""
        try:
            return self.folders.log.read_text(encoding="utf-8").splitlines()[-lines:]
        except OSError:
            return []

    @property
    def _is_starting(self) -> bool:
        return self._process is not None and self._process.poll() is None


def start_process(command: Sequence[str], output: Path) -> Process:
    """Start *command* in a session of its own: what is sent to the service's terminal does not reach it."""
    with output.open("wb") as out:
        return subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
