"""The tickets of the desk in the database: each step one transaction, told to the listeners once it is committed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from typing import TypeVar

from bot.desk import rows
from bot.desk.events import Events, TicketEvent, TicketEventKind
from bot.desk.ticket import Author, Reason, Ticket, TicketMessage, TicketState
from bot.records.database import Connection, Database

T = TypeVar("T")


class TicketStore:
    """Tickets and what is said on them, for residents' channels and agents alike.

    *zone* is the office's, whose date a ticket's number carries. Texts are kept as they come: whoever hands them in
    has masked personal numbers. Methods that name a ticket raise TicketError where there is none of that number,
    and where its state does not allow what is asked.
    """

    def __init__(self, database: Database, zone: tzinfo, events: Events | None = None) -> None:
        self.events = events or Events()
        self._database = database
        self._zone = zone

    # ------------------------------------------------------------ the resident's side

    def open(self, session: str, channel: str, reason: Reason, summary: Sequence[str], at: datetime) -> Ticket:
        """Return the open ticket of *session*, a new one where it has none: never two, whoever else opens one.

        A crisis becomes the reason of a ticket that was opened for another.
        """
        while True:
            known = self.open_ticket_of(session)
            if known is not None and reason is Reason.CRISIS and known.reason is not Reason.CRISIS:
                return self._change(TicketEventKind.BECAME_CRISIS, known.number, Ticket.become_crisis)
            if known is not None:
                return known
            with self._database.transaction() as connection:
                number = rows.next_number(connection, at.astimezone(self._zone).date())
                ticket = Ticket(number, session, channel, reason, TicketState.WAITING, at, tuple(summary))
                is_new = rows.insert_ticket(connection, ticket)
            if is_new:
                self._tell(TicketEventKind.OPENED, ticket)
                return ticket
            # Somebody opened one in between, or a ticket of last year has the number: the next one is free.

    def open_ticket_of(self, session: str, within: Connection | None = None) -> Ticket | None:
        """Return the ticket of *session* that waits or is taken, read *within* a transaction that is open already."""
        if within is not None:
            return rows.find_open(within, session)
        with self._database.transaction() as connection:
            return rows.find_open(connection, session)

    def waiting_place(self, number: str) -> int:
        """Return the ticket's place in the queue, 1 for the next one; 0 where it does not wait."""
        numbers = [ticket.number for ticket in self.waiting()]
        return numbers.index(number) + 1 if number in numbers else 0

    def call_off(self, session: str, at: datetime) -> Ticket | None:
        """Withdraw the ticket of *session* while nobody has taken it; None where there is none."""
        ticket = self.open_ticket_of(session)
        if ticket is None:
            return None
        return self._change(TicketEventKind.CALLED_OFF, ticket.number, lambda ticket: ticket.call_off(at))

    def leave_contact(self, number: str, contact: str, at: datetime) -> Ticket:
        """Keep, on the ticket alone, how the resident can be reached; only who asked for consent may call this."""
        return self._change(TicketEventKind.CONTACT_LEFT, number, lambda ticket: ticket.leave_contact(contact, at))

    def undelivered(self, session: str) -> list[TicketMessage]:
        """Return the agents' words that have not reached the resident yet, those on a ticket since closed included."""
        with self._database.transaction() as connection:
            return rows.read_undelivered(connection, session)

    def deliver(self, session: str, keep: Callable[[Connection, TicketMessage], T]) -> list[T]:
        """Hand each of the agents' words that have not reached *session* to *keep*, once, whoever else delivers.

        What *keep* writes with the connection and the mark that they are delivered come about together or not at all.
        """
        waiting = self.undelivered(session)
        if not waiting:
            return []
        with self._database.transaction() as connection:
            return [keep(connection, message) for message in rows.mark_messages(connection, waiting)]

    # ------------------------------------------------------------ the agents' side

    def waiting(self) -> list[Ticket]:
        """Return the queue: crises first, then in the order of opening."""
        with self._database.transaction() as connection:
            return rows.read_queue(connection)

    def find(self, number: str) -> Ticket | None:
        """Return the ticket of that number, whatever its state."""
        with self._database.transaction() as connection:
            return rows.find_ticket(connection, number)

    def take(self, number: str, agent: str, at: datetime) -> Ticket:
        """Give a waiting ticket to *agent*; of several who ask, the first gets it."""
        with self._database.transaction() as connection:
            ticket = rows.lock_ticket(connection, number).take(agent, at)
            rows.update_ticket(connection, ticket)
            rows.see_agent(connection, agent, at)
        self._tell(TicketEventKind.TAKEN, ticket)
        return ticket

    def hand_over(self, number: str, agent: str, to_agent: str) -> Ticket:
        """Pass a ticket on; to somebody who is not there it is soon released again."""
        return self._change(TicketEventKind.HANDED_OVER, number, lambda ticket: ticket.hand_over(agent, to_agent))

    def release(self, number: str, agent: str) -> Ticket:
        """Let the ticket of *agent* wait again, at its old place."""
        return self._change(TicketEventKind.RELEASED, number, lambda ticket: ticket.release(agent))

    def close(self, number: str, agent: str, outcome: str, at: datetime) -> Ticket:
        """End a ticket with the agent's note of what came of it."""
        return self._change(TicketEventKind.CLOSED, number, lambda ticket: ticket.close(agent, outcome, at))

    def seen(self, agent: str, at: datetime) -> None:
        """Note that *agent* is there; taking a ticket and answering on it do so as well."""
        with self._database.transaction() as connection:
            rows.see_agent(connection, agent, at)

    def release_lost(self, before: datetime) -> list[Ticket]:
        """Let the tickets wait again, at their old places, whose agents were not seen since *before*; return them."""
        with self._database.transaction() as connection:
            released = rows.release_tickets(connection, before)
        for ticket in released:
            self._tell(TicketEventKind.RELEASED, ticket)
        return released

    # ------------------------------------------------------------ what is said

    def say(self, number: str, author: Author, name: str | None, text: str, at: datetime) -> None:
        """Add to the transcript: the resident while the ticket is open, the agent who has it, the system always."""
        with self._database.transaction() as connection:
            ticket = rows.lock_ticket(connection, number)
            if author is Author.RESIDENT:
                ticket.require_open()
            elif author is Author.AGENT:
                ticket.require_agent(name or "")
                rows.see_agent(connection, name or "", at)
            rows.insert_message(connection, number, author, name, text, at)
        self._tell(TicketEventKind.SAID, ticket)

    def messages(self, number: str) -> list[TicketMessage]:
        """Return the whole transcript, in order."""
        with self._database.transaction() as connection:
            return rows.read_messages(connection, number)

    # ------------------------------------------------------------ forgetting

    def erase(self, session: str) -> None:
        """Forget a session's tickets at the resident's request, open ones too, with messages and contact."""
        with self._database.transaction() as connection:
            numbers = rows.delete_tickets(connection, session)
        for number in numbers:
            self.events.publish(TicketEvent(TicketEventKind.ERASED, number, session))

    def prune(self, before: datetime) -> int:
        """Forget the tickets that ended before *before*, return how many; an open one stays, however old."""
        with self._database.transaction() as connection:
            return rows.delete_ended(connection, before, before.astimezone(self._zone).date())

    def _change(self, kind: TicketEventKind, number: str, step: Callable[[Ticket], Ticket]) -> Ticket:
        with self._database.transaction() as connection:
            ticket = step(rows.lock_ticket(connection, number))
            rows.update_ticket(connection, ticket)
        self._tell(kind, ticket)
        return ticket

    def _tell(self, kind: TicketEventKind, ticket: Ticket) -> None:
        self.events.publish(TicketEvent(kind, ticket.number, ticket.session))
