"""The words of lookup beside the names of items: what facets are called, other words for the guide's (words.yml)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from bot.understanding.pinyin import is_chinese, syllables
from knowledge.model import Facet
from knowledge.vocabulary import VocabularyError, read_yaml

_FILE = Path(__file__).parent / "words.yml"
_SHORTEST_PINYIN = 4
"""Letters of pinyin that may name a facet without a blank before them: fewer stand in too many other syllables."""


@dataclass(frozen=True)
class LookupWords:
    """What *facets* are called, and what people *also* say for a word of the guide."""

    facets: Mapping[str, Facet]
    also: Mapping[str, tuple[str, ...]]

    def facet_of(self, word: str) -> Facet | None:
        """Return the facet that a word by itself names, in characters, pinyin or initials."""
        return self.facets.get(word) or self._by_pinyin.get(word) or self._by_initials.get(word)

    def facet_begun(self, start: str) -> Facet | None:
        """Return the facet of the first word that begins so, for whoever is still typing it."""
        tables: tuple[Mapping[str, Facet], ...] = (self.facets, self._by_pinyin, self._by_initials)
        return next((facet for table in tables for word, facet in table.items() if word.startswith(start)), None)

    def cut_facet(self, word: str) -> tuple[str, Facet] | None:
        """Return what remains of *word* without the facet that it ends or begins with, and that facet."""
        for ending, facet in self._joined:
            if len(word) > len(ending) and word.endswith(ending):
                return word.removesuffix(ending), facet
        for ending, facet in self._by_initials.items():
            if len(word) > len(ending) + 1 and word.endswith(ending):
                return word.removesuffix(ending), facet
        for beginning, facet in self._joined:
            if len(word) > len(beginning) + 1 and word.startswith(beginning):
                return word.removeprefix(beginning), facet
        return None

    def in_the_guides_words(self, word: str) -> tuple[str, ...]:
        """Return *word* as the guide would put it, in each way that it may be meant; none where it has no other."""
        return tuple(
            word.replace(other, official)
            for official, others in self.also.items()
            for other in others
            if other in word and official not in word
        )

    def in_other_words(self, name: str) -> tuple[str, ...]:
        """Return *name* with a word of the guide's put as people say it, in each way."""
        longest = sorted((official for official in self.also if official in name), key=len, reverse=True)
        outer = [word for at, word in enumerate(longest) if not any(word in before for before in longest[:at])]
        return tuple(name.replace(official, other) for official in outer for other in self.also[official])

    @cached_property
    def _by_pinyin(self) -> Mapping[str, Facet]:
        spelled: dict[str, Facet] = {}
        for word, facet in self.facets.items():
            if len(word) > 1:
                spelled.setdefault("".join(syllables(word)), facet)
        return spelled

    @cached_property
    def _by_initials(self) -> Mapping[str, Facet]:
        spelled: dict[str, Facet] = {}
        for word, facet in self.facets.items():
            if len(word) > 1:
                spelled.setdefault("".join(syllable[0] for syllable in syllables(word)), facet)
        return spelled

    @cached_property
    def _joined(self) -> tuple[tuple[str, Facet], ...]:
        """The words that name a facet without a blank, the longest first."""
        words = [(word, facet) for word, facet in self.facets.items() if len(word) > 1]
        words += [(word, facet) for word, facet in self._by_pinyin.items() if len(word) >= _SHORTEST_PINYIN]
        return tuple(sorted(words, key=lambda pair: len(pair[0]), reverse=True))


@cache
def load_lookup_words(path: Path = _FILE) -> LookupWords:
    """Return the words of the file. Raises VocabularyError naming what is wrong in it."""
    data = read_yaml(path, dict, "a mapping of facets and also")
    if set(data) != {"facets", "also"}:
        raise VocabularyError(f"{path}: facets and also are expected, nothing else")
    facets: dict[str, Facet] = {}
    for name, words in _lists(data["facets"], f"{path}: facets").items():
        if name not in [*Facet]:
            raise VocabularyError(f"{path}: facets: no such facet: {name}")
        for word in words:
            if word in facets:
                raise VocabularyError(f"{path}: facets: stands twice: {word}")
            facets[word] = Facet(name)
    return LookupWords(facets, _lists(data["also"], f"{path}: also"))


def _lists(entries: Any, place: str) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(entries, dict):
        raise VocabularyError(f"{place}: a mapping is expected")
    for name, words in entries.items():
        if not isinstance(words, list) or not words or not all(isinstance(w, str) and is_chinese(w) for w in words):
            raise VocabularyError(f"{place}: {name}: a list of Chinese words is expected")
    return {str(name): tuple(words) for name, words in entries.items()}
