"""The thread of a conversation: which item it is about, what was asked last, which choices are open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SLOTS = ("item", "facets", "offered", "applicant")


@dataclass(frozen=True)
class Thread:
    """What earlier turns left behind. *offered* are the items of an open question, in their order."""

    item: str | None = None
    facets: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    applicant: str | None = None

    def as_slots(self) -> dict[str, Any]:
        """Return the thread as the tracker keeps it."""
        return {
            "item": self.item,
            "facets": list(self.facets),
            "offered": list(self.offered),
            "applicant": self.applicant,
        }

    @classmethod
    def from_slots(cls, slots: Mapping[str, Any]) -> Thread:
        """Inverse of as_slots; slots never set are empty."""
        return cls(
            item=slots.get("item"),
            facets=tuple(slots.get("facets") or ()),
            offered=tuple(slots.get("offered") or ()),
            applicant=slots.get("applicant"),
        )
