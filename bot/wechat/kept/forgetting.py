"""Forgetting (删除与保留期): what the channel keeps goes with the conversation."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.records.database import Database
from bot.wechat.kept.tables import people, replies, tables, waiting

A_WHILE = timedelta(days=3)
"""For so long after somebody's last message agents' words may have come: what was brought must still be known."""


class Forgetting:
    """What the engine tells to forget; it also makes the channel's tables. Every method raises StoreError."""

    def __init__(self, database: Database) -> None:
        database.make(tables)
        self._database = database

    def erase(self, session: str) -> None:
        """Forget a session at the resident's request."""
        with self._database.transaction() as connection:
            for table in (replies, waiting, people):
                connection.execute(table.delete().where(table.c.session == session))

    def prune(self, before: datetime) -> int:
        """Forget what is from before *before*; return how many replies."""
        with self._database.transaction() as connection:
            count = connection.execute(replies.delete().where(replies.c.at < before)).rowcount
            connection.execute(waiting.delete().where(waiting.c.at < before))
            connection.execute(people.delete().where(people.c.seen < before - A_WHILE))
            return int(count)
