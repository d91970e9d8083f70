"""Tickets as rows: each function is one step inside a transaction that the store has opened."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.desk.ticket import Author, Reason, Ticket, TicketError, TicketMessage, TicketState
from bot.records.database import insert_into
from bot.records.tables import agents, ticket_days, ticket_messages, tickets

_QUEUE = (sa.case((tickets.c.reason == Reason.CRISIS.value, 0), else_=1), tickets.c.opened, tickets.c.number)
"""Who comes first: a crisis before all others, then whoever waits longest."""

_OPEN = sa.select(tickets).where(tickets.c.session == sa.bindparam("session"), tickets.c.closed.is_(None))
"""Built once, since building costs more than the database does: each turn asks."""


def next_number(connection: Connection, day: date) -> str:
    """Return the next number of *day*. It may be that of a ticket one year older: insert_ticket tells."""
    counting = insert_into(connection, ticket_days).values(day=day, last=1)
    connection.execute(counting.on_conflict_do_update(index_elements=["day"], set_={"last": ticket_days.c.last + 1}))
    row = connection.execute(sa.select(ticket_days.c.last).where(ticket_days.c.day == day)).one()
    return f"{day:%m%d}-{row.last:03d}"


def insert_ticket(connection: Connection, ticket: Ticket) -> bool:
    """Insert a new ticket; False where its session has an open one or its number is taken."""
    adding = insert_into(connection, tickets).values(
        number=ticket.number,
        session=ticket.session,
        channel=ticket.channel,
        opened=ticket.opened,
        summary=json.dumps(ticket.summary, ensure_ascii=False),
        **_changing(ticket),
    )
    return bool(connection.execute(adding.on_conflict_do_nothing()).rowcount)


def update_ticket(connection: Connection, ticket: Ticket) -> None:
    """Write what can change of a ticket that the transaction has locked."""
    connection.execute(tickets.update().where(tickets.c.number == ticket.number).values(_changing(ticket)))


def lock_ticket(connection: Connection, number: str) -> Ticket:
    """Return the ticket, which nobody else changes until the transaction ends. Raises TicketError without one."""
    # An update of no effect takes the row on PostgreSQL, the pen on SQLite, and waits for either.
    connection.execute(tickets.update().where(tickets.c.number == number).values(number=number))
    ticket = find_ticket(connection, number)
    if ticket is None:
        raise TicketError(f"没有工单 {number}")
    return ticket


def find_ticket(connection: Connection, number: str) -> Ticket | None:
    """Return the ticket of that number."""
    row = connection.execute(sa.select(tickets).where(tickets.c.number == number)).first()
    return _ticket_of(row) if row else None


def find_open(connection: Connection, session: str) -> Ticket | None:
    """Return the open ticket of a session."""
    row = connection.execute(_OPEN, {"session": session}).first()
    return _ticket_of(row) if row else None


def read_queue(connection: Connection) -> list[Ticket]:
    """Return the tickets that wait, in their order."""
    waiting = sa.select(tickets).where(tickets.c.state == TicketState.WAITING.value).order_by(*_QUEUE)
    return [_ticket_of(row) for row in connection.execute(waiting)]


def read_taken(connection: Connection) -> list[Ticket]:
    """Return the tickets that somebody has, the oldest first."""
    taken = sa.select(tickets).where(tickets.c.state == TicketState.TAKEN.value)
    return [_ticket_of(row) for row in connection.execute(taken.order_by(tickets.c.taken, tickets.c.number))]


def read_ended(connection: Connection, since: datetime, limit: int) -> list[Ticket]:
    """Return the tickets that ended from *since* on, the latest first."""
    ended = sa.select(tickets).where(tickets.c.closed >= since).order_by(tickets.c.closed.desc(), tickets.c.number)
    return [_ticket_of(row) for row in connection.execute(ended.limit(limit))]


def read_last_messages(connection: Connection, numbers: Iterable[str]) -> dict[str, TicketMessage]:
    """Return what resident or agent said last on each ticket; one on which nothing was said has none."""
    spoken = ticket_messages.c.author != Author.SYSTEM.value
    newest = (
        sa.select(sa.func.max(ticket_messages.c.id))
        .where(ticket_messages.c.number.in_(list(numbers)), spoken)
        .group_by(ticket_messages.c.number)
    )
    found = connection.execute(sa.select(ticket_messages).where(ticket_messages.c.id.in_(newest)))
    return {row.number: _message_of(row) for row in found}


def release_tickets(connection: Connection, before: datetime) -> list[Ticket]:
    """Put the tickets back whose agents were not seen since *before*."""
    present = sa.select(agents.c.name).where(agents.c.seen >= before)
    lost = sa.and_(tickets.c.state == TicketState.TAKEN.value, tickets.c.agent.notin_(present))
    connection.execute(tickets.update().where(lost).values(state=TicketState.WAITING.value))
    # A ticket that waits and still has an agent is one of those just moved.
    moved = sa.and_(tickets.c.state == TicketState.WAITING.value, tickets.c.agent.isnot(None))
    numbers = [row.number for row in connection.execute(sa.select(tickets.c.number).where(moved))]
    connection.execute(tickets.update().where(moved).values(agent=None, taken=None))
    return [ticket for ticket in read_queue(connection) if ticket.number in numbers]


def delete_tickets(connection: Connection, session: str) -> list[str]:
    """Delete a session's tickets with all that was said on them; return their numbers."""
    of_session = tickets.c.session == session
    connection.execute(tickets.update().where(of_session).values(session=session))  # locks them, as lock_ticket does
    numbers = [row.number for row in connection.execute(sa.select(tickets.c.number).where(of_session))]
    connection.execute(tickets.delete().where(of_session))
    return numbers


