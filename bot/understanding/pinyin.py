"""Pinyin: how a character can be read, which syllables there are, and words found by their syllables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from pypinyin import Style, lazy_pinyin, pinyin

_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("l", "n"))
_FINALS = (("ang", "an"), ("eng", "en"), ("ing", "in"))
_LIPS = {"hu": "fu", "hua": "fa", "hui": "fei", "hun": "fen", "huan": "fan", "huang": "fang", "huo": "fo"}


@lru_cache(maxsize=8192)
def readings(char: str) -> tuple[str, ...]:
    """Return all toneless readings of one character (多音字); none for what is no Chinese character."""
    if not is_chinese(char):
        return ()
    return tuple(dict.fromkeys(pinyin(char, style=Style.NORMAL, heteronym=True)[0]))


def syllables(word: str) -> tuple[str, ...]:
    """Return the toneless syllables of a Chinese word as it is read in the word."""
    return tuple(lazy_pinyin(word))


@lru_cache(maxsize=1024)
def fold(syllable: str) -> str:
    """Return the form that a syllable shares with those which southern speakers take for it (平翘舌, 前后鼻音)."""
    syllable = _LIPS.get(syllable, syllable)
    for written, folded in _INITIALS:
        if syllable.startswith(written):
            syllable = folded + syllable[len(written) :]
            break
    for written, folded in _FINALS:
        if syllable.endswith(written):
            return syllable[: -len(written)] + folded
    return syllable


def is_chinese(text: str) -> bool:
    """Return whether *text* is of Chinese characters only."""
    return bool(text) and all("\u4e00" <= char <= "\u9fff" for char in text)


@lru_cache(maxsize=1)
def all_syllables() -> frozenset[str]:
    """Return the syllables of Mandarin: those of the 3755 characters in everyday use (GB 2312, first level)."""
    common = bytes(byte for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF) for byte in (row, cell))
    return frozenset(reading for char in common.decode("gb2312", "ignore") for reading in syllables(char))


@dataclass
class Node:
    """A place in the tree of words by syllable: where each next syllable leads, and the words that end here."""

    following: dict[str, Node] = field(default_factory=dict)
    words: list[Spelled] = field(default_factory=list)


@dataclass(frozen=True)
class Spelled:
    """A word, its syllables, and its rank among all words; of two that sound alike the lower rank is meant."""

    word: str
    syllables: tuple[str, ...]
    rank: int


def tree(words: Iterable[str], key: Callable[[str], str] = str) -> Node:
    """Return the tree of *words* by their syllables, each syllable brought to its *key*; double words count once."""
    root = Node()
    for rank, word in enumerate(dict.fromkeys(words)):
        spelled = Spelled(word, syllables(word), rank)
        node = root
        for syllable in spelled.syllables:
            node = node.following.setdefault(key(syllable), Node())
        node.words.append(spelled)
    return root


def walk(root: Node, at: int, steps: Callable[[int], Iterable[tuple[str, int]]]) -> Iterator[tuple[int, Spelled]]:
    """Yield end and word of every path from *at*; *steps* gives the syllables that can be read at a place."""
    pending = [(root, at)]
    while pending:
        node, place = pending.pop()
        for spelled in node.words:
            yield place, spelled
        if node.following:
            pending.extend((node.following[key], end) for key, end in steps(place) if key in node.following)
