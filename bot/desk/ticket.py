"""A ticket (工单) and what may happen to it: pure values; what refuses says why, in Chinese for the clerks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum


class TicketError(Exception):
    """What was asked of a ticket cannot be done; the message tells a clerk why."""


class TicketState(str, Enum):
    """Where a ticket stands. Waiting and taken ones are open: a session has one of them at most."""

    WAITING = "waiting"
    TAKEN = "taken"
    CLOSED = "closed"
    CALLED_OFF = "called_off"

    def __str__(self) -> str:
        return self.value


class Reason(str, Enum):
    """Why a person is needed."""

    WISH = "wish"
    FAILED_TURNS = "failed_turns"
    COMPLAINT = "complaint"
    CRISIS = "crisis"
    ANGER = "anger"

    def __str__(self) -> str:
        return self.value


class Author(str, Enum):
    """Who said something on a ticket."""

    RESIDENT = "resident"
    AGENT = "agent"
    SYSTEM = "system"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class TicketMessage:
    """One thing said on a ticket. *delivered* is False while an agent's words have not reached the resident."""

    id: int
    author: Author
    name: str | None
    text: str
    at: datetime
    delivered: bool


@dataclass(frozen=True)
class Ticket:
    """One hand-off of a conversation to a person.

    *number* can be said aloud: month, day and a running number of that day ("1126-003"). *closed* is when it ended,
    called off or done. *contact* is there only where the resident *consented*.
    """

    number: str
    session: str
    channel: str
    reason: Reason
    state: TicketState
    opened: datetime
    summary: tuple[str, ...]
    agent: str | None = None
    taken: datetime | None = None
    closed: datetime | None = None
    contact: str | None = None
    consented: datetime | None = None
    outcome: str | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether a person is waited for or at it."""
        return self.state in (TicketState.WAITING, TicketState.TAKEN)

    def take(self, agent: str, at: datetime) -> Ticket:
        """Return the ticket in the hands of *agent*. Raises TicketError where it does not wait, naming who has it."""
        if self.state is not TicketState.WAITING:
            raise TicketError(self._where())
        return replace(self, state=TicketState.TAKEN, agent=agent, taken=at)

    def hand_over(self, agent: str, to_agent: str) -> Ticket:
        """Return the ticket passed on by *agent*, who must have it."""
        self.require_agent(agent)
        return replace(self, agent=to_agent)

    def release(self, agent: str) -> Ticket:
        """Return the ticket put back by *agent*, who must have it; it waits again, at its old place."""
        self.require_agent(agent)
        return replace(self, state=TicketState.WAITING, agent=None, taken=None)

    def close(self, agent: str, outcome: str, at: datetime) -> Ticket:
        """Return the ticket done by *agent*, who must have it; *outcome* is the agent's note of what came of it."""
        self.require_agent(agent)
        return replace(self, state=TicketState.CLOSED, outcome=outcome, closed=at)

    def call_off(self, at: datetime) -> Ticket:
        """Return the ticket withdrawn by the resident, for which nobody needs the contact any more."""
        if self.state is not TicketState.WAITING:
            raise TicketError(self._where())
        return replace(self, state=TicketState.CALLED_OFF, closed=at, contact=None, consented=None)

    def leave_contact(self, contact: str, at: datetime) -> Ticket:
        """Return the ticket with a way to reach the resident, who consented to it *at* that moment."""
        self.require_open()
        return replace(self, contact=contact, consented=at)

    def become_crisis(self) -> Ticket:
        """Return the ticket as one of a resident who is in a crisis by now."""
        self.require_open()
        return replace(self, reason=Reason.CRISIS)

    def require_open(self) -> None:
        """Raise TicketError where the ticket has ended."""
        if not self.is_open:
            raise TicketError(self._where())

    def require_agent(self, agent: str) -> None:
        """Raise TicketError where *agent* does not have the ticket."""
        if self.state is not TicketState.TAKEN or self.agent != agent:
            raise TicketError(self._where())

    def _where(self) -> str:
        where = {
            TicketState.WAITING: "还没有人接手",
            TicketState.TAKEN: f"已由 {self.agent} 接手",
            TicketState.CLOSED: "已经办结",
            TicketState.CALLED_OFF: "已由来访人撤回",
        }
        return f"工单 {self.number} {where[self.state]}"
