"""Messages as they were meant: pinyin, initials, sound-alikes and local words written as the guide would write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from bot.understanding.homophones import HomophoneCorrector, any_of
from bot.understanding.latin import LatinReader
from bot.understanding.lexicon import Lexicon, default_lexicon, default_words
from bot.understanding.normalise import normalise
from bot.understanding.places import mask_places

DIALECT_FILE = Path(__file__).parent / "dialect.yml"
_ROUNDS = 4


@dataclass(frozen=True)
class Dialect:
    """What dialect.yml says, each table as it is described there."""

    terms: tuple[str, ...]
    words: tuple[str, ...]
    initials: Mapping[str, str]
    latin: frozenset[str]
    sure: frozenset[str]
    right: tuple[str, ...]
    local: Mapping[str, str]
    kept: tuple[str, ...]


def load_dialect(path: Path = DIALECT_FILE) -> Dialect:
    """Return the tables of the data file; a local word listed under two meanings is an error."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    pairs = [(str(local), str(meaning)) for meaning, words in data["local"].items() for local in words]
    local = dict(pairs)
    if double := sorted(word for word, meaning in pairs if local[word] != meaning):
        raise ValueError(f"{path.name}: listed under two meanings: {double}")
    return Dialect(
        terms=tuple(data["terms"]),
        words=tuple(data["words"]),
        initials=data["initials"],
        latin=frozenset(data["latin"]),
        sure=frozenset(data["sure"]),
        right=tuple(data["right"]),
        local=local,
        kept=tuple(data["kept"]),
    )


class Speller:
    """Puts a message in normal form right; a right text, the guide's above all, comes out as it went in."""

    def __init__(self, words: Iterable[str], lexicon: Lexicon, dialect: Dialect) -> None:
        domain = (*dialect.terms, *words)
        self._local = dialect.local
        self._local_words = any_of(dialect.local)
        self._kept = any_of(dialect.kept)
        self._latin = LatinReader((*domain, *dialect.words), dialect.initials, dialect.latin)
        self._homophones = HomophoneCorrector(domain, lexicon, dialect.sure, dialect.right)

    def correct(self, text: str) -> str:
        """Return *text* as it was meant; what does not come to rest after some rounds is left as it was written."""
        before = text
        for _ in range(_ROUNDS):
            after = self._homophones.correct(self._latin.read(self._in_mandarin(before)))
            if after == before:
                return after
            before = after
        return text

    def _in_mandarin(self, text: str) -> str:
        """Return *text* with local words in Mandarin, but none inside a Mandarin word."""
        if not self._local_words.search(text):
            return text
        parts, at = [], 0
        for kept in self._kept.finditer(text):
            parts += [self._translate(text[at : kept.start()]), kept.group()]
            at = kept.end()
        return "".join([*parts, self._translate(text[at:])])

    def _translate(self, text: str) -> str:
        return self._local_words.sub(lambda found: self._local[found.group()], text)


@cache
def default_speller() -> Speller:
    """Return the speller of the office's own words."""
    return Speller(default_words(), default_lexicon(), load_dialect())


def normal_form(text: str) -> str:
    """Return the form of a message that everything reads: normalised, without the names of towns that are not ours, and
    spelled as the guide spells. Towns go first: some sound like words of the guide."""
    return default_speller().correct(mask_places(normalise(text)))
