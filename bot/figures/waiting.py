"""How long residents wait for a person (等候), and why they want one: tickets that were opened in a period."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.desk.ticket import Reason, TicketState
from bot.figures.period import Period
from bot.records.tables import tickets


@dataclass(frozen=True)
class Spread:
    """Seconds that something took: the middle one of them, and the one that nine in ten do not exceed."""

    count: int
    median: float | None
    ninety: float | None

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Spread:
        """Return it for what was measured."""
        ordered = sorted(seconds)
        return cls(len(ordered), _quantile(ordered, 0.5), _quantile(ordered, 0.9))


@dataclass(frozen=True)
class Waiting:
    """Tickets by reason, how long those waited that an agent took, and how long agents had them.

    *left* were called off before anybody took them, *waiting* still wait.
    """

    tickets: int
    waited: Spread
    handled: Spread
    left: int
    waiting: int
    reasons: Mapping[Reason, int]


def read_waiting(connection: Connection, period: Period) -> Waiting:
    """Read the tickets of *period*; there are some dozens a day, so that they are counted here."""
    table = tickets.c
    chosen = [table.opened >= period.begin, table.opened < period.end]
    if period.channel:
        chosen.append(table.channel == period.channel)
    wanted = sa.select(table.reason, table.state, table.opened, table.taken, table.closed).where(*chosen)
    rows = list(connection.execute(wanted))
    reasons = Counter(Reason(row.reason) for row in rows)
    return Waiting(
        tickets=len(rows),
        waited=Spread.of([(row.taken - row.opened).total_seconds() for row in rows if row.taken]),
        handled=Spread.of([(row.closed - row.taken).total_seconds() for row in rows if row.taken and row.closed]),
        left=sum(row.state == TicketState.CALLED_OFF.value and row.taken is None for row in rows),
        waiting=sum(row.state == TicketState.WAITING.value for row in rows),
        reasons={reason: reasons[reason] for reason in Reason},
    )


def _quantile(ordered: Sequence[float], part: float) -> float | None:
    """Return the smallest value that *part* of all do not exceed."""
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)] if ordered else None
