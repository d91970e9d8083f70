"""The words of the domain for cutting Chinese text: titles, other names, papers; kept out of jieba's global state."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import jieba

from knowledge.vocabulary import Vocabulary, load_vocabulary

jieba.setLogLevel(logging.WARNING)

WORDS_FILE = Path(__file__).parent / "words.txt"
_CUT = re.compile(r"[\s、，。；：（）《》“”——/|]+")


def domain_words(vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the words that must not be cut apart, sorted: words.txt, and the catalogue's titles and other names."""
    words = {line.split("#")[0].strip() for line in WORDS_FILE.read_text(encoding="utf-8").splitlines()}
    for entry in vocabulary.catalogue:
        for name in (entry.title, *entry.aliases):
            words.update(part for part in _CUT.split(name) if 2 <= len(part) <= 8)
    return tuple(sorted(word for word in words if len(word) >= 2))


def digest(words: Iterable[str]) -> str:
    """Return a digest of the words, for the fingerprint of what was trained with them."""
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]


@cache
def default_words() -> tuple[str, ...]:
    """Return the words of the office's own vocabulary."""
    return domain_words(load_vocabulary())


DOMAIN_FREQUENCY = 20_000
"""How often a word of the domain counts as seen: more often than what ordinary words it could be cut into."""


class Lexicon:
    """A cutter with words of its own: jieba.load_userdict would change every other cutter of the process."""

    def __init__(self, words: Iterable[str]) -> None:
        self._tokenizer = jieba.Tokenizer()
        self._tokenizer.initialize()
        for word in words:
            self._tokenizer.add_word(word, freq=DOMAIN_FREQUENCY)

    def cut(self, text: str, *, guess: bool = True) -> list[tuple[str, int]]:
        """Return the words of *text* with their positions, blanks dropped; without *guess* known words only."""
        return [(word, start) for word, start, _ in self._tokenizer.tokenize(text, HMM=guess) if word.strip()]

    def frequency(self, word: str) -> int:
        """Return how often the dictionary has seen *word*, 0 where it does not know it."""
        return int(self._tokenizer.FREQ.get(word) or 0)


@cache
def default_lexicon() -> Lexicon:
    """Return the one lexicon of the office's own words; a second copy would cost 60 MB and most of a second."""
    return Lexicon(default_words())


@cache
def place_names() -> frozenset[str]:
    """Return the words of two characters and more that jieba's dictionary marks as places (ns)."""
    with jieba.get_dict_file() as file:
        lines = (line.decode("utf-8").split() for line in file)
        return frozenset(word for word, *_, kind in lines if kind == "ns" and len(word) > 1)
