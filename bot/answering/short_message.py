"""A text as short messages (短信): parts of at most seventy characters, cut where a statement or a clause ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

LONGEST_PART = 70
"""Characters of one short message in Chinese."""

_CLOSING = "。；;，,、：:）)》"
_ENDS = (
    rf"(?<=[。；;！？])(?![{_CLOSING}])",
    rf"(?<=[，、：）)》])(?![{_CLOSING}])|(?<=[,:])(?![{_CLOSING}/0-9])",
)
"""Where a text may be cut, the better place first; never between a closing sign and the comma behind it."""
_UNBROKEN = re.compile(r"[0-9A-Za-z./:_#?=&%+-]+|.", re.DOTALL)
"""What is never cut: a number, a date, an address."""
_CLOSED = re.compile(r"[。；;！？，,：:、】]$")
"""Behind other words a blank stands before the next text of a part."""


def short_message(texts: Sequence[str], link: str, longest: int = LONGEST_PART) -> list[str]:
    """Return *texts* one after another, then *link*, in parts that are numbered where there are several.

    A text that fits into a part is not cut: it begins a new one. Neither is the link, whatever its length.
    """
    count = 1
    while True:
        room = longest - len(_number(count, count))
        parts = _fill([*texts, link], room)
        if len(parts) <= count or len(_number(len(parts), len(parts))) == len(_number(count, count)):
            break
        count = len(parts)
    if len(parts) == 1:
        return parts
    return [_number(index, len(parts)) + part for index, part in enumerate(parts, 1)]


def _number(index: int, count: int) -> str:
    return f"({index}/{count})" if count > 1 else ""


def _fill(texts: Sequence[str], room: int) -> list[str]:
    parts: list[str] = []
    for text in texts:
        gap = " " if parts and not _CLOSED.search(parts[-1]) else ""
        for piece in _pieces(text, room, _ENDS):
            if parts and len(parts[-1]) + len(gap) + len(piece) <= room:
                parts[-1] += gap + piece
            else:
                parts.append(piece)
            gap = ""
    return parts


def _pieces(text: str, room: int, ends: Sequence[str]) -> Iterator[str]:
    """Yield *text* in pieces that fit, cut at as few and as good places as will do."""
    if len(text) <= room:
        yield text
        return
    cuts = re.split(ends[0], text) if ends else _UNBROKEN.findall(text)
    waiting = ""
    for cut in filter(None, cuts):
        if len(waiting) + len(cut) <= room:
            waiting += cut
            continue
        if waiting:
            yield waiting
        waiting = ""
        if len(cut) <= room or not ends:
            waiting = cut
        else:
            *whole, waiting = _pieces(cut, room, ends[1:])
            yield from whole
    if waiting:
        yield waiting
