"""Pages (分条): lines as Telegram's HTML, cut into messages that fit, where one statement ends and the next begins."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

LONGEST = 4096
"""What one message holds once its tags are read, counted in UTF-16 as Telegram counts offsets: never too few."""

_AFTER_A_CLAUSE = re.compile(r"(?<=[。；;！？])|(?<=[，、：])")


class Style(Enum):
    """How a line looks."""

    PLAIN = "{}"
    HEAD = "<b>{}</b>"
    ASIDE = "<i>{}</i>"


@dataclass(frozen=True)
class Line:
    """One line of a message, a link where it leads to a *url*."""

    text: str
    style: Style = Style.PLAIN
    url: str | None = None

    @property
    def html(self) -> str:
        """The line with every sign escaped that means something to Telegram."""
        # Half a character, which no message may hold, becomes a question mark.
        escaped = html.escape(self.text.encode("utf-8", "replace").decode("utf-8"), quote=False)
        if self.url is not None:
            escaped = f'<a href="{html.escape(self.url)}">{escaped}</a>'
        return self.style.value.format(escaped)


Block = Sequence[Line]
"""Lines that belong together: one statement of the bot, one facet."""


def length_of(text: str) -> int:
    """Return how long Telegram finds a text."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def pages(blocks: Sequence[Block], longest: int = LONGEST) -> list[str]:
    """Return *blocks*, a blank line between them, as few messages as will do; a block that fits into one is not cut."""
    filled: list[list[Line]] = [[]]
    for block in filter(None, blocks):
        lines = [piece for line in block for piece in _pieces(line, longest)]
        begins_with = [Line("")] if filled[-1] else []
        if _length([*filled[-1], *begins_with, *lines]) <= longest:
            filled[-1].extend([*begins_with, *lines])
            continue
        if filled[-1]:
            filled.append([])
        for line in lines:
            if filled[-1] and _length([*filled[-1], line]) > longest:
                filled.append([])
            filled[-1].append(line)
    return ["\n".join(line.html for line in lines) for lines in filled if lines]


def _length(lines: Sequence[Line]) -> int:
    return sum(length_of(line.text) for line in lines) + max(len(lines) - 1, 0)


def _pieces(line: Line, longest: int) -> Iterator[Line]:
    """Yield a line in pieces that fit, cut behind a clause, and anywhere where one clause is too long."""
    waiting = ""
    for clause in _AFTER_A_CLAUSE.split(line.text) if length_of(line.text) > longest else [line.text]:
        for part in _hard(clause, longest):
            if length_of(waiting + part) > longest:
                yield replace(line, text=waiting)
                waiting = ""
            waiting += part
    yield replace(line, text=waiting)


def _hard(clause: str, longest: int) -> Iterator[str]:
    # A character takes two places at most.
    step = max(longest // 2, 1) if length_of(clause) > longest else max(len(clause), 1)
    yield from (clause[start : start + step] for start in range(0, max(len(clause), 1), step))
