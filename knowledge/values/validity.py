"""Validity (有效期): the span of time to which a text binds itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

_SPAN = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日\s*(?:至|到|[-—－~～])\s*(?:(\d{4})年)?(\d{1,2})月(\d{1,2})日")


@dataclass(frozen=True)
class Validity:
    """From the first day to the last, both included; an open end is None."""

    valid_from: date | None
    valid_to: date | None

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form, ISO dates."""
        return {
            "valid_from": self.valid_from.isoformat() if self.valid_from else None,
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Validity:
        """Inverse of as_json."""
        begin, end = data["valid_from"], data["valid_to"]
        return cls(date.fromisoformat(begin) if begin else None, date.fromisoformat(end) if end else None)


def find_validity(text: str) -> Validity | None:
    """Return the span that *text* names ("2022年1月1日至2022年12月31日"); None without a possible one."""
    match = _SPAN.search(text)
    if not match:
        return None
    year, month, day, to_year, to_month, to_day = match.groups()
    try:
        return Validity(date(int(year), int(month), int(day)), date(int(to_year or year), int(to_month), int(to_day)))
    except ValueError:
        return None
