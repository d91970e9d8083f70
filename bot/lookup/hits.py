"""What a lookup finds: items, each with how well it fits, why, and the facts that fitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from knowledge.model import Facet, Fact, ServiceItem


class Kind(str, Enum):
    """By what an item was found."""

    NUMBER = "number"
    TITLE = "title"
    ALIAS = "alias"
    PINYIN = "pinyin"
    INITIALS = "initials"
    PHONE = "phone"
    MATERIAL = "material"
    TEXT = "text"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Why:
    """By what an item was found, and the words of the item or the guide that *matched* what was typed."""

    kind: Kind
    matched: str


@dataclass(frozen=True)
class Hit:
    """An item that was found, the higher its *score* the better it fits.

    *facets* are those named in what was typed. *facts* are what fitted of the item: lines with the word, the paper or
    the number; where facets were named and the item says little on them, that as well.
    """

    item: ServiceItem
    score: float
    why: Why
    facets: tuple[Facet, ...] = ()
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Suggestion:
    """An item offered while somebody types, under the name that fits best what stands there."""

    item: ServiceItem
    label: str


@dataclass(frozen=True)
class Match:
    """How one word that was typed fits an item: the *name* it fits, None where only facts fit."""

    score: float
    why: Why
    facts: tuple[Fact, ...] = ()
    name: str | None = None


Found = Mapping[int, Match]
"""What was found, by the item's place in the base."""


def better_of(one: Found, other: Found) -> Found:
    """Return for each item the better of its matches."""
    better = dict(one)
    for item, match in other.items():
        if item not in better or match.score > better[item].score:
            better[item] = match
    return better
