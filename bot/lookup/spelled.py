"""How what somebody typed fits a name: in its characters, in their sounds, in pinyin, initials or a mix of all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bot.lookup.names import Suffix

_TWO_LETTERS = ("zh", "ch", "sh")


class Manner(Enum):
    """How a name was spelled: rightly, in pinyin, by its initials, with wrong characters of its sound, with a typo."""

    CHARACTERS = "characters"
    PINYIN = "pinyin"
    INITIALS = "initials"
    SOUND = "sound"
    TYPO = "typo"


@dataclass(frozen=True)
class Fit:
    """A name's first *length* characters were typed, in this manner."""

    length: int
    manner: Manner


def spell(typed: str, suffix: Suffix) -> Fit | None:
    """Return how *typed* spells the beginning of *suffix*, the last syllable maybe begun only; None where it does not.

    Each character may stand as itself, as its whole syllable, or as the syllable's initial (z or zh).
    """
    if suffix.chars.startswith(typed):
        return Fit(len(typed), Manner.CHARACTERS)
    found = _spell(typed, 0, suffix, 0) if any(char.isascii() for char in typed) else None
    if found is None:
        return None
    length, whole, initials = found
    return Fit(length, Manner.PINYIN if whole >= initials else Manner.INITIALS)


def _spell(typed: str, at: int, suffix: Suffix, unit: int) -> tuple[int, int, int] | None:
    """Return how many characters are spelled in all, how many from here by whole syllables, how many by initials."""
    if at == len(typed):
        return unit, 0, 0
    if unit == len(suffix.chars):
        return None
    char, sound = typed[at], suffix.sounds[unit]
    if char == suffix.chars[unit]:
        return _spell(typed, at + 1, suffix, unit + 1)
    if sound is None or char != sound[0]:
        return None
    left = len(typed) - at
    if 1 < left <= len(sound) and sound.startswith(typed[at:]):
        return unit + 1, 1, 0
    if typed.startswith(sound, at) and (found := _spell(typed, at + len(sound), suffix, unit + 1)):
        return found[0], found[1] + 1, found[2]
    for initial in (sound[:2], char):
        if (initial == char or initial in _TWO_LETTERS) and typed.startswith(initial, at):
            found = _spell(typed, at + len(initial), suffix, unit + 1)
            if found:
                return found[0], found[1], found[2] + 1
    return None


def one_off(typed: str, right: str) -> int | None:
    """Return how many characters of *right* are typed with one of them wrong, missing, too much or out of turn.

    None where more than that is wrong, or nothing.
    """
    size = len(typed)
    if len(right) < size - 1:
        return None
    same = next((at for at, (a, b) in enumerate(zip(typed, right, strict=False)) if a != b), min(size, len(right)))
    if same == size:
        return None
    if len(right) >= size and typed[same + 1 :] == right[same + 1 : size]:
        return size
    if len(right) > size and typed[same:] == right[same + 1 : size + 1]:
        return size + 1
    if typed[same + 1 :] == right[same : size - 1]:
        return size - 1
    swapped = typed[same + 1 : same + 2] + typed[same : same + 1]
    if len(right) >= size and right[same:size] == swapped + typed[same + 2 :]:
        return size
    return None
