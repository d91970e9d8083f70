"""The days that figures are about (统计时段), as the office counts days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.settings import OFFICE_TIME

USUAL_DAYS = 30
"""How many days are shown where none are asked for."""
LONGEST_DAYS = 800
"""More than the records are kept by default, so that no call makes the service count for minutes."""


class PeriodError(ValueError):
    """Days that cannot be shown; *code* tells pages why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Period:
    """The days from *first* to *last*, both included, of one *channel* or of all."""

    first: date
    last: date
    channel: str | None = None

    @classmethod
    def of(cls, first: date | None, last: date | None, today: date, channel: str | None = None) -> Period:
        """Return the days asked for; the last month where none are. Raises PeriodError."""
        last = last or (today if first is None else max(first, today))
        first = first or last - timedelta(days=min(USUAL_DAYS - 1, last.toordinal() - 1))
        if first > last:
            raise PeriodError("days_reversed", f"{first} is later than {last}")
        if (last - first).days >= LONGEST_DAYS:
            raise PeriodError("too_many_days", f"{LONGEST_DAYS} days at most")
        return cls(first, last, channel)

    @classmethod
    def parse(cls, first: str, last: str, today: date, channel: str = "") -> Period:
        """Return the days that somebody has typed, as 2026-11-26 or not at all. Raises PeriodError."""
        try:
            days = [date.fromisoformat(typed) if typed else None for typed in (first, last)]
        except ValueError as error:
            raise PeriodError("no_day", f"a day as 2026-11-26 is expected: {error}") from error
        return cls.of(days[0], days[1], today, channel or None)

    @property
    def begin(self) -> datetime:
        """The first moment that belongs to it."""
        return datetime.combine(self.first, time(), OFFICE_TIME)

    @property
    def end(self) -> datetime:
        """The first moment that does not belong to it any more."""
        return self.begin + timedelta(days=(self.last - self.first).days + 1)

    @property
    def days(self) -> Iterator[date]:
        """Every day, in order."""
        return (self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1))
