"""Picking one of the choices offered: by number, by ordinal, by its words or part of them, also misspelt by ear."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from bot.understanding.lexicon import default_lexicon
from bot.understanding.normalise import normalise
from bot.understanding.pinyin import fold, readings

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
        return len(titles) - 1 if titles else None
    return _find_by_words(text, titles)


def is_number(text: str) -> bool:
    """Tell whether *text* is a number or a place ("最后一个") and nothing else, so an answer to a list of choices."""
    return (_NUMBER.fullmatch(text) or _LAST.fullmatch(text)) is not None


def _find_by_words(text: str, titles: Sequence[str]) -> int | None:
    core = re.sub(r"^(?:我?(?:选|要|是|问的是|想问|想办))|(?:那个|这个|的|吧|呢|啊)+$", "", text)
    if len(core) < 2:
        return None
    matching = [index for index, title in enumerate(titles) if core in _plain(title)]
    if not matching and _is_misspelt(core):
        matching = [index for index, title in enumerate(titles) if _sounds_in(core, _plain(title))]
    return matching[0] if len(matching) == 1 else None


@lru_cache(maxsize=1000)
def _plain(title: str) -> str:
    """Return a title as messages are read; the same ones are offered again and again."""
    return normalise(title)


def _is_misspelt(core: str) -> bool:
    """Tell whether *core* has characters that make up no word: 失业, which sounds like 事业, is meant as it stands."""
    return any(len(word) == 1 for word, _ in default_lexicon().cut(core, guess=False))


def _sounds_in(core: str, title: str) -> bool:
    """Tell whether *core* is heard in *title*: 微性 for 微信, as a southern keyboard writes it."""
    heard, said = [_sounds(char) for char in title], [_sounds(char) for char in core]
    starts = range(len(heard) - len(said) + 1)
    return any(all(a & b for a, b in zip(said, heard[start:], strict=False)) for start in starts)


def _sounds(char: str) -> frozenset[str]:
    return frozenset(fold(reading) for reading in readings(char)) or frozenset({char})
