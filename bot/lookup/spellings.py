"""The index of names: which items have a name that begins, in whole or from one of its words on, as was typed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile

from bot.lookup.hits import Found, Kind, Match, Why, better_of
from bot.lookup.names import Name, Origin, Place, Source, Suffix
from bot.lookup.spelled import Fit, Manner, one_off, spell
from bot.understanding.pinyin import fold as southern
from bot.understanding.pinyin import is_chinese, readings

_BASE = {
    Source.TITLE: {Place.START: 90.0, Place.PART: 86.0, Place.WORD: 80.0, Place.INSIDE: 50.0},
    Source.SAY: {Place.START: 76.0, Place.PART: 74.0, Place.WORD: 72.0, Place.INSIDE: 46.0},
    Source.ALIAS: {Place.START: 76.0, Place.PART: 74.0, Place.WORD: 70.0, Place.INSIDE: 45.0},
    Source.MATERIAL: {Place.START: 32.0, Place.PART: 31.0, Place.WORD: 30.0},
    Source.TERM: {Place.START: 22.0, Place.PART: 21.0, Place.WORD: 20.0},
}
"""What a fit is worth, by whose name it is and where in it: title before other names, the front before the middle."""

_LESS = {Manner.CHARACTERS: 0.0, Manner.PINYIN: 3.0, Manner.INITIALS: 5.0, Manner.SOUND: 20.0, Manner.TYPO: 28.0}
_LESS_INSIDE = {Manner.INITIALS: 22.0, Manner.SOUND: 90.0, Manner.TYPO: 90.0}
"""What such a fit is worth less inside a word, where nobody begins: initials less than a paper's, the rest nothing."""
_WHOLE = {Source.TITLE: 14.0, Source.SAY: 14.0, Source.ALIAS: 14.0, Source.MATERIAL: 2.0, Source.TERM: 0.0}
"""What is added where nothing of the name is left to type."""
_SHARE = 6.0
"""What is added for the share of the name that is typed: of two names that begin alike the shorter is meant."""

_SHORTEST_SOUND = 2
_SHORTEST_TYPO = 3
_SHORTEST_TYPO_IN_PINYIN = 5
"""Letters of which one may be wrong: fewer are initials, and one off these is any other word."""


