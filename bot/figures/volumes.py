"""How much was asked and how it ended (咨询量): turns counted by the database, which may hold a hundred thousand."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.figures.period import Period
from bot.records.outcomes import Outcome
from bot.records.tables import outcomes
from bot.settings import OFFICE_TIME

NOT_ASKED = frozenset({Outcome.SMALL_TALK, Outcome.SILENT})
"""Turns that ask the bot for nothing: they count as turns, not as questions."""

HANDED_OVER = frozenset({Outcome.HANDED_OFF, Outcome.COMPLAINT, Outcome.CRISIS})
ANSWERED = frozenset({Outcome.ANSWERED, Outcome.NARROWED, Outcome.PARTLY_ANSWERED, Outcome.EXPIRED_POLICY})


@dataclass(frozen=True)
class ItemCount:
    """How often an item was answered about; *silent* tells how often the guide had nothing on a part of it."""

    item: str
    answered: int
    silent: int


@dataclass(frozen=True)
class Volumes:
    """Turns by day, hour, outcome and channel; what was asked about, facets of answered turns alone.

    *channels* counts all of them, whichever one the others are about.
    """

    by_day: Mapping[date, Counter[Outcome]]
    by_hour: Mapping[int, Counter[Outcome]]
    sessions_by_day: Mapping[date, int]
    sessions: int
    items: tuple[ItemCount, ...]
    facets: Mapping[str, int]
    channels: Mapping[str, int]

    @cached_property
    def outcomes(self) -> Counter[Outcome]:
        """Turns by how they ended."""
        counted: Counter[Outcome] = Counter()
        for of_day in self.by_day.values():
            counted.update(of_day)
        return counted

    @property
    def turns(self) -> int:
        """All turns."""
        return self.outcomes.total()

    @property
    def questions(self) -> int:
        """Turns in which something was asked."""
        return sum(count for outcome, count in self.outcomes.items() if outcome not in NOT_ASKED)

    def rate(self, *ended: Outcome) -> float | None:
        """Return the share of questions that ended in one of *ended*; None where nothing was asked."""
        questions = self.questions
        return sum(self.outcomes[outcome] for outcome in ended) / questions if questions else None


def read_volumes(connection: Connection, period: Period) -> Volumes:
    """Count the turns of *period*."""
    at, name = outcomes.c.at, connection.dialect.name
    within = sa.and_(at >= period.begin, at < period.end)
    chosen = sa.and_(within, outcomes.c.channel == period.channel) if period.channel else within
    day, hour = _office_day(at, name), _office_hour(at, name)

    # Two readings rather than one by day and hour: of a year that would be as many rows as there are turns.
    by_day: defaultdict[date, Counter[Outcome]] = defaultdict(Counter)
    for row in connection.execute(_counting(chosen, day, outcomes.c.outcome)):
        by_day[date.fromisoformat(row[0])][Outcome(row.outcome)] = int(row.count)
    by_hour: defaultdict[int, Counter[Outcome]] = defaultdict(Counter)
    for row in connection.execute(_counting(chosen, hour, outcomes.c.outcome)):
        by_hour[int(row[0])][Outcome(row.outcome)] = int(row.count)
    distinct = sa.func.count(sa.distinct(outcomes.c.session))
    of_day = connection.execute(sa.select(day, distinct).where(chosen).group_by(day))
    answered = sa.and_(chosen, outcomes.c.decision == "answer")
    rows = connection.execute(
        _counting(answered, _first_item(name).label("item"), outcomes.c.facets, outcomes.c.outcome)
    )
    items, facets = _what_was_asked(rows)
    return Volumes(
        by_day=dict(by_day),
        by_hour=dict(by_hour),
        sessions_by_day={date.fromisoformat(row[0]): int(row[1]) for row in of_day},
        sessions=int(connection.execute(sa.select(distinct).where(chosen)).scalar() or 0),
        items=items,
        facets=facets,
        channels={row.channel: int(row.count) for row in connection.execute(_counting(within, outcomes.c.channel))},
    )


def _counting(where: Any, *groups: Any) -> Any:
    return sa.select(*groups, sa.func.count().label("count")).where(where).group_by(*groups)


def _what_was_asked(rows: Any) -> tuple[tuple[ItemCount, ...], Mapping[str, int]]:
    answered: Counter[str] = Counter()
    silent: Counter[str] = Counter()
    facets: Counter[str] = Counter()
    for row in rows:
        facets.update({facet: int(row.count) for facet in json.loads(row.facets)})
        if row.item:
            answered[row.item] += int(row.count)
            silent[row.item] += int(row.count) * (row.outcome == Outcome.PARTLY_ANSWERED.value)
    ordered = sorted(answered, key=lambda item: (-answered[item], item))
    return tuple(ItemCount(item, answered[item], silent[item]) for item in ordered), dict(facets.most_common())


# ---------------------------------------------------------------- moments and lists, as each database reads them

# Numbers and forms stand in the statement itself: what is grouped by must be the very words of what is selected.
# The office's clocks are never put forward or back, so that one number brings a moment from UTC to its day.
_EAST = int((OFFICE_TIME.utcoffset(datetime(2024, 1, 1)) or timedelta()).total_seconds() // 60)


def _office_day(at: Any, dialect: str) -> Any:
    """Return the day of a moment at the office, as 2026-11-26."""
    if dialect == "postgresql":
        return sa.func.to_char(_moved(at), sa.literal_column("'YYYY-MM-DD'"))
    return sa.func.date(at, sa.literal_column(f"'{_EAST:+d} minutes'"))


def _office_hour(at: Any, dialect: str) -> Any:
    """Return the hour of a moment at the office, as 09."""
    if dialect == "postgresql":
        return sa.func.to_char(_moved(at), sa.literal_column("'HH24'"))
    return sa.func.strftime(sa.literal_column("'%H'"), at, sa.literal_column(f"'{_EAST:+d} minutes'"))


def _moved(at: Any) -> Any:
    return sa.type_coerce(at, sa.DateTime) + sa.literal_column(f"interval '{_EAST} minutes'")


def _first_item(dialect: str) -> Any:
    """Return the id of the first item of a turn; nothing where it is about none."""
    items = outcomes.c["items"]  # .items is the columns' own
    if dialect == "postgresql":
        first = (sa.literal_column("'0'"), sa.literal_column("'0'"))
        return sa.func.json_extract_path_text(sa.cast(items, sa.JSON), *first)
    return sa.func.json_extract(items, sa.literal_column("'$[0][0]'"))