def delete_ended(connection: Connection, before: datetime, day: date) -> int:
    """Delete the tickets that ended before *before*; the days' counters and agents of that time go with them."""
    count = int(connection.execute(tickets.delete().where(tickets.c.closed < before)).rowcount)
    connection.execute(ticket_days.delete().where(ticket_days.c.day < day))
    connection.execute(agents.delete().where(agents.c.seen < before))
    return count


def see_agent(connection: Connection, agent: str, at: datetime) -> None:
    """Note that an agent is there."""
    seeing = insert_into(connection, agents).values(name=agent, seen=at)
    connection.execute(seeing.on_conflict_do_update(index_elements=["name"], set_={"seen": at}))


def insert_message(
    connection: Connection, number: str, author: Author, name: str | None, text: str, at: datetime
) -> None:
    """Add to what was said; only an agent's words have a way before them."""
    values = {"number": number, "author": author.value, "name": name, "text": text, "at": at}
    connection.execute(ticket_messages.insert().values(**values, delivered=author is not Author.AGENT))


def read_messages(connection: Connection, number: str) -> list[TicketMessage]:
    """Return all that was said on a ticket, in order."""
    said = sa.select(ticket_messages).where(ticket_messages.c.number == number).order_by(ticket_messages.c.id)
    return [_message_of(row) for row in connection.execute(said)]


def read_undelivered(connection: Connection, session: str) -> list[TicketMessage]:
    """Return what has not reached the resident, on whichever ticket, in order."""
    said = (
        sa.select(ticket_messages)
        .join(tickets, tickets.c.number == ticket_messages.c.number)
        .where(tickets.c.session == session, ticket_messages.c.delivered.is_(False))
        .order_by(ticket_messages.c.id)
    )
    return [_message_of(row) for row in connection.execute(said)]


def mark_messages(connection: Connection, messages: Iterable[TicketMessage]) -> list[TicketMessage]:
    """Mark messages as delivered; return those that nobody had marked before."""
    marked = []
    # In one order for all: two who mark the same messages wait for each other once, not crosswise.
    for message in sorted(messages, key=lambda message: message.id):
        unmarked = (ticket_messages.c.id == message.id, ticket_messages.c.delivered.is_(False))
        if connection.execute(ticket_messages.update().where(*unmarked).values(delivered=True)).rowcount:
            marked.append(message)
    return marked


def _changing(ticket: Ticket) -> dict[str, Any]:
    return {
        "reason": ticket.reason.value,
        "state": ticket.state.value,
        "agent": ticket.agent,
        "taken": ticket.taken,
        "closed": ticket.closed,
        "contact": ticket.contact,
        "consented": ticket.consented,
        "outcome": ticket.outcome,
    }


def _ticket_of(row: Any) -> Ticket:
    return Ticket(
        number=row.number,
        session=row.session,
        channel=row.channel,
        reason=Reason(row.reason),
        state=TicketState(row.state),
        opened=row.opened,
        summary=tuple(json.loads(row.summary)),
        agent=row.agent,
        taken=row.taken,
        closed=row.closed,
        contact=row.contact,
        consented=row.consented,
        outcome=row.outcome,
    )


def _message_of(row: Any) -> TicketMessage:
    return TicketMessage(row.id, Author(row.author), row.name, row.text, row.at, row.delivered)