class Spellings:
    """All names by their beginnings and by the beginnings of their words."""

    def __init__(self, names: Iterable[Name], prominence: Sequence[float]) -> None:
        self._prominence = prominence
        suffixes: dict[tuple[str, tuple[str | None, ...]], Suffix] = {}
        for name in names:
            for at, place in enumerate(name.places):
                if place in _BASE[name.source]:
                    key = name.chars[at:], name.sounds[at:]
                    if key not in suffixes:
                        suffixes[key] = Suffix(*key, _letters(key[1]))
                    worth = _BASE[name.source][place]
                    suffixes[key].origins.append(Origin(name, at, worth, len(name.chars), place is Place.INSIDE))
        self._by_start: dict[str, list[Suffix]] = defaultdict(list)
        self._by_sound: dict[str, list[Suffix]] = defaultdict(list)
        self._by_early: dict[str, list[Suffix]] = defaultdict(list)
        for suffix in suffixes.values():
            for start in _starts(suffix):
                self._by_start[start].append(suffix)
            for char in dict.fromkeys(suffix.chars[1:3]):
                self._by_early[char].append(suffix)
            if sound := suffix.sounds[0]:
                self._by_sound[southern(sound)].append(suffix)

    def find(self, typed: str) -> Found:
        """Return the items with a name that fits *typed*, rightly spelled or in characters of the same sound."""
        start = typed[:2] if typed[:2].isascii() else typed[0]
        found = self._best(typed, self._by_start.get(start, ()), spell)
        if is_chinese(typed) and len(typed) >= _SHORTEST_SOUND and not any(match.name for match in found.values()):
            sounds = [tuple({southern(reading) for reading in readings(char)}) for char in typed]
            candidates = [suffix for sound in sounds[0] for suffix in self._by_sound.get(sound, ())]
            return better_of(found, self._best(typed, candidates, lambda _, suffix: _fit_by_sound(sounds, suffix)))
        return found

    def find_with_typo(self, typed: str) -> Found:
        """Return the items with a name that fits *typed* but for one character."""
        if is_chinese(typed):
            if len(typed) < _SHORTEST_TYPO:
                return {}
            # One of the first two characters is right: without either nobody would know the word again.
            early = self._by_early.get(typed[1], ())
            candidates = dict.fromkeys([*self._by_start.get(typed[0], ()), *self._by_start.get(typed[1], ()), *early])
            return self._best(typed, candidates, _fit_with_typo)
        if len(typed) < _SHORTEST_TYPO_IN_PINYIN or not typed.isascii() or not typed.isalpha():
            return {}
        letters = dict.fromkeys(typed[:2])
        return self._best(
            typed,
            (suffix for letter in letters for suffix in self._by_start.get(letter, ())),
            _fit_with_typo_in_pinyin,
        )

    def _best(self, typed: str, candidates: Iterable[Suffix], fits: Callable[[str, Suffix], Fit | None]) -> Found:
        """Return for each item the best of what fits."""
        best: dict[int, tuple[float, Origin, Fit]] = {}
        for suffix in candidates:
            fit = fits(typed, suffix)
            if fit is None:
                continue
            length, less = fit.length, _LESS[fit.manner]
            less_inside = less + _LESS_INSIDE.get(fit.manner, 0.0)
            for origin in suffix.origins:
                worth = origin.worth + _SHARE * length / origin.size - (less_inside if origin.is_inside else less)
                if length == origin.size:
                    worth += _WHOLE[origin.name.source]
                if worth > 0:
                    for item in origin.name.named:
                        if item not in best or worth > best[item][0]:
                            best[item] = worth, origin, fit
        return {
            item: Match(
                worth + self._prominence[item],
                Why(_kind(origin.name.source, fit.manner), origin.name.stretch(origin.start, fit.length)),
                origin.name.named[item],
                origin.name.label if origin.name.source in _NAMES else None,
            )
            for item, (worth, origin, fit) in best.items()
        }


_NAMES = (Source.TITLE, Source.SAY, Source.ALIAS)


def _starts(suffix: Suffix) -> Iterable[str]:
    """Return what one may type first of a suffix: its character, or the first letter or two of its sounds."""
    sounds = [sound or char for sound, char in zip(suffix.sounds[:2], suffix.chars[:2], strict=True)]
    first, second = sounds[0], sounds[1] if len(sounds) > 1 else ""
    return dict.fromkeys((suffix.chars[0], first[0], first[:2], first[0] + second[:1]))


def _kind(source: Source, manner: Manner) -> Kind:
    if source is Source.MATERIAL:
        return Kind.MATERIAL
    if source is Source.TERM:
        return Kind.TEXT
    if manner is Manner.PINYIN:
        return Kind.PINYIN
    if manner is Manner.INITIALS:
        return Kind.INITIALS
    return Kind.TITLE if source is Source.TITLE else Kind.ALIAS


def _fit_by_sound(sounds: Sequence[tuple[str, ...]], suffix: Suffix) -> Fit | None:
    if len(suffix.chars) < len(sounds):
        return None
    for heard, sound in zip(sounds, suffix.sounds, strict=False):
        if sound is None or southern(sound) not in heard:
            return None
    return Fit(len(sounds), Manner.SOUND)


def _fit_with_typo(typed: str, suffix: Suffix) -> Fit | None:
    length = one_off(typed, suffix.chars)
    return Fit(length, Manner.TYPO) if length else None


def _fit_with_typo_in_pinyin(typed: str, suffix: Suffix) -> Fit | None:
    letters = one_off(typed, suffix.letters)
    if not letters:
        return None
    spelled, length = 0, 0
    while spelled < letters:
        spelled += len(suffix.sounds[length] or "")
        length += 1
    return Fit(length, Manner.TYPO)


def _letters(sounds: Sequence[str | None]) -> str:
    return "".join(takewhile(bool, (sound or "" for sound in sounds)))
