"""What was said in each session (对话记录), every channel alike; personal numbers are masked before it comes here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.records.database import Database
from bot.records.tables import transcripts


class EntryAuthor(str, Enum):
    """Who said it."""

    RESIDENT = "resident"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Entry:
    """One thing said. *seq* grows within a session, with gaps; *turn* is the bot's whole reply, None for others.

    *message_id* is what a channel calls the message: the resident's entry and the bot's reply to it carry the same.
    """

    seq: int
    session: str
    at: datetime
    author: EntryAuthor
    text: str
    name: str | None = None
    message_id: str | None = None
    turn: Mapping[str, Any] | None = None


# Built once, since building costs more than the database does: each turn runs them.
_ADD = transcripts.insert()
_REPLY = (
    sa.select(transcripts)
    .where(
        transcripts.c.session == sa.bindparam("session"),
        transcripts.c.message_id == sa.bindparam("message_id"),
        transcripts.c.author == EntryAuthor.BOT.value,
    )
    .order_by(transcripts.c.seq)
    .limit(1)
)


class TranscriptStore:
    """The entries of all sessions, read by session from a number on."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, session: str, after: int = 0, limit: int = 500) -> list[Entry]:
        """Return the entries of *session* behind number *after*, the first *limit* of them, in order."""
        table = transcripts.c
        wanted = (
            sa.select(transcripts).where(table.session == session, table.seq > after).order_by(table.seq).limit(limit)
        )
        with self._database.transaction() as connection:
            return [_entry_of(row) for row in connection.execute(wanted)]

    def last_seq(self, session: str) -> int:
        """Return the number of the newest entry of *session*; 0 where there is none."""
        newest = sa.select(sa.func.max(transcripts.c.seq)).where(transcripts.c.session == session)
        with self._database.transaction() as connection:
            return int(connection.execute(newest).scalar() or 0)

    def find_reply(self, session: str, message_id: str) -> Entry | None:
        """Return what the bot replied to the message of that id."""
        with self._database.transaction() as connection:
            return find_reply(connection, session, message_id)

    def add(self, session: str, at: datetime, author: EntryAuthor, text: str, name: str | None = None) -> Entry:
        """Keep something that is said outside a turn."""
        with self._database.transaction() as connection:
            return write_entry(connection, session, at, author, text, name=name)

    def erase(self, session: str) -> None:
        """Forget a session at the resident's request."""
        with self._database.transaction() as connection:
            erase_entries(connection, session)

    def prune(self, before: datetime) -> int:
        """Forget what was said before *before*; return how many entries."""
        with self._database.transaction() as connection:
            return int(connection.execute(transcripts.delete().where(transcripts.c.at < before)).rowcount)


def find_reply(connection: Connection, session: str, message_id: str) -> Entry | None:
    """Return what the bot replied to the message of that id, the first reply if there were several."""
    row = connection.execute(_REPLY, {"session": session, "message_id": message_id}).first()
    return _entry_of(row) if row else None


def write_entry(
    connection: Connection,
    session: str,
    at: datetime,
    author: EntryAuthor,
    text: str,
    name: str | None = None,
    message_id: str | None = None,
    turn: Mapping[str, Any] | None = None,
) -> Entry:
    """Keep one entry; return it with its number."""
    values = {
        "session": session,
        "at": at,
        "author": author.value,
        "text": text,
        "name": name,
        "message_id": message_id,
        # Everything beyond ASCII is escaped: half a character that somebody sent comes back as it was.
        "turn": None if turn is None else json.dumps(dict(turn)),
    }
    seq = connection.execute(_ADD, values).inserted_primary_key[0]
    return Entry(int(seq), session, at, author, text, name, message_id, turn)


def erase_entries(connection: Connection, session: str) -> None:
    """Forget the entries of *session*."""
    connection.execute(transcripts.delete().where(transcripts.c.session == session))


def _entry_of(row: Any) -> Entry:
    return Entry(
        seq=row.seq,
        session=row.session,
        at=row.at,
        author=EntryAuthor(row.author),
        text=row.text,
        name=row.name,
        message_id=row.message_id,
        turn=None if row.turn is None else json.loads(row.turn),
    )
