"""The knowledge base as values: documents, service items, facets, facts and where each came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from knowledge.values import Validity, Value


class Facet(str, Enum):
    """An aspect a resident asks for (栏目), in the order in which answers present them."""

    CONDITIONS = "conditions"
    MATERIALS = "materials"
    METHODS = "methods"
    PROCESS = "process"
    TIME_LIMIT = "time_limit"
    LOCATION = "location"
    PHONE = "phone"
    FEE = "fee"
    DELIVERY = "delivery"
    DEPARTMENT = "department"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, order=True)
class SourceLines:
    """The guide's lines from *first* to *last* (出处), both included, counted from 1."""

    first: int
    last: int

    def __post_init__(self) -> None:
        if not 1 <= self.first <= self.last:
            raise ValueError(f"no such lines: {self.first}-{self.last}")

    def __str__(self) -> str:
        return f"{self.first}–{self.last}" if self.last > self.first else str(self.first)


@dataclass(frozen=True)
class Fact:
    """One statement (条目) of the guide on a facet of an item, in the guide's own words.

    *text* keeps every character that stands in its lines except surrounding blanks;
    facts that begin on one line, one after another, are parts of that line.
    *applies_to* is the path of headings (申请人类型、情形) that the statement stands under.
    """

    facet: Facet
    text: str
    lines: SourceLines
    applies_to: tuple[str, ...] = ()
    value: Value | None = None
    validity: Validity | None = None


@dataclass(frozen=True)
class Section:
    """A facet's label as this item spells it (栏目名), and the line where it stands."""

    facet: Facet
    label: str
    line: int


@dataclass(frozen=True)
class ServiceItem:
    """One matter of the guide (办事事项) with everything it says, in its order."""

    id: str
    number: int
    title: str
    category: str
    audience: tuple[str, ...]
    aliases: tuple[str, ...]
    title_lines: SourceLines
    sections: tuple[Section, ...]
    facts: tuple[Fact, ...]

    def facts_on(self, facet: Facet) -> tuple[Fact, ...]:
        """Return the facts on *facet* in the guide's order; empty where the guide is silent."""
        return self._by_facet.get(facet, ())

    @cached_property
    def _by_facet(self) -> dict[Facet, tuple[Fact, ...]]:
        grouped: dict[Facet, list[Fact]] = {}
        for fact in self.facts:
            grouped.setdefault(fact.facet, []).append(fact)
        return {facet: tuple(facts) for facet, facts in grouped.items()}


@dataclass(frozen=True)
class Document:
    """The guide as it was read (指南), and which edition (版本) of it."""

    name: str
    sha256: str
    edition: str
    office: str


@dataclass(frozen=True)
class LeftOut:
    """A line with content that became no fact (未收录), and why."""

    line: int
    text: str
    item_id: str | None
    reason: str


@dataclass(frozen=True)
class KnowledgeBase:
    """Everything that one edition says, in memory."""

    document: Document
    items: tuple[ServiceItem, ...]
    left_out: tuple[LeftOut, ...] = field(default=())

    @cached_property
    def by_id(self) -> dict[str, ServiceItem]:
        """Items by id."""
        return {item.id: item for item in self.items}

    def __iter__(self) -> Iterator[ServiceItem]:
        return iter(self.items)
