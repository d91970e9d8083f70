"""What the facts of the guide say, as lookup reads them: which items want a paper, have a number, speak of a word."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.lookup.hits import Found, Kind, Match, Why
from bot.lookup.words import LookupWords
from bot.understanding.normalise import fold
from knowledge.model import Facet, Fact, KnowledgeBase
from knowledge.values import Material, Phone

_PHONE = {True: 95.0, False: 60.0}
"""What a number is worth, typed in whole or in part."""
_PAPER_ITSELF, _PAPER_BEGINS, _PAPER = 40.0, 35.0, 30.0
_TEXT = 10.0
_SHORTEST_NUMBER = 3
_SHORTEST_LATIN = 3
_SHORTEST_CHINESE = 2
_MOST_TEXTS = 3
"""Facts shown of an item that only speaks of a word: the word may stand in each of its lines."""


@dataclass(frozen=True)
class _Said:
    """A fact with its text, and the paper's name where it is one, without signs."""

    fact: Fact
    text: str
    paper: str


class Sayings:
    """The facts of all items, ready to be searched."""

    def __init__(self, base: KnowledgeBase, words: LookupWords) -> None:
        self._words = words
        self._said = [[_said(fact) for fact in item.facts] for item in base]
        self._whole = ["\n".join(said.text for said in facts) for facts in self._said]
        self._phones = [
            [
                (re.sub(r"\D", "", fact.value.number), fact, fact.value)
                for fact in item.facts_on(Facet.PHONE)
                if isinstance(fact.value, Phone)
            ]
            for item in base
        ]

    def find(self, typed: str) -> Found:
        """Return the items that want *typed* as a paper, have it as a number, or speak of it or of the same."""
        found: dict[int, Match] = {}
        if typed.isdecimal():
            found.update(self._find_phone(typed))
        if len(typed) < (_SHORTEST_LATIN if typed.isascii() else _SHORTEST_CHINESE):
            return found
        for word in (typed, *self._words.in_the_guides_words(typed)):
            for item, whole in enumerate(self._whole):
                if word in whole and item not in found and (match := self._match(word, item)):
                    found[item] = match
        return found

    def holding(self, item: int, words: Iterable[str]) -> tuple[Fact, ...]:
        """Return the first facts of an item that speak of any of *words*."""
        folded = [stripped(word) for word in words]
        if not any(word in self._whole[item] for word in folded):
            return ()
        facts = [said.fact for said in self._said[item] if any(word in said.text for word in folded)]
        return tuple(facts[:_MOST_TEXTS])

    def _match(self, word: str, item: int) -> Match | None:
        holding = [said for said in self._said[item] if word in said.text]
        papers = [said for said in holding if said.fact.facet is Facet.MATERIALS]
        if papers:
            score = max(_paper_score(word, said) for said in papers)
            return Match(score, Why(Kind.MATERIAL, word), tuple(said.fact for said in papers))
        if holding:
            return Match(_TEXT, Why(Kind.TEXT, word), tuple(said.fact for said in holding[:_MOST_TEXTS]))
        return None

    def _find_phone(self, digits: str) -> Found:
        if len(digits) < _SHORTEST_NUMBER:
            return {}
        found: dict[int, Match] = {}
        for item, phones in enumerate(self._phones):
            fitting = [(number, fact, phone) for number, fact, phone in phones if digits in number]
            if fitting:
                whole = any(number.endswith(digits) and len(digits) >= len("1234567") for number, _, _ in fitting)
                facts = tuple(dict.fromkeys(fact for _, fact, _ in fitting))
                found[item] = Match(_PHONE[whole], Why(Kind.PHONE, fitting[0][2].number), facts)
        return found


def stripped(text: str) -> str:
    """Return *text* folded, without signs: the form in which names, facts and what is typed are compared."""
    return "".join(char for char in fold(text) if char.isalnum())


def _said(fact: Fact) -> _Said:
    paper = stripped(fact.value.name) if isinstance(fact.value, Material) else ""
    return _Said(fact, stripped(fact.text), paper)


def _paper_score(word: str, said: _Said) -> float:
    """Return how well a line of the list of papers fits: the paper itself, its name begins so, it speaks of it."""
    if said.paper == word:
        return _PAPER_ITSELF
    return _PAPER_BEGINS if said.paper.startswith(word) else _PAPER
