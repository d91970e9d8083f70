"""The lines of a personal list as its address has them: "11-14,20"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from api.pages.layout import depth_of
from knowledge.model import Facet, Fact, ServiceItem, SourceLines
from knowledge.values import Heading

MOST_RANGES = 200
_RANGE = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?", re.ASCII)


class LinesError(ValueError):
    """What stands in the address names no lines."""


class ForeignLinesError(LookupError):
    """Lines that are none of the item's; the message names them."""


def parse_lines(texts: Sequence[str]) -> list[SourceLines]:
    """Read lines and ranges, in one text or several. Raises LinesError."""
    parts = [part for text in texts for part in text.split(",") if part]
    if len(parts) > MOST_RANGES:
        raise LinesError(f"more than {MOST_RANGES} ranges")
    return [_parse_range(part) for part in parts]


def _parse_range(part: str) -> SourceLines:
    match = _RANGE.fullmatch(part)
    if not match:
        raise LinesError(f"no lines: {part!r}")
    try:
        return SourceLines(int(match[1]), int(match[2] or match[1]))
    except ValueError as error:
        raise LinesError(str(error)) from error


def facts_at(item: ServiceItem, asked: Sequence[SourceLines]) -> tuple[Fact, ...]:
    """Return the facts of *item* that begin in the lines asked, in its order.

    Raises ForeignLinesError where a range begins or ends outside the item's facts.
    """
    for lines in asked:
        for line in (lines.first, lines.last):
            if not any(fact.lines.first <= line <= fact.lines.last for fact in item.facts):
                raise ForeignLinesError(f"{item.id} has no line {line}")
    return tuple(fact for fact in item.facts if any(lines.first <= fact.lines.first <= lines.last for lines in asked))


def with_headings(item: ServiceItem, facts: Sequence[Fact]) -> frozenset[Fact]:
    """Return *facts* and the headings that each of them stands under."""
    wanted, found = set(facts), set(facts)
    for facet in Facet:
        above: list[Fact] = []
        for fact in item.facts_on(facet):
            depth = depth_of(fact)
            above = [heading for heading in above if depth_of(heading) < depth]
            if fact in wanted:
                found.update(above)
            if isinstance(fact.value, Heading):
                above.append(fact)
    return frozenset(found)
