"""A glance at the open tickets (工单): all of them in one query, so that whoever looks again sees what has changed.

Other processes write tickets as well and tell nobody: comparing two glances finds that out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.desk.ticket import Reason, TicketState
from bot.records.database import Database
from bot.records.tables import ticket_messages, tickets


@dataclass(frozen=True)
class OpenTicket:
    """A ticket that waits or is taken. *said* is the number of the newest message on it, 0 where nothing was said."""

    number: str
    session: str
    state: TicketState
    reason: Reason
    opened: datetime
    agent: str | None = None
    has_contact: bool = False
    said: int = 0
    has_undelivered: bool = False


@dataclass(frozen=True)
class Glance:
    """The open tickets of one moment, by number and by session, and each one's place in the queue, 1 for the next."""

    by_number: Mapping[str, OpenTicket]
    by_session: Mapping[str, OpenTicket]
    places: Mapping[str, int]

    @classmethod
    def of(cls, tickets: Iterable[OpenTicket]) -> Glance:
        """Return the glance at *tickets*: crises wait before all others, then whoever waits longest."""
        ordered = sorted(tickets, key=lambda one: (one.reason is not Reason.CRISIS, one.opened, one.number))
        waiting = [one.number for one in ordered if one.state is TicketState.WAITING]
        return cls(
            by_number={one.number: one for one in ordered},
            by_session={one.session: one for one in ordered},
            places={number: place for place, number in enumerate(waiting, 1)},
        )


def glance_at(database: Database) -> Glance:
    """Return the tickets that are open now."""
    of_ticket = ticket_messages.c.number == tickets.c.number
    newest = sa.select(sa.func.max(ticket_messages.c.id)).where(of_ticket)
    underway = newest.where(ticket_messages.c.delivered.is_(False))
    table = tickets.c
    wanted = sa.select(
        table.number,
        table.session,
        table.state,
        table.reason,
        table.opened,
        table.agent,
        table.contact.isnot(None).label("has_contact"),
        newest.scalar_subquery().label("said"),
        underway.scalar_subquery().label("underway"),
    ).where(table.closed.is_(None))
    with database.transaction() as connection:
        return Glance.of([_ticket_of(row) for row in connection.execute(wanted)])


def _ticket_of(row: Any) -> OpenTicket:
    return OpenTicket(
        number=row.number,
        session=row.session,
        state=TicketState(row.state),
        reason=Reason(row.reason),
        opened=row.opened,
        agent=row.agent,
        has_contact=bool(row.has_contact),
        said=row.said or 0,
        has_undelivered=row.underway is not None,
    )
