"""The state of each conversation (会话), so that it goes on after a restart; one row each, however long it gets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.records.database import Database
from bot.records.tables import Moment, conversations

_KEEP = sa.text(
    "INSERT INTO conversations (session, state, saved) VALUES (:session, :state, :saved)"
    " ON CONFLICT (session) DO UPDATE SET state = excluded.state, saved = excluded.saved"
).bindparams(sa.bindparam("saved", type_=Moment))
"""Both databases say it so. SQLAlchemy compiles its own form anew each time, which costs more than the writing."""

_STATE = sa.select(conversations.c.state).where(conversations.c.session == sa.bindparam("session"))


class ConversationStore:
    """Conversations by their session; what the state holds is its owner's matter, as long as it is JSON."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, session: str) -> Mapping[str, Any] | None:
        """Return the state last saved; None for a session that is new, erased or pruned."""
        with self._database.transaction() as connection:
            return read_state(connection, session)

    def save(self, session: str, state: Mapping[str, Any], at: datetime) -> None:
        """Keep *state* in the place of the one before."""
        with self._database.transaction() as connection:
            write_state(connection, session, state, at)

    def erase(self, session: str) -> None:
        """Forget a session at the resident's request."""
        with self._database.transaction() as connection:
            erase_state(connection, session)

    def prune(self, before: datetime) -> int:
        """Forget the sessions in which nothing was said since *before*; return how many."""
        with self._database.transaction() as connection:
            return int(connection.execute(conversations.delete().where(conversations.c.saved < before)).rowcount)


def read_state(connection: Connection, session: str) -> Mapping[str, Any] | None:
    """Return the state of *session*; None where there is none."""
    row = connection.execute(_STATE, {"session": session}).first()
    if row is None:
        return None
    state: dict[str, Any] = json.loads(row.state)
    return state


def write_state(connection: Connection, session: str, state: Mapping[str, Any], at: datetime) -> None:
    """Keep *state* as that of *session*."""
    # Everything beyond ASCII is escaped: half a character that somebody sent comes back as it was.
    connection.execute(_KEEP, {"session": session, "state": json.dumps(dict(state)), "saved": at})


def erase_state(connection: Connection, session: str) -> None:
    """Forget the state of *session*."""
    connection.execute(conversations.delete().where(conversations.c.session == session))
