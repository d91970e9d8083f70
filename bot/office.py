"""The office's own settings (office.yml) beside the guide: hours, complaint line, map. What is not set is not said."""

from __future__ import annotations

from dataclasses import dataclass

from bot.dates.hours import OfficeHours, find_hours
from knowledge.vocabulary import Vocabulary


@dataclass(frozen=True)
class Office:
    """Whose guide this is, and what the office has told us beside it.

    *map_link* is an address with {place} and {city} to fill in, *complaint_phone* where complaints are heard.
    """

    city: str
    hours: OfficeHours | None = None
    complaint_phone: str | None = None
    map_link: str | None = None


def office_of(vocabulary: Vocabulary) -> Office:
    """Return the settings of the *vocabulary*'s office."""
    return Office(vocabulary.city, find_hours(vocabulary), vocabulary.complaint_phone, vocabulary.map_link)
