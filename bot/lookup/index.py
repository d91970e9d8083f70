"""The index of one edition: items found by whatever is typed of them, and offered while it is typed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain

from bot.lookup.hits import Found, Hit, Kind, Match, Suggestion, Why, better_of
from bot.lookup.names import Namer, Source
from bot.lookup.naming import names_of, papers_of, terms_of
from bot.lookup.reading import Reader, Reading
from bot.lookup.sayings import Sayings
from bot.lookup.spellings import Spellings
from bot.lookup.words import LookupWords, load_lookup_words
from bot.understanding.lexicon import default_lexicon
from bot.understanding.spelling import default_speller
from knowledge.model import Facet, KnowledgeBase, ServiceItem
from knowledge.vocabulary.glossary import Glossary
from knowledge.vocabulary.ways_on import WaysOn

_NUMBER = 120.0
"""What the office's own number of an item is worth: whoever types it means no other."""
_MOST_PROMINENT = 4.0
_FEW_FACTS = 4
"""Facts on a named facet that are shown with the hit; of a longer list a part would be taken for the whole."""

_Find = Callable[[str], Found]


class LookupIndex:
    """Finds the items of a base by title, other names, pinyin, initials, papers, phones and the text of their facts."""

    def __init__(
        self,
        base: KnowledgeBase,
        says: Mapping[str, str],
        names: Spellings,
        plain: Spellings,
        sayings: Sayings,
        reader: Reader,
    ) -> None:
        self._items = base.items
        self._by_number = {str(item.number): index for index, item in enumerate(base.items)}
        self._says = says
        self._names = names
        self._plain = plain
        self._sayings = sayings
        self._reader = reader

    @classmethod
    def of(cls, base: KnowledgeBase, ways: WaysOn, glossary: Glossary, words: LookupWords | None = None) -> LookupIndex:
        """Return the index of *base*, its items known by their plain names and by the terms of *glossary* too."""
        words = words or load_lookup_words()
        lexicon = default_lexicon()
        namer = Namer(lexicon)
        sayings = Sayings(base, words)
        prominence = _prominence(base, ways)
        names = [
            *names_of(base, ways.says, words, namer),
            *papers_of(base, namer),
            *terms_of(base, glossary, sayings, namer),
        ]
        plain = [name for name in names if name.source is Source.SAY]
        return cls(
            base,
            ways.says,
            Spellings(names, prominence),
            Spellings(plain, prominence),
            sayings,
            Reader(words, lexicon, default_speller()),
        )

    def search(self, text: str, limit: int = 20, facet: Facet | None = None) -> list[Hit]:
        """Return the items that fit *text*, the best first; a *facet* given counts as if it were named in it."""
        reading, found = self._read(text, self._find, self._names.find_with_typo)
        facets = tuple(dict.fromkeys((*((facet,) if facet else ()), *reading.facets)))
        return [self._hit(self._items[index], found[index], facets) for index in self._ranked(found)[:limit]]

    def suggest(self, text: str, limit: int = 6) -> list[Suggestion]:
        """Return the items that have a name like what stands there so far, the best first.

        Each comes under its plain name where that fits, else under the name that does.
        """
        reading, found = self._read(text, self._find_name, self._find_name_with_typo)
        plain = [self._plain.find(word) for word in reading.words]
        offered = []
        for index in self._ranked(found)[:limit]:
            item = self._items[index]
            fits_plainly = any(index in matches for matches in plain)
            offered.append(Suggestion(item, self._says[item.id] if fits_plainly else found[index].name or item.title))
        return offered

    def _ranked(self, found: Found) -> list[int]:
        return sorted(found, key=lambda index: (-found[index].score, self._items[index].number))

    # ------------------------------------------------------------ reading what was typed

    def _read(self, text: str, find: _Find, mend: _Find) -> tuple[Reading, Found]:
        """Return the likeliest reading of *text* that finds anything, and what it finds.

        A reading by which names, papers or numbers are found comes before one whose words only stand in some line.
        What is spelled wrong, has a typo, or is a whole sentence is tried where nothing fits as it is written.
        """
        readings = self._reader.readings(text)
        spoken: list[tuple[Reading, Found]] = []
        for reading in readings:
            found = _all_words(reading, find)
            if any(match.why.kind is not Kind.TEXT for match in found.values()):
                return reading, found
            spoken.append((reading, found))
        tries = chain(spoken, self._second_tries(text, readings, find, mend))
        return next(((reading, found) for reading, found in tries if found), (Reading(()), {}))

    def _second_tries(
        self, text: str, readings: Sequence[Reading], find: _Find, mend: _Find
    ) -> Iterator[tuple[Reading, Found]]:
        for reading in self._reader.corrected(text):
            yield reading, _all_words(reading, find)
        for reading in readings:
            yield reading, _all_words(reading, mend)
        loose = self._reader.loose(text)
        yield loose, _most_words(loose, find)

    def _find(self, word: str) -> Found:
        found = better_of(self._sayings.find(word), self._names.find(word))
        item = self._by_number.get(word)
        return found if item is None else {**found, item: Match(_NUMBER, Why(Kind.NUMBER, word))}

    def _find_name(self, word: str) -> Found:
        return _named(self._names.find(word))

    def _find_name_with_typo(self, word: str) -> Found:
        return _named(self._names.find_with_typo(word))

    # ------------------------------------------------------------ what is shown of it

    def _hit(self, item: ServiceItem, match: Match, facets: tuple[Facet, ...]) -> Hit:
        asked = [fact for fact in match.facts if fact.facet in facets]
        listed = [item.facts_on(facet) for facet in facets]
        few = [fact for facts in listed if len(facts) <= _FEW_FACTS for fact in facts]
        facts = tuple(dict.fromkeys((*(asked or match.facts), *few)))
        return Hit(item, round(match.score, 2), match.why, facets, facts)


def _named(found: Found) -> Found:
    return {item: match for item, match in found.items() if match.name is not None}


def _all_words(reading: Reading, find: _Find) -> Found:
    """Return what fits every word; the score is that of the words together."""
    each = [_named(find(word)) if reading.by_name else find(word) for word in reading.words]
    fitting = set(each[0]).intersection(*each[1:]) if each else set()
    return {item: _together([found[item] for found in each]) for item in fitting}


def _most_words(reading: Reading, find: _Find) -> Found:
    """Return the items that more of the words name, or want as a paper, than any other item."""
    fitting: dict[int, list[Match]] = {}
    for word in reading.words:
        for item, match in find(word).items():
            if match.why.kind is not Kind.TEXT:
                fitting.setdefault(item, []).append(match)
    most = max(map(len, fitting.values()), default=0)
    return {item: _together(matches) for item, matches in fitting.items() if len(matches) == most}


def _together(matches: Sequence[Match]) -> Match:
    """Return the match of several words: worth their mean, found by the best of them, with the facts of all."""
    best = max(matches, key=lambda match: match.score)
    facts = tuple(dict.fromkeys(fact for match in matches for fact in match.facts))
    return Match(sum(match.score for match in matches) / len(matches), best.why, facts, best.name)


def _prominence(base: KnowledgeBase, ways: WaysOn) -> list[float]:
    """Return how much comes to each item from how often others lead to it: of two that fit alike it is meant."""
    leading = Counter(step.item for steps in ways.steps.values() for step in steps)
    leading.update(step.item for event in ways.events for step in event.steps)
    most = max(leading.values(), default=1)
    return [_MOST_PROMINENT * leading[item.id] / most for item in base]
