"""The board of the desk (工单总览): what waits, is taken, has ended lately, and what was said last on each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.desk import rows
from bot.desk.ticket import Ticket, TicketMessage, TicketState
from bot.records.database import Database

MOST_ENDED = 50


@dataclass(frozen=True)
class Line:
    """One ticket on the board. *place* is that in the queue, 1 for the next, None for those that do not wait."""

    ticket: Ticket
    place: int | None = None
    last: TicketMessage | None = None


@dataclass(frozen=True)
class Board:
    """Tickets that wait, in their order; taken ones, the oldest first; ended ones, the latest first."""

    waiting: tuple[Line, ...] = ()
    taken: tuple[Line, ...] = ()
    ended: tuple[Line, ...] = ()

    def taken_by(self, agent: str) -> tuple[Line, ...]:
        """Return the tickets that *agent* has."""
        return tuple(line for line in self.taken if line.ticket.agent == agent)

    def count_of(self, agent: str) -> int:
        """Return how many tickets *agent* has."""
        return len(self.taken_by(agent))

    def find(self, number: str) -> Line | None:
        """Return the line of that ticket."""
        lines = (*self.waiting, *self.taken, *self.ended)
        return next((line for line in lines if line.ticket.number == number), None)


def read_board(database: Database, since: datetime) -> Board:
    """Return the board of this moment, with what has ended from *since* on. Raises StoreError."""
    with database.transaction() as connection:
        waiting = rows.read_queue(connection)
        taken = rows.read_taken(connection)
        ended = rows.read_ended(connection, since, MOST_ENDED)
        last = rows.read_last_messages(connection, [ticket.number for ticket in (*waiting, *taken, *ended)])

    def lines(tickets: Sequence[Ticket]) -> tuple[Line, ...]:
        return tuple(
            Line(ticket, place if ticket.state is TicketState.WAITING else None, last.get(ticket.number))
            for place, ticket in enumerate(tickets, 1)
        )

    return Board(lines(waiting), lines(taken), lines(ended))
