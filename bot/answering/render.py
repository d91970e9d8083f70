"""Facts as plain text: the guide's words in its order and structure, branches indented, sources at the end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from knowledge.model import Fact, SourceLines
from knowledge.values import Material, Role, Step

INDENT = "  "
BOX = "☐ "
"""Stands before each paper: a list to tick at home."""

_NUMBERED = re.compile(r"\d{1,2}\s*[.．、]|[（(][\d一二三四五六七八九十]{1,3}[）)]|[①-⑳]")


def render_facts(facts: Sequence[Fact]) -> str:
    """Return the facts as lines of text; parts of one line of the guide stay on one line.

    Every character of every fact is kept; a step whose chart names its column says it before its words.
    """
    lines: list[str] = []
    previous: Fact | None = None
    for fact in facts:
        if previous is not None and _continues(previous, fact):
            lines[-1] += fact.text
        else:
            lines.append(_margin(fact) + _lead(fact) + fact.text.replace("\n", ""))
        previous = fact
    return "\n".join(lines)


def render_source(facts: Iterable[Fact]) -> str:
    """Return where the facts stand: "11–12、15", neighbouring lines joined."""
    spans: list[SourceLines] = []
    for lines in sorted({fact.lines for fact in facts}):
        if spans and lines.first <= spans[-1].last + 1:
            spans[-1] = SourceLines(spans[-1].first, max(spans[-1].last, lines.last))
        else:
            spans.append(lines)
    return "、".join(str(span) for span in spans)


def _continues(previous: Fact, fact: Fact) -> bool:
    """Tell whether two facts share a line of the guide and read on without a break (two numbers, two limits)."""
    same_line = previous.lines == fact.lines
    return same_line and not isinstance(fact.value, Step) and not _is_numbered(fact.text)


def _is_numbered(text: str) -> bool:
    return _NUMBERED.match(text) is not None


def _margin(fact: Fact) -> str:
    if isinstance(fact.value, Step):
        return INDENT
    # A branch named on the statement's own line ("灵活就业人员：…") is no heading above it.
    named_here = bool(fact.applies_to) and fact.applies_to[-1] in fact.text
    return INDENT * (len(fact.applies_to) - named_here)


def _lead(fact: Fact) -> str:
    if isinstance(fact.value, Material):
        return BOX
    if isinstance(fact.value, Role):
        return f"{fact.value.role}："
    if isinstance(fact.value, Step) and fact.value.variant:
        return f"〔{fact.value.variant}〕"
    return ""
