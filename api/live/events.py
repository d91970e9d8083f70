"""What is told to those who listen: to a session's tabs, and to the office's people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from bot.desk.glance import Glance, OpenTicket
from bot.desk.ticket import Reason, TicketState
from bot.dialogue.situation import Person
from bot.records.transcripts import Entry

# ---------------------------------------------------------------- to a session's tabs


@dataclass(frozen=True)
class DeskState:
    """Who has the conversation, as its resident is told: the ticket, its place in the queue, or whoever took it."""

    state: Person = Person.NONE
    ticket: str | None = None
    place: int | None = None
    agent: str | None = None
    typing: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the form of docs/web.md."""
        return {
            "state": self.state.value,
            "ticket": self.ticket,
            "place": self.place,
            "agent": self.agent,
            "typing": self.typing,
        }


NOBODY = DeskState()
"""No person is waited for or at it."""


@dataclass(frozen=True)
class Erased:
    """All that was kept of the session is gone."""


ResidentEvent = Entry | DeskState | Erased


def desk_state(glance: Glance, session: str, is_typing: bool) -> DeskState:
    """Return where *session* stands at the desk."""
    ticket = glance.by_session.get(session)
    if ticket is None:
        return NOBODY
    if ticket.state is TicketState.WAITING:
        return DeskState(Person.WAITING, ticket.number, glance.places[ticket.number])
    return DeskState(Person.TAKEN, ticket.number, None, ticket.agent, is_typing)


# ---------------------------------------------------------------- to the office


class OfficeEventKind(str, Enum):
    """What happened on a ticket, or on the other end of it."""

    OPENED = "opened"
    TAKEN = "taken"
    HANDED_OVER = "handed_over"
    RELEASED = "released"
    SAID = "said"
    DELIVERED = "delivered"
    """All that agents said has reached the resident."""
    CONTACT_LEFT = "contact_left"
    BECAME_CRISIS = "became_crisis"
    CLOSED = "closed"
    CALLED_OFF = "called_off"
    ERASED = "erased"
    TYPING = "typing"
    """The resident is writing."""
    CAME = "came"
    """The resident has the page open."""
    LEFT = "left"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class OfficeEvent:
    """Something that happened about a ticket; what exactly, the desk's store says."""

    kind: OfficeEventKind
    ticket: str
    session: str

    def as_json(self) -> dict[str, str]:
        """Return it as it is sent."""
        return {"kind": self.kind.value, "ticket": self.ticket, "session": self.session}


def changes(before: Glance, after: Glance) -> Iterator[OfficeEvent]:
    """Yield what happened between two glances to the tickets that are open in the later one."""
    for number, ticket in after.by_number.items():
        for kind in _changes_of(before.by_number.get(number), ticket):
            yield OfficeEvent(kind, number, ticket.session)


def ended(before: Glance, after: Glance) -> list[OpenTicket]:
    """Return the tickets that were open in the earlier glance and are not any more."""
    return [ticket for number, ticket in before.by_number.items() if number not in after.by_number]


def how_ended(state: TicketState | None) -> OfficeEventKind:
    """Return what happened to a ticket that has ended in *state*, or is not there any more."""
    if state is None:
        return OfficeEventKind.ERASED
    return OfficeEventKind.CALLED_OFF if state is TicketState.CALLED_OFF else OfficeEventKind.CLOSED


def _changes_of(before: OpenTicket | None, after: OpenTicket) -> Iterator[OfficeEventKind]:
    if before is None:
        yield OfficeEventKind.OPENED
        before = OpenTicket(after.number, after.session, TicketState.WAITING, after.reason, after.opened)
    if after.reason is Reason.CRISIS and before.reason is not Reason.CRISIS:
        yield OfficeEventKind.BECAME_CRISIS
    if after.has_contact and not before.has_contact:
        yield OfficeEventKind.CONTACT_LEFT
    if after.state is TicketState.WAITING and before.state is TicketState.TAKEN:
        yield OfficeEventKind.RELEASED
    elif after.agent != before.agent:
        yield OfficeEventKind.TAKEN if before.state is TicketState.WAITING else OfficeEventKind.HANDED_OVER
    if after.said > before.said:
        yield OfficeEventKind.SAID
    if before.has_undelivered and not after.has_undelivered:
        yield OfficeEventKind.DELIVERED
