"""What was typed, as it may be meant: the words looked for, and the facets named beside them, likeliest first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.lookup.sayings import stripped
from bot.lookup.words import LookupWords
from bot.understanding.lexicon import Lexicon
from bot.understanding.pinyin import is_chinese
from bot.understanding.spelling import Speller
from knowledge.model import Facet

_BETWEEN = re.compile(r"[\s,、。;；/|+]+")
LONGEST_TYPED = 100
"""Characters that are looked at: whoever pastes more is not looking for an item's name."""


@dataclass(frozen=True)
class Reading:
    """The *words* that an item has to fit, by its names alone where *by_name*, and the facets named beside them."""

    words: tuple[str, ...]
    facets: tuple[Facet, ...] = ()
    by_name: bool = False


class Reader:
    """Reads what was typed: with the words of lookup, cut by the lexicon, put right by the speller."""

    def __init__(self, words: LookupWords, lexicon: Lexicon, speller: Speller) -> None:
        self._words = words
        self._lexicon = lexicon
        self._speller = speller

    def readings(self, text: str) -> list[Reading]:
        """Return what *text* may mean, likeliest first; nothing where it holds neither letter nor digit."""
        return self._of_tokens(tokens_of(text))

    def corrected(self, text: str) -> list[Reading]:
        """Return what *text* may mean with wrong or local characters put right; nothing where none are."""
        tokens = tokens_of(text)
        if all(token.isascii() for token in tokens):
            return []  # pinyin and initials are read by the names themselves
        typed = " ".join(tokens)
        corrected = self._speller.correct(typed)
        return self._of_tokens(tokens_of(corrected)) if corrected != typed else []

    def loose(self, text: str) -> Reading:
        """Return all words that a sentence is made of, of which an item need not fit each."""
        return self._cut(tokens_of(text))[0]

    def _of_tokens(self, tokens: Sequence[str]) -> list[Reading]:
        if not tokens:
            return []
        named = [self._words.facet_of(token) for token in tokens]
        rest = [token for token, facet in zip(tokens, named, strict=True) if facet is None]
        facets = tuple(dict.fromkeys(facet for facet in named if facet))
        found: list[Reading] = []
        if facets and rest:
            found += _joined_or_not(rest, facets)
        literal = _joined_or_not(tokens, () if rest else facets)
        if len(tokens) > 1 and (begun := self._words.facet_begun(tokens[-1])):
            # 退休 材: on the way to 材料. But 单位 证 is on the way to a name first, 参保证明.
            found += [replace(reading, by_name=True) for reading in literal]
            found += _joined_or_not(tokens[:-1], (begun,))
        found += literal
        found += self._without_facet("".join(tokens))
        cut, is_whole = self._cut(tokens)
        if is_whole:
            found.append(cut)
        return found

    def _without_facet(self, word: str) -> Iterator[Reading]:
        """Yield what is left when facets are cut off one after another: 退休材料电话."""
        facets: tuple[Facet, ...] = ()
        while cut := self._words.cut_facet(word):
            word, facet = cut
            facets = tuple(dict.fromkeys((facet, *facets)))
            yield Reading((word,), facets)

    def _cut(self, tokens: Sequence[str]) -> tuple[Reading, bool]:
        """Return the words of the dictionary and the facets in *tokens*, and whether they are all there is."""
        pieces = [word for token in tokens for word, _ in self._lexicon.cut(token, guess=False)]
        known = [word for word in pieces if len(word) > 1 and is_chinese(word)]
        words = tuple(dict.fromkeys(word for word in known if not self._words.facet_of(word)))
        facets = tuple(dict.fromkeys(facet for word in known if (facet := self._words.facet_of(word))))
        return Reading(words, facets), bool(words) and len(known) == len(pieces)


def tokens_of(text: str) -> list[str]:
    """Return the words that stand between blanks and signs, folded, without signs of their own (0777-1234567)."""
    parts = _BETWEEN.split(unicodedata.normalize("NFKC", text[:LONGEST_TYPED]))
    return [token for part in parts if (token := stripped(part))]


def _joined_or_not(tokens: Sequence[str], facets: tuple[Facet, ...]) -> list[Reading]:
    """Return the readings of *tokens* as one name that was written with blanks, and as several words."""
    joined = Reading(("".join(tokens),), facets)
    return [joined, Reading(tuple(dict.fromkeys(tokens)), facets)] if len(tokens) > 1 else [joined]
