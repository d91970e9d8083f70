"""Canned replies (常用语): sentences that agents say again and again, their own and those that all share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.records.database import Database
from bot.records.tables import Moment, Words

MOST_OWN = 100
"""Replies that one agent, or all together, can keep."""


class CannedError(Exception):
    """A reply that cannot be kept."""


@dataclass(frozen=True)
class CannedReply:
    """A reply of *owner*, None where all agents share it; *by* is who wrote it."""

    id: int
    owner: str | None
    text: str
    by: str
    at: datetime


tables = sa.MetaData()

canned_replies = sa.Table(
    "canned_replies", tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("owner", Words, index=True),
    sa.Column("text", Words, nullable=False),
    sa.Column("by", Words, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sqlite_autoincrement=True,  # an id never comes back: a page that is open for long names replies by it
)  # fmt: skip


class CannedStore:
    """The replies by id. Every method raises StoreError where the database fails."""

    def __init__(self, database: Database) -> None:
        database.make(tables)
        self._database = database

    def read(self, agent: str) -> list[CannedReply]:
        """Return what *agent* can say: the own replies, then those that all share, each in the order of writing."""
        table = canned_replies.c
        wanted = sa.select(canned_replies).where(sa.or_(table.owner == agent, table.owner.is_(None)))
        ordered = wanted.order_by(sa.case((table.owner.is_(None), 1), else_=0), table.id)
        with self._database.transaction() as connection:
            return [_reply_of(row) for row in connection.execute(ordered)]

    def add(self, owner: str | None, text: str, by: str, at: datetime) -> CannedReply:
        """Keep a reply. Raises CannedError where *owner* has MOST_OWN already."""
        values = {"owner": owner, "text": text, "by": by, "at": at}
        with self._database.transaction() as connection:
            id_ = int(connection.execute(canned_replies.insert().values(values)).inserted_primary_key[0])
            count = sa.select(sa.func.count()).where(canned_replies.c.owner.is_not_distinct_from(owner))
            if int(connection.execute(count).scalar() or 0) > MOST_OWN:
                raise CannedError(f"more than {MOST_OWN} replies")
        return CannedReply(id_, owner, text, by, at)

    def find(self, id_: int) -> CannedReply | None:
        """Return the reply of that id."""
        with self._database.transaction() as connection:
            row = connection.execute(sa.select(canned_replies).where(canned_replies.c.id == id_)).first()
        return _reply_of(row) if row else None

    def delete(self, id_: int) -> None:
        """Forget the reply of that id."""
        with self._database.transaction() as connection:
            connection.execute(canned_replies.delete().where(canned_replies.c.id == id_))


def _reply_of(row: Any) -> CannedReply:
    return CannedReply(row.id, row.owner, row.text, row.by, row.at)
