"""Where the review's models are made and judged: Rasa in a process of its own, then the gate in this one."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bot.evaluation.gate import GateReport, check_model
from bot.review.retraining import Judgement, TrainingFailed
from bot.review.runs import GateRow
from bot.review.verdict import Kind, Verdict
from bot.runtime.training import training_digest
from bot.settings import ROOT, Settings

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

Report = Callable[[str], None]

_OWN = "train: "


class RasaWorkshop:
    """Makes models as `python -m bot train` does and judges them as the tests do."""

    def inputs(self, settings: Settings) -> str:
        """Return the digest of what a model of *settings* is trained from."""
        return training_digest(settings)

    def train(self, settings: Settings, report: Report) -> None:
        """Train in a process of its own, for Rasa reads its folders from the environment. Raises TrainingFailed."""
        with TemporaryDirectory(prefix="review-") as cache:
            places = {
                "NLU_DATA": settings.nlu_data,
                "MODEL_FOLDER": settings.model_folder,
                "RASA_CACHE_DIRECTORY": cache,  # Rasa's own, else .rasa/ of the project would be filled with ours
            }
            environment = {**os.environ, **{name: str(path) for name, path in places.items()}}
            command = [sys.executable, "-m", "bot", "train"]
            with _start(command, environment) as process:
                try:
                    last = _read_along(process, report)
                except BaseException:
                    process.terminate()
                    raise
        if process.returncode != 0:
            raise TrainingFailed(last or f"bot train ended with code {process.returncode}")

    def judge(self, before: Settings, after: Settings, verdicts: Sequence[Verdict], report: Report) -> Judgement:
        """Measure the model in force and the new one, one after the other: two at once would take the memory of two."""
        former, _ = _measured(before, (), report)
        found, learned = _measured(after, verdicts, report)
        values = {(row.floor.set, row.floor.figure): row.value for row in former.rows}
        rows = tuple(
            GateRow(
                set=row.floor.set,
                figure=row.floor.figure,
                bound=row.floor.bound,
                is_ceiling=row.floor.is_ceiling,
                before=values.get((row.floor.set, row.floor.figure)),
                value=row.value,
                is_good=row.is_good,
            )
            for row in found.rows
        )
        return Judgement(found.source.value, rows, learned)


def _start(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[str]:
    # Rasa prints where its model lies; what stands on our stdout are results.
    out, errors = subprocess.DEVNULL, subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=errors, text=True)


def _read_along(process: subprocess.Popen[str], report: Report) -> str:
    """Report what the training says of itself, not what Rasa's bars do; return the last line of all, for a failure."""
    last = ""
    assert process.stderr is not None
    for line in filter(str.strip, process.stderr):
        last = line.strip()
        if last.startswith(_OWN):
            report(last)
    return last


def _measured(settings: Settings, verdicts: Sequence[Verdict], report: Report) -> tuple[GateReport, int]:
    """Measure the model of *settings* on records that nobody keeps; count the *verdicts* that it agrees with."""
    from bot.runtime.engine import Engine

    async def run(engine: Engine) -> tuple[GateReport, int]:
        gate = await check_model(engine, settings, report)
        return gate, sum([await _is_understood(engine, verdict) for verdict in verdicts])

    with TemporaryDirectory() as folder:
        engine = Engine.open(settings, f"sqlite:///{folder}/records.db")
        try:
            return asyncio.run(run(engine))
        finally:
            engine.close()


async def _is_understood(engine: Engine, verdict: Verdict) -> bool:
    """Tell whether a message is understood as an editor assigned it."""
    query = await engine.understand(verdict.text)
    if verdict.kind is Kind.ITEM:
        return query.decision == "answer" and query.items[0].id in verdict.items
    if verdict.scope == "clarify":
        return query.decision == "clarify"
    return query.decision == verdict.scope or (verdict.scope == "followup" and query.topic == "followup")
