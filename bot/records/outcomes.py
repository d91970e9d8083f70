"""How each turn ended (结果), for the office's figures: never a text, never a session that could be recognised."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.query import Decision
from bot.records.database import Database
from bot.records.pseudonyms import Pseudonyms
from bot.records.tables import outcomes


class Outcome(str, Enum):
    """How a turn ended; every turn ends in one of these."""

    ANSWERED = "answered"
    PARTLY_ANSWERED = "partly_answered"
    """The guide is silent on a part of what was asked."""
    NARROWED = "narrowed"
    CLARIFIED = "clarified"
    NOT_IN_GUIDE = "not_in_guide"
    EXPIRED_POLICY = "expired_policy"
    OWN_RECORD = "own_record"
    COMPLAINT = "complaint"
    CRISIS = "crisis"
    SMALL_TALK = "small_talk"
    HANDED_OFF = "handed_off"
    SILENT = "silent"
    """A person has the conversation."""
    UNREADABLE = "unreadable"
    FAILED = "failed"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class TurnRecord:
    """One turn: its outcome, what was decided, each item with its confidence, by which edition and model.

    *session* is what the service calls the conversation when a record is added, and a keyed hash when it is read.
    """

    session: str
    at: datetime
    outcome: Outcome
    decision: Decision
    items: tuple[tuple[str, float], ...]
    facets: tuple[str, ...]
    edition: str
    model: str
    channel: str


_ADD = outcomes.insert()
"""Built once, since building costs more than the database does."""


class OutcomeStore:
    """Records of turns, their sessions under pseudonyms."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pseudonyms = Pseudonyms(database, "outcomes")

    def add(self, record: TurnRecord) -> None:
        """Keep one turn."""
        self.prepare()
        with self._database.transaction() as connection:
            self.write(connection, record)

    def prepare(self) -> None:
        """Have the key at hand before a transaction that writes: it is read in one of its own."""
        self._pseudonyms.of("")

    def write(self, connection: Connection, record: TurnRecord) -> None:
        """Keep one turn within a transaction, once prepared."""
        values = {
            "session": self._pseudonyms.of(record.session),
            "at": record.at,
            "outcome": record.outcome.value,
            "decision": record.decision.value,
            "items": json.dumps(record.items),
            "facets": json.dumps(record.facets),
            "edition": record.edition,
            "model": record.model,
            "channel": record.channel,
        }
        connection.execute(_ADD, values)

    def read(self, since: datetime) -> list[TurnRecord]:
        """Return the turns from *since* on, oldest first."""
        wanted = sa.select(outcomes).where(outcomes.c.at >= since).order_by(outcomes.c.at, outcomes.c.id)
        with self._database.transaction() as connection:
            return [_record_of(row) for row in connection.execute(wanted)]

    def erase(self, session: str) -> None:
        """Forget a session at the resident's request."""
        hashed = self._pseudonyms.of(session)
        with self._database.transaction() as connection:
            connection.execute(outcomes.delete().where(outcomes.c.session == hashed))

    def prune(self, before: datetime) -> int:
        """Forget the turns before *before*; return how many."""
        with self._database.transaction() as connection:
            return int(connection.execute(outcomes.delete().where(outcomes.c.at < before)).rowcount)


def _record_of(row: Any) -> TurnRecord:
    return TurnRecord(
        session=row.session,
        at=row.at,
        outcome=Outcome(row.outcome),
        decision=Decision(row.decision),
        items=tuple((id_, confidence) for id_, confidence in json.loads(row.items)),
        facets=tuple(json.loads(row.facets)),
        edition=row.edition,
        model=row.model,
        channel=row.channel,
    )
