"""Picking one of the choices offered: by number, by ordinal, by its words or part of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

_DIGITS = {word: number for number, word in enumerate("一二三四五六七八九十", 1)} | {"两": 2}
_NUMBER = re.compile(
    r"(?:我?(?:选|要|是|问的是|想问)?(?:第)?)?([0-9]{1,3}|[一二两三四五六七八九十])(?:个|项|号|条|种)?(?:吧|的|呢|啊|嘛)?[。.!]?"
)
_LAST = re.compile(r"(?:我?(?:选|要|是)?)?最后(?:一)?(?:个|项|条|种)(?:吧|的)?[。.]?")


def find_choice(text: str, titles: Sequence[str]) -> int | None:
    """Return the index of the choice that a normalised *text* picks; None where it picks none for certain."""
    number = _NUMBER.fullmatch(text)
    if number:
        found = number.group(1)
        index = (int(found) if found.isdecimal() else _DIGITS[found]) - 1
        return index if 0 <= index < len(titles) else None
    if _LAST.fullmatch(text):
        return len(titles) - 1
    return _find_by_words(text, titles)


def is_number(text: str) -> bool:
    """Tell whether *text* is a number and nothing else, so an answer to a question with choices."""
    return _NUMBER.fullmatch(text) is not None


def _find_by_words(text: str, titles: Sequence[str]) -> int | None:
    core = re.sub(r"^(?:我?(?:选|要|是|问的是|想问|想办))|(?:那个|这个|的|吧|呢|啊)$", "", text)
    if len(core) < 2:
        return None
    matching = [index for index, title in enumerate(titles) if core in title.lower()]
    return matching[0] if len(matching) == 1 else None
