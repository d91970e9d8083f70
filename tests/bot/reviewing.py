"""What tests of the review share: residents whose turns are kept, a small project, a trainer that takes no time."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.query import Decision
from bot.records.database import Database
from bot.records.outcomes import Outcome, OutcomeStore, TurnRecord
from bot.records.turns import KeptTurn, TurnStore
from bot.review.command import read_candidates
from bot.review.retraining import Judgement, Retraining
from bot.review.runs import GateRow
from bot.review.store import ReviewStore
from bot.review.verdict import Verdict
from bot.runtime.training import model_path, stamp_path, training_digest
from bot.settings import OFFICE_TIME, Settings, load_settings
from bot.understanding.messages import LabelledMessage, load_messages
from knowledge.vocabulary import load_vocabulary

NOON = datetime(2026, 11, 26, 12, tzinfo=OFFICE_TIME)
ITEMS = frozenset({"card_replace", "card_apply", "retirement_normal"})


@dataclasses.dataclass
class Residents:
    """Those whose turns the records keep."""

    database: Database
    sessions: set[str] = dataclasses.field(default_factory=set)

    def say(
        self,
        text: str,
        outcome: Outcome = Outcome.NOT_IN_GUIDE,
        session: str = "one",
        sure: float = 0.9,
        at: datetime = NOON,
    ) -> int:
        """Let a turn be kept; return the number of the bot's reply."""
        self.sessions.add(session)
        decision = Decision.ANSWER if outcome is Outcome.ANSWERED else Decision.OOS
        items = [{"id": "card_replace", "title": "补卡", "confidence": sure}]
        turn: dict[str, Any] = {
            "decision": decision.value, "items": items, "facets": ["materials"], "applicant": None,
            "messages": [{"type": "text", "text": "…"}], "outcome": outcome.value,
        }  # fmt: skip
        record = TurnRecord(session, at, outcome, decision, (("card_replace", sure),), ("materials",), "e", "m", "web")
        store = TurnStore(self.database, OutcomeStore(self.database))
        (seq,) = store.keep([KeptTurn(record, None, text, turn)])
        assert seq is not None
        return seq

    def erase(self, session: str, review: ReviewStore) -> None:
        """Have everything of a session erased."""
        TurnStore(self.database, OutcomeStore(self.database)).erase(session)
        review.erase(session)


GOOD = GateRow("questions", "score", 0.9, False, 0.94, 0.95, True)
BAD = dataclasses.replace(GOOD, value=0.2, is_good=False)


@dataclasses.dataclass
class FakeWorkshop:
    """Makes a model at once; the gate says what a test wants."""

    rows: tuple[GateRow, ...] = (GOOD,)
    interrupted: type[BaseException] | None = None
    trained_on: list[LabelledMessage] = dataclasses.field(default_factory=list)

    def inputs(self, settings: Settings) -> str:
        return training_digest(settings)

    def train(self, settings: Settings, report: Callable[[str], None]) -> None:
        if self.interrupted is not None:
            raise self.interrupted("no memory")
        self.trained_on = load_messages(settings.nlu_data, ITEMS)
        settings.model_folder.mkdir(parents=True)
        model_path(settings).write_bytes(b"a new model")
        report("trained")

    def judge(
        self, before: Settings, after: Settings, verdicts: Sequence[Verdict], report: Callable[[str], None]
    ) -> Judgement:
        assert before.model_folder != after.model_folder
        return Judgement("nlu_data", self.rows, len(verdicts))


@dataclasses.dataclass
class Beside:
    """A training in a thread, in the place of one in a process."""

    settings: Settings
    workshop: FakeWorkshop
    thread: threading.Thread | None = None
    started: int = 0

    def start(self, command: Sequence[str], _output: Path) -> Beside:
        by = command[command.index("--by") + 1]
        items = frozenset(entry.id for entry in load_vocabulary().catalogue)
        self.started += 1
        at = NOON + timedelta(minutes=self.started)
        retraining = Retraining(self.settings, items, self.workshop, lambda: at, lambda _text: None)
        self.thread = threading.Thread(target=lambda: retraining.lead(read_candidates(self.settings), by))
        self.thread.start()
        return self

    def poll(self) -> int | None:
        return None if self.thread and self.thread.is_alive() else 0

    def wait(self) -> None:
        assert self.thread is not None
        self.thread.join(30)


def small_project(folder: Path) -> Settings:
    """Return a project in *folder* with two labelled messages and a model in force."""
    data = folder / "nlu_data"
    for part, line in (("messages", "card_apply\toverview\t-\t怎么办社保卡\n"), ("scope", "oos\tmedical\t-\t看病\n")):
        (data / part).mkdir(parents=True)
        (data / part / "anna.tsv").write_text(line, encoding="utf-8")
    settings = dataclasses.replace(
        load_settings(),
        nlu_data=data,
        model_folder=folder / "models",
        review_folder=folder / "review",
        evaluation_sets=folder / "none",
        database_url=f"sqlite:///{folder}/records.db",
    )
    put_first_model(settings)
    return settings


def put_first_model(settings: Settings) -> None:
    """Put something in force that is taken for the project's model."""
    settings.model_folder.mkdir()
    model_path(settings).write_bytes(b"the first model")
    stamp_path(settings).write_text(training_digest(settings), encoding="utf-8")
