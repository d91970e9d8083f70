"""When the office is open (办公时间): the hours it sets in office.yml, on the working days of the calendar.

Times are those of the office's clock; whoever asks gives the time in its time zone. The guide names no hours, so an
office that sets none has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.dates.workdays import UnknownYear, is_workday
from knowledge.vocabulary import OpeningSpan, Vocabulary


@dataclass(frozen=True)
class OfficeHours:
    """The *spans* of a working day in which the office is open, in their order."""

    spans: tuple[OpeningSpan, ...]

    def is_open(self, at: datetime) -> bool | None:
        """Tell whether the office is open *at* that moment; None in a year whose working days are not known."""
        try:
            return is_workday(at.date()) and any(span.opens <= at.time() < span.closes for span in self.spans)
        except UnknownYear:
            return None

    def next_opening(self, at: datetime) -> datetime | None:
        """Return when the office opens next, *at* that moment or after it; None where the calendar does not reach."""
        day = at.date()
        try:
            while True:
                if is_workday(day):
                    for span in self.spans:
                        opening = datetime.combine(day, span.opens, tzinfo=at.tzinfo)
                        if opening >= at:
                            return opening
                day += timedelta(days=1)
        except UnknownYear:
            return None


def find_hours(vocabulary: Vocabulary) -> OfficeHours | None:
    """Return the hours of the *vocabulary*'s office; None where it sets none."""
    return OfficeHours(vocabulary.hours) if vocabulary.hours else None
