"""Wrong characters of the right sound (同音错字): put right where they spell a word of the domain and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import log

from bot.understanding.lexicon import DOMAIN_FREQUENCY, Lexicon
from bot.understanding.pinyin import Spelled, fold, is_chinese, readings, tree, walk

LONGEST = 6
RARE = 5
"""A word that the dictionary has seen no more often than this is no reason to leave a typo (公伤, 断脚)."""
SEEN = 6e7
"""How many words the dictionary has seen altogether."""
MARGIN = 9.5
"""How much likelier, as a logarithm, the word must be than the characters as they stand."""


@dataclass(frozen=True)
class Reading:
    """A text as the ordinary dictionary reads it, character by character.

    Which may be wrong, which stand inside a word, how likely each is; and where the right words of dialect.yml are.
    """

    loose: list[bool]
    inside: list[bool]
    likely: list[float]
    right: list[tuple[int, int]]


class HomophoneCorrector:
    """Finds windows that sound like a word of the domain and that no ordinary word explains."""

    def __init__(self, words: Iterable[str], lexicon: Lexicon, sure: Iterable[str], right: Iterable[str]) -> None:
        words = [word for word in words if 2 <= len(word) <= LONGEST and is_chinese(word)]
        self._tree = tree(words, fold)
        self._lexicon = lexicon
        self._sure = frozenset(sure)
        self._known = any_of(words)
        self._right = any_of(right)

    def correct(self, text: str) -> str:
        """Return *text* with words of the domain in place of what only sounds like them."""
        reading = self._reading(text)
        if not any(reading.loose):
            return text
        at, parts = 0, []
        while at < len(text):
            found = self._best(text, at, reading) if any(reading.loose[at : at + LONGEST]) else None
            parts.append(found or text[at])
            at += len(found or text[at])
        return "".join(parts)

    def _reading(self, text: str) -> Reading:
        size = len(text)
        reading = Reading([False] * size, [False] * (size + 1), [0.0] * size, [])
        for word, start in self._words(text):
            frequency = self._lexicon.frequency(word)
            if len(word) > 1:
                share = log(max(frequency, 1) / SEEN) / len(word)
                for place in range(start, start + len(word)):
                    reading.likely[place] = share
                    reading.inside[place] = place > start
            else:
                reading.loose[start] = is_chinese(word) and word not in self._sure
                reading.likely[start] = log(max(frequency, 1) / SEEN)
        if any(reading.loose):
            for match in self._known.finditer(text):
                for place in range(match.start(), match.end()):
                    reading.loose[place] = False
            reading.right.extend(match.span() for match in self._right.finditer(text))
        return reading

    def _words(self, text: str) -> Iterator[tuple[str, int]]:
        """Yield the words of *text* with their positions, rare ones in their parts."""
        for word, start in self._lexicon.cut(text, guess=False):
            if len(word) == 1 or not is_chinese(word) or self._lexicon.frequency(word) > RARE:
                yield word, start
            else:
                yield from self._parts(word, start)

    def _parts(self, word: str, start: int) -> Iterator[tuple[str, int]]:
        """Yield the ordinary words inside a rare one and the characters between them (工商登记: 工商, 登记)."""
        at = 0
        while at < len(word):
            ends = range(len(word) - (at == 0), at + 1, -1)
            end = next((end for end in ends if self._lexicon.frequency(word[at:end]) > RARE), at + 1)
            yield word[at:end], start + at
            at = end

    def _best(self, text: str, at: int, reading: Reading) -> str | None:
        if reading.inside[at]:
            return None
        fitting = [
            (len(spelled.word), -confused, -spelled.rank, spelled.word)
            for end, spelled in walk(self._tree, at, lambda place: _steps(text, place))
            if not reading.inside[end]
            and (confused := _confusions(text[at:end], spelled)) is not None
            and self._is_meant(text, at, spelled.word, reading)
        ]
        return max(fitting)[3] if fitting else None

    @staticmethod
    def _is_meant(text: str, at: int, word: str, reading: Reading) -> bool:
        wrong = [at + place for place, char in enumerate(word) if text[at + place] != char]
        if not wrong or len(wrong) == len(word) or not all(reading.loose[place] for place in wrong):
            return False
        end = at + len(word)
        for start, stop in reading.right:
            gives_way = at <= start and stop <= end and stop - start < len(word)
            if not gives_way and any(start <= place < stop for place in wrong):
                return False
        return log(DOMAIN_FREQUENCY / SEEN) - sum(reading.likely[at:end]) >= MARGIN


def _steps(text: str, at: int) -> Iterator[tuple[str, int]]:
    if at < len(text):
        yield from ((key, at + 1) for key in _folded(text[at]))


@lru_cache(maxsize=8192)
def _folded(char: str) -> tuple[str, ...]:
    return tuple({fold(reading): None for reading in readings(char)})


def _confusions(written: str, spelled: Spelled) -> int | None:
    """Return how many syllables only a southern ear takes for the word's; None where that is too many."""
    confused = sum(
        syllable not in readings(char)
        for char, right, syllable in zip(written, spelled.word, spelled.syllables, strict=True)
        if char != right
    )
    return confused if confused <= (len(written) > 2) else None


def any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern for any of *words*, the longest first; without words it finds nothing."""
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))) or r"(?!)")
