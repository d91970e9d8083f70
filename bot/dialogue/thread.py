"""The thread of a conversation: what earlier turns left behind, as the tracker keeps it in one slot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

SLOT = "thread"
SILENCE = timedelta(minutes=30)
"""After this long a new thread begins (issue: half an hour, as Rasa's own sessions)."""

MAX_FORMER = 6
MAX_LOG = 12


@dataclass(frozen=True)
class Said:
    """One earlier turn, for whoever takes the conversation over: what was said, and what it came to."""

    text: str
    outcome: str
    items: tuple[str, ...] = ()
    facets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Thread:
    """Where a conversation stands.

    *item* and *facets* were answered last, *former* are the items before, latest first. *offered* are the items of an
    open question, in their order; *asking* is the item whose narrowing question is open, *ways* what was suggested at
    the end of the last answer ("facet:materials", "item:card_apply"). *chosen* are narrowing answers (item, label of
    the choice), *applicant* who is asking as it is understood, *told* the same where the resident's own words said it,
    *whole* the items that are shown unabridged by wish. *asked_back* and *failed* count such turns in a row. *digest*
    is that of the item as it was last shown, *at* when that was (seconds since 1970). *explained* are terms that were
    explained already, *log* the turns so far.
    """

    item: str | None = None
    facets: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    applicant: str | None = None
    told: str | None = None
    former: tuple[str, ...] = ()
    asking: str | None = None
    ways: tuple[str, ...] = ()
    chosen: tuple[tuple[str, str], ...] = ()
    whole: tuple[str, ...] = ()
    asked_back: int = 0
    failed: int = 0
    at: float | None = None
    digest: str | None = None
    explained: tuple[str, ...] = ()
    log: tuple[Said, ...] = ()

    def is_silent_since(self, now: datetime) -> bool:
        """Tell whether so long nothing was said that a new thread begins."""
        return self.at is not None and now.timestamp() - self.at > SILENCE.total_seconds()

    def begun_anew(self) -> Thread:
        """Return the thread that begins after silence: nothing is open, but what was spoken of can be picked up."""
        return Thread(former=self._spoken_of(), log=self.log)

    def turned_to(self, item: str, facets: tuple[str, ...]) -> Thread:
        """Return the thread with *item* answered on *facets*; nothing is open any more."""
        former = self.former if item == self.item else tuple(id_ for id_ in self._spoken_of() if id_ != item)
        return replace(
            self, item=item, facets=facets, former=former, offered=(), asking=None, ways=(), asked_back=0, failed=0
        )

    def with_all_of(self, item: str) -> Thread:
        """Return the thread in which *item* is shown unabridged from now on."""
        return replace(self, whole=tuple(dict.fromkeys((*self.whole, item))))

    def _spoken_of(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*((self.item,) if self.item else ()), *self.former)))[:MAX_FORMER]

    def as_slots(self) -> dict[str, Any]:
        """Return the thread as the tracker keeps it; what is empty is left out."""
        empty = Thread()
        kept = {name: value for name, value in asdict(self).items() if value != getattr(empty, name)}
        return {SLOT: kept}

    @classmethod
    def from_slots(cls, slots: Mapping[str, Any]) -> Thread:
        """Inverse of as_slots; a slot never set is an empty thread, a field of another version is passed over."""
        kept = slots.get(SLOT) or {}
        known = {field.name for field in fields(cls)}
        values = {name: _frozen(value) for name, value in kept.items() if name in known}
        if "log" in values:
            values["log"] = tuple(Said(**{k: _frozen(v) for k, v in said.items()}) for said in kept["log"])
        return cls(**values)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(part) for part in value) if isinstance(value, list | tuple) else value
