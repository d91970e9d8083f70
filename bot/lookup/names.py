"""The names by which items are found, character by character with its sound, and where in a name a word begins."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from math import log
from typing import NamedTuple

from bot.understanding.lexicon import Lexicon
from bot.understanding.normalise import fold
from bot.understanding.pinyin import syllables
from knowledge.model import Fact

_CHINESE_RUN = re.compile(r"[\u4e00-\u9fff]+|.")
_NEW_PART = "—、"
"""Signs of a title behind which a part begins that is a name by itself (工伤认定——…, 补领、换领…)."""
_LONGEST_PIECE = 3
_UNKNOWN = -30.0
"""What a character that is no word of the dictionary costs, as a logarithm: more than any rare word."""
_COMMON = 1e7


class Source(Enum):
    """Where a name comes from: the guide's title, our plain name, another name, a paper, an explained term."""

    TITLE = "title"
    SAY = "say"
    ALIAS = "alias"
    MATERIAL = "material"
    TERM = "term"


class Place(IntEnum):
    """What begins at a place in a name."""

    INSIDE = 0
    WORD = 1
    PART = 2
    START = 3


@dataclass(frozen=True, eq=False)
class Name:
    """A name as it is written, and whom it names: the items by their index, each with the facts that hold the name.

    *label* is what is shown for it: the title, where *text* only puts it in other words.
    *chars*, *sounds*, *places* and *spots* go character by character, signs left out: the character folded, its
    syllable (None for what has none), what begins there, and where it stands in *text*.
    """

    text: str
    label: str
    source: Source
    named: Mapping[int, tuple[Fact, ...]]
    chars: str
    sounds: tuple[str | None, ...]
    places: tuple[Place, ...]
    spots: tuple[int, ...]

    def stretch(self, start: int, length: int) -> str:
        """Return the text of *length* characters from *start*, with the signs that stand between them."""
        return self.text[self.spots[start] : self.spots[start + length - 1] + 1]


class Origin(NamedTuple):
    """A name, where in it a suffix starts, what a fit there is worth at best, how many characters the name has.

    A plain tuple: hundreds of them are looked at with each keystroke.
    """

    name: Name
    start: int
    worth: float
    size: int
    is_inside: bool


@dataclass(frozen=True, eq=False)
class Suffix:
    """What follows from a place in a name on; the same in several names is kept once, with all its *origins*.

    *letters* is its pinyin, up to what is no Chinese.
    """

    chars: str
    sounds: tuple[str | None, ...]
    letters: str
    origins: list[Origin] = field(default_factory=list)


class Namer:
    """Makes names out of texts; words begin where the lexicon says."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._shapes: dict[str, tuple[str, tuple[str | None, ...], tuple[Place, ...], tuple[int, ...]]] = {}

    def name(self, text: str, source: Source, named: Mapping[int, tuple[Fact, ...]], label: str | None = None) -> Name:
        """Return the name that *text* is, shown as itself or under *label*."""
        if text not in self._shapes:
            self._shapes[text] = self._shape(text)
        return Name(text, label or text, source, named, *self._shapes[text])

    def _shape(self, text: str) -> tuple[str, tuple[str | None, ...], tuple[Place, ...], tuple[int, ...]]:
        spots = tuple(spot for spot, char in enumerate(text) if char.isalnum())
        written = "".join(text[spot] for spot in spots)
        # A sign that is folded into several letters (㎡) would move all behind it; such a name stays as it is written.
        chars = folded if len(folded := fold(written)) == len(written) else written.lower()
        starts = self._word_starts(chars)
        places = tuple(_place(text, spot, at in starts) for at, spot in enumerate(spots))
        return chars, _sounds(chars), places, spots

    def _word_starts(self, chars: str) -> set[int]:
        starts: set[int] = set()
        for word, start in self._lexicon.cut(chars, guess=False):
            at = start
            for piece in self._pieces(word) if len(word) > _LONGEST_PIECE else [word]:
                starts.add(at)
                at += len(piece)
        return starts

    def _pieces(self, word: str) -> list[str]:
        """Return the likeliest short words that a long one is made of: people type from any of them (参保|证明)."""
        best: list[tuple[float, list[str]]] = [(0.0, [])]
        for end in range(1, len(word) + 1):
            options = []
            for start in range(max(0, end - _LONGEST_PIECE), end):
                seen = self._lexicon.frequency(word[start:end]) if end - start > 1 else 0
                cost = log(seen / _COMMON) if seen else _UNKNOWN * (end - start)
                options.append((best[start][0] + cost, [*best[start][1], word[start:end]]))
            best.append(max(options))
        return best[-1][1]


def _place(text: str, spot: int, begins_word: bool) -> Place:
    before = text[:spot]
    if not any(char.isalnum() for char in before):
        return Place.START
    if before[-1] in _NEW_PART:
        return Place.PART
    return Place.WORD if begins_word or not before[-1].isalnum() else Place.INSIDE


def _sounds(chars: str) -> tuple[str | None, ...]:
    sounds: list[str | None] = []
    for run in _CHINESE_RUN.findall(chars):
        sounds += syllables(run) if "\u4e00" <= run[0] <= "\u9fff" else [None]
    return tuple(sounds)
