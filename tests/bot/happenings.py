"""What happens in a conversation of tests/conversations/, and what is demanded of it: pure values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.dates.hours import OfficeHours


@dataclass(frozen=True)
class Demand:
    """One thing that must hold: *what* (处置, 含, 状态 …) and its *value*."""

    what: str
    value: str


@dataclass(frozen=True)
class Says:
    """The resident says something; what must hold of the reply."""

    text: str
    demands: tuple[Demand, ...] = ()


@dataclass(frozen=True)
class NewResident:
    """Somebody else begins, at the usual time."""


@dataclass(frozen=True)
class SetClock:
    """What follows happens at that time."""

    to: datetime


@dataclass(frozen=True)
class Wait:
    """That much time passes."""

    span: timedelta


@dataclass(frozen=True)
class SetHours:
    """The office has opening hours."""

    hours: OfficeHours


@dataclass(frozen=True)
class WriteShort:
    """The resident wishes for short sentences from now on (长辈模式)."""


@dataclass(frozen=True)
class OthersWait:
    """So many others have called a person before."""

    count: int


@dataclass(frozen=True)
class AgentTakes:
    """An agent takes the resident's ticket."""

    name: str


@dataclass(frozen=True)
class AgentSays:
    """An agent writes to the resident."""

    name: str
    text: str


@dataclass(frozen=True)
class AgentCloses:
    """An agent ends the ticket."""

    name: str


@dataclass(frozen=True)
class Receives:
    """What must hold of the agents' words that reach the resident now."""

    demands: tuple[Demand, ...]


@dataclass(frozen=True)
class OnTicket:
    """What must hold of the resident's last ticket, as the agents see it."""

    demands: tuple[Demand, ...]


Happening = (
    Says
    | NewResident
    | SetClock
    | Wait
    | SetHours
    | WriteShort
    | OthersWait
    | AgentTakes
    | AgentSays
    | AgentCloses
    | Receives
    | OnTicket
)


@dataclass(frozen=True)
class Conversation:
    """What happens, each with its line; *problem* says why it is known to go wrong, if it is."""

    happenings: tuple[tuple[int, Happening], ...]
    problem: str | None = None
