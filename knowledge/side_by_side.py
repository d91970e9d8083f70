"""Two items side by side (对照): facet by facet, which lines are the same, which differ, which one item has alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from knowledge.comparing import FacetChange, Side, Stretch, compare, compare_words, without_number
from knowledge.model import Document, Facet, Fact, KnowledgeBase, ServiceItem


class Likeness(str, Enum):
    """What a row's two lines have in common."""

    SAME = "same"
    CHANGED = "changed"
    LEFT = "left"
    RIGHT = "right"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Row:
    """A line of the left item beside its counterpart; None where the other has none."""

    left: Fact | None
    right: Fact | None
    words: tuple[Stretch, ...] = ()

    @property
    def likeness(self) -> Likeness:
        """What they have in common."""
        if self.left is None or self.right is None:
            return Likeness.RIGHT if self.left is None else Likeness.LEFT
        return Likeness.CHANGED if self.words else Likeness.SAME


@dataclass(frozen=True)
class FacetRows:
    """One facet of both items, in the left one's order."""

    facet: Facet
    rows: tuple[Row, ...]

    @property
    def is_same(self) -> bool:
        """Whether both say the same here; silence on both sides counts as the same."""
        return all(row.likeness is Likeness.SAME for row in self.rows)


def side_by_side(left: ServiceItem, right: ServiceItem) -> tuple[FacetRows, ...]:
    """Return every facet of both items, line beside line."""
    changes = compare(_alone(left, left.id), _alone(right, left.id)).changed
    by_facet = {change.facet: change for item in changes for change in item.facets}
    return tuple(
        FacetRows(facet, tuple(_rows(left.facts_on(facet), right.facts_on(facet), by_facet.get(facet))))
        for facet in Facet
    )


def _alone(item: ServiceItem, id_: str) -> KnowledgeBase:
    """Return a base of one item: two editions of it are compared as two items are."""
    return KnowledgeBase(Document("", "", "", ""), (replace(item, id=id_),))


def _rows(left: Sequence[Fact], right: Sequence[Fact], change: FacetChange | None) -> list[Row]:
    partner: dict[int, Fact] = {}
    if change is not None:
        partner = {id(pair.old): pair.new for pair in change.changed if pair.old and pair.new}
    alone = {id(pair.old) for pair in change.gone} if change else set()
    taken = {id(fact) for fact in partner.values()} | ({id(pair.new) for pair in change.added} if change else set())
    same = [fact for fact in right if id(fact) not in taken]
    rows: list[Row] = []
    for fact in left:
        if id(fact) in alone:
            rows.append(Row(fact, None))
            continue
        other = partner.get(id(fact)) or _taken_from(same, fact)
        rows.append(Row(fact, other, _words(fact, other)))
    return _with_added(rows, right)


def _taken_from(facts: list[Fact], fact: Fact) -> Fact:
    """Take out of *facts* the first one that says what *fact* says."""
    words = without_number(fact.text)
    index = next(index for index, other in enumerate(facts) if without_number(other.text) == words)
    return facts.pop(index)


def _words(left: Fact, right: Fact) -> tuple[Stretch, ...]:
    words = compare_words(bare_words(left), bare_words(right))
    return words if any(stretch.side is not Side.BOTH for stretch in words) else ()


def bare_words(fact: Fact) -> str:
    """Return the words of *fact* without the number before them and a chart's line breaks."""
    return without_number(fact.text).replace("\n", "")


def _with_added(rows: list[Row], right: Sequence[Fact]) -> list[Row]:
    """Put the lines that only the right item has behind the one that stands before them there."""
    shown = list(rows)
    at = {id(row.right) for row in rows if row.right is not None}
    before: Fact | None = None
    for fact in right:
        if id(fact) not in at:
            index = next((i + 1 for i, row in enumerate(shown) if before is not None and row.right is before), 0)
            shown.insert(index, Row(None, fact))
        before = fact
    return shown
