"""What is doubtful in the edition in use (存疑), found once for an edition and day, and where in an item it belongs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from knowledge.editions import EditionError
from knowledge.lint import Doubt, find_doubts
from knowledge.model import Facet, KnowledgeBase, ServiceItem
from knowledge.publishing import Publishing
from knowledge.reading.source import parse_text
from knowledge.values import Heading, Phone
from knowledge.vocabulary import Vocabulary, load_vocabulary


@dataclass(frozen=True)
class PlacedDoubt:
    """A doubt with the facet it stands in and, where it is about one statement, its place among the item's facts."""

    doubt: Doubt
    facet: Facet | None
    fact: int | None


DoubtsByItem = Mapping[str, Sequence[PlacedDoubt]]


class Doubtful:
    """Answers for the base in use; another base, or another day, is looked through anew."""

    def __init__(self, publishing: Publishing) -> None:
        self._publishing = publishing
        self._looking = asyncio.Lock()
        self._known: tuple[KnowledgeBase, date, DoubtsByItem | None] | None = None

    async def of(self, base: KnowledgeBase, today: date) -> DoubtsByItem | None:
        """Return the doubts by item; None where the text of *base* is not kept, so that nobody can look."""
        async with self._looking:
            # Identity, for comparing two bases means comparing every fact.
            if self._known is None or self._known[0] is not base or self._known[1] != today:
                self._known = base, today, await asyncio.to_thread(self._look, base, today)
            return self._known[2]

    def _look(self, base: KnowledgeBase, today: date) -> DoubtsByItem | None:
        shelf = self._publishing.store.shelf()
        edition = next((edition for edition in shelf if edition.document == base.document), None)
        if edition is None:
            return None
        try:
            text = parse_text(base.document.name, self._publishing.text(edition.id))
        except EditionError:
            return None
        vocabulary = load_vocabulary()
        doubts = find_doubts(base, text, vocabulary, today)
        return {
            item.id: [_place(item, doubt, vocabulary) for doubt in doubts if doubt.item == item.title] for item in base
        }


def _place(item: ServiceItem, doubt: Doubt, vocabulary: Vocabulary) -> PlacedDoubt:
    there = [
        (index, fact) for index, fact in enumerate(item.facts) if fact.lines.first <= doubt.line <= fact.lines.last
    ]
    # Several numbers may stand on one line; the doubt names the one it is about.
    named = [pair for pair in there if isinstance(pair[1].value, Phone) and pair[1].value.number in doubt.why]
    for index, fact in named or there:
        return PlacedDoubt(doubt, fact.facet, None if isinstance(fact.value, Heading) else index)
    return PlacedDoubt(doubt, _facet_at(item, doubt, vocabulary), None)


def _facet_at(item: ServiceItem, doubt: Doubt, vocabulary: Vocabulary) -> Facet | None:
    """Return the facet in whose section the doubt lies, or that it names: one without a section has no line."""
    before = [section for section in item.sections if section.line <= doubt.line]
    if before:
        return max(before, key=lambda section: section.line).facet
    named = (facet for facet in Facet if doubt.what.endswith(vocabulary.label_of_facet(facet)))
    return next(named, None)
