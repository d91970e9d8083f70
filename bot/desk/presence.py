"""Presence (在岗): which agents are there, which are away for a while, and which have gone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum

import sqlalchemy as sa

from bot.records.database import Database, insert_into
from bot.records.tables import Moment, Words, agents

SIGN_OF_LIFE = timedelta(seconds=75)
"""How long after the last sign somebody still counts as there: pages give one every 20 s."""


class Presence(str, Enum):
    """Where an agent is."""

    HERE = "here"
    AWAY = "away"
    """Away for a while, and says so; the page is open."""
    GONE = "gone"

    def __str__(self) -> str:
        return self.value


tables = sa.MetaData()

absences = sa.Table(
    "agent_absences", tables,
    sa.Column("name", Words, primary_key=True),
    sa.Column("since", Moment, nullable=False),
)  # fmt: skip


class PresenceStore:
    """Who said to be away; who gave a sign of life, the desk knows already. Every method raises StoreError."""

    def __init__(self, database: Database) -> None:
        database.make(tables)
        self._database = database

    def go(self, agent: str, at: datetime) -> None:
        """Note that *agent* is away for a while."""
        with self._database.transaction() as connection:
            adding = insert_into(connection, absences).values(name=agent, since=at)
            connection.execute(adding.on_conflict_do_nothing())

    def come_back(self, agent: str) -> None:
        """Note that *agent* is there again."""
        with self._database.transaction() as connection:
            connection.execute(absences.delete().where(absences.c.name == agent))

    def is_away(self, agent: str) -> bool:
        """Tell whether *agent* said to be away."""
        with self._database.transaction() as connection:
            wanted = sa.select(absences.c.name).where(absences.c.name == agent)
            return connection.execute(wanted).first() is not None

    def read(self, now: datetime) -> Mapping[str, Presence]:
        """Return where the agents are who gave a sign of life lately; all others are gone."""
        wanted = (
            sa.select(agents.c.name, absences.c.since)
            .outerjoin(absences, absences.c.name == agents.c.name)
            .where(agents.c.seen >= now - SIGN_OF_LIFE)
        )
        with self._database.transaction() as connection:
            found = list(connection.execute(wanted))
        return {row.name: Presence.HERE if row.since is None else Presence.AWAY for row in found}
