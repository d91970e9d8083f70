"""Pinyin typed in Latin letters, and initials of words, read as the words of the domain that they spell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from bot.understanding.pinyin import all_syllables, is_chinese, readings, tree, walk

_LONGEST_SYLLABLE = 6
_REACH = 5
_RUN = re.compile(r"(?<![a-z0-9.@/:_&'-])[a-z]+(?: [a-z]+)*(?![a-z0-9@/:_&'-]|\.[a-z0-9])")
_TOKEN = re.compile(r"[a-z]+")
_BLANK_AT_CHINESE = re.compile(r"(?<=[\u4e00-\u9fff]) | (?=[\u4e00-\u9fff])")


@dataclass(frozen=True)
class Piece:
    """A stretch of the text and the word it is read as; None: it stays as it is written."""

    start: int
    end: int
    word: str | None


@dataclass(frozen=True, order=True)
class Cost:
    """How badly a reading fits: letters that spell nothing, then pieces, then Chinese left out, then rank."""

    unread: int = 0
    pieces: int = 0
    not_joined: int = 0
    rank: int = 0

    def plus(self, unread: int = 0, pieces: int = 0, not_joined: int = 0, rank: int = 0) -> Cost:
        """Return the cost with more of it."""
        return Cost(self.unread + unread, self.pieces + pieces, self.not_joined + not_joined, self.rank + rank)


class LatinReader:
    """Reads runs of Latin letters; one that spells no word of two syllables or more is left alone."""

    def __init__(self, words: Iterable[str], initials: Mapping[str, str], latin: Iterable[str]) -> None:
        self._tree = tree(word for word in words if is_chinese(word))
        self._initials = dict(initials)
        self._latin = frozenset(latin)

    def read(self, text: str) -> str:
        """Return *text* with what is spelled in Latin letters written in Chinese."""
        for run in reversed(list(_RUN.finditer(text))):
            pieces = self._pieces(text, run.start(), run.end())
            for piece in reversed(pieces):
                text = text[: piece.start] + (piece.word or "") + text[piece.end :]
            if pieces:
                text = _BLANK_AT_CHINESE.sub("", text)
        return text

    def _pieces(self, text: str, start: int, end: int) -> list[Piece]:
        """Return the words to be put into a run, in order; none where the run is no pinyin."""
        tokens = [(start + match.start(), start + match.end()) for match in _TOKEN.finditer(text[start:end])]
        foreign = [token for token in tokens if not self._is_pinyin(text[slice(*token)])]
        pieces = self._best(text, start, end, tokens, foreign)
        strong = [piece for piece in pieces if piece.word and len(piece.word) > 1]
        if not strong:
            return []
        if any(text[slice(*token)] not in self._latin for token in foreign):
            return strong
        unread = [piece.start for piece in pieces if not piece.word]
        half = [token for token in tokens if token not in foreign and any(token[0] <= at < token[1] for at in unread)]
        return [
            piece
            for piece in pieces
            if piece.word and (piece in strong or not any(begin <= piece.start < stop for begin, stop in half))
        ]

    def _is_pinyin(self, token: str) -> bool:
        return token in self._initials or (token not in self._latin and _is_of_syllables(token))

    def _best(
        self, text: str, start: int, end: int, tokens: list[tuple[int, int]], foreign: list[tuple[int, int]]
    ) -> list[Piece]:
        """Return the cheapest reading of a run, which may lean on the Chinese before and behind it (社bao卡)."""
        low, high = _chinese_around(text, start, end)
        starts, barred = dict(tokens), dict(foreign)
        letters = {at: stop for begin, stop in tokens if begin not in barred for at in range(begin, stop)}
        best: dict[int, tuple[Cost, list[Piece]]] = {low: (Cost(), [])}

        def offer(to: int, cost: Cost, pieces: list[Piece]) -> None:
            if to not in best or cost < best[to][0]:
                best[to] = cost, pieces

        def steps(at: int) -> Iterator[tuple[str, int]]:
            if at >= high or at in barred:
                return
            if at in letters:
                yield from ((text[at:stop], stop) for stop in _syllable_ends(text, at, letters[at]))
            elif text[at] == " " and at + 1 < high and at - 1 in letters:
                yield from steps(at + 1)
            else:
                yield from ((reading, at + 1) for reading in readings(text[at]))

        for at in range(low, high):
            if at not in best:
                continue
            cost, pieces = best[at]
            if at in barred:
                offer(barred[at], cost, [*pieces, Piece(at, barred[at], None)])
                continue
            if at not in letters:
                offer(at + 1, cost.plus(not_joined=is_chinese(text[at])), pieces)
            elif at in starts and text[at : starts[at]] in self._initials:
                word = self._initials[text[at : starts[at]]]
                offer(starts[at], cost.plus(pieces=1), [*pieces, Piece(at, starts[at], word)])
            else:
                for stop in _syllable_ends(text, at, letters[at]):
                    offer(stop, cost.plus(unread=stop - at, pieces=1), [*pieces, Piece(at, stop, None)])
            if text[at] == " ":
                continue
            for stop, spelled in walk(self._tree, at, steps):
                if self._fits(text[at:stop], spelled.word):
                    more = cost.plus(pieces=1, rank=spelled.rank)
                    offer(stop, more, [*pieces, Piece(at, stop, spelled.word)])
        return best[high][1] if high in best else []

    @staticmethod
    def _fits(written: str, word: str) -> bool:
        """Return whether a stretch is Latin at least in part, and its Chinese characters are those of the word."""
        if not re.search("[a-z]", written):
            return False
        pattern = re.sub("[a-z ]+", ".+", re.escape(written).replace("\\ ", " "))
        return re.fullmatch(pattern, word) is not None


@lru_cache(maxsize=1024)
def _is_of_syllables(token: str) -> bool:
    reached = {0}
    for at in range(len(token)):
        if at in reached:
            reached.update(_syllable_ends(token, at, len(token)))
    return len(token) in reached


def _syllable_ends(text: str, at: int, stop: int) -> list[int]:
    ends = range(at + 1, min(stop, at + _LONGEST_SYLLABLE) + 1)
    return [end for end in ends if text[at:end] in all_syllables()]


def _chinese_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the run's limits widened by the Chinese characters that a word may share with it."""
    low, high = start, end
    while low > 0 and start - low < _REACH and is_chinese(text[low - 1]):
        low -= 1
    while high < len(text) and high - end < _REACH and is_chinese(text[high]):
        high += 1
    return low, high
