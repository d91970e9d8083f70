"""How tickets ended (办结结果), one of a closed list, for figures; the agent's own words stay on the ticket."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum

import sqlalchemy as sa

from bot.records.database import Database, insert_into
from bot.records.tables import tickets


class Ending(str, Enum):
    """What came of a ticket."""

    ANSWERED = "answered"
    REFERRED = "referred"
    """Told which window, number or office to go on with."""
    CALL_BACK = "call_back"
    """Somebody will call the resident."""
    COMPLAINT_PASSED = "complaint_passed"
    EMERGENCY = "emergency"
    """Emergency or psychological help was called in."""
    NO_REPLY = "no_reply"
    """The resident did not write any more."""
    NOT_OURS = "not_ours"
    OTHER = "other"

    def __str__(self) -> str:
        return self.value


tables = sa.MetaData()

ticket_endings = sa.Table(
    "ticket_endings", tables,
    sa.Column("number", sa.ForeignKey(tickets.c.number, ondelete="CASCADE"), primary_key=True),
    sa.Column("ending", sa.String(20), nullable=False),
)  # fmt: skip


class EndingStore:
    """Endings by the number of the ticket; they are forgotten with it. Every method raises StoreError."""

    def __init__(self, database: Database) -> None:
        database.make(tables)
        self._database = database

    def note(self, number: str, ending: Ending) -> None:
        """Keep how the ticket ended."""
        with self._database.transaction() as connection:
            adding = insert_into(connection, ticket_endings).values(number=number, ending=ending.value)
            changing = adding.on_conflict_do_update(index_elements=["number"], set_={"ending": ending.value})
            connection.execute(changing)

    def read(self, numbers: Iterable[str]) -> Mapping[str, Ending]:
        """Return how those of the tickets ended of which it was noted."""
        wanted = sa.select(ticket_endings).where(ticket_endings.c.number.in_(list(numbers)))
        with self._database.transaction() as connection:
            return {row.number: Ending(row.ending) for row in connection.execute(wanted)}
