"""What names an item has, and which papers and terms lead to which items."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from bot.lookup.names import Name, Namer, Source
from bot.lookup.sayings import Sayings
from bot.lookup.words import LookupWords
from knowledge.model import Facet, Fact, KnowledgeBase
from knowledge.values import Material
from knowledge.vocabulary.glossary import Glossary

_BRACKETED = re.compile(r"[（(][^（）()]*[）)]")


def names_of(base: KnowledgeBase, says: Mapping[str, str], words: LookupWords, namer: Namer) -> Iterator[Name]:
    """Yield the names of every item: the title and how it is read out, the plain name, other names, other words."""
    for index, item in enumerate(base):
        named: dict[int, tuple[Fact, ...]] = {index: ()}
        read_out = _BRACKETED.sub("", item.title)
        yield namer.name(item.title, Source.TITLE, named)
        if read_out != item.title:
            yield namer.name(read_out, Source.TITLE, named, item.title)
        if say := says.get(item.id):
            yield namer.name(say, Source.SAY, named)
        for alias in item.aliases:
            yield namer.name(alias, Source.ALIAS, named)
        for other in words.in_other_words(read_out):
            yield namer.name(other, Source.ALIAS, named, item.title)


def papers_of(base: KnowledgeBase, namer: Namer) -> Iterator[Name]:
    """Yield every paper with the items that want it, each with its lines."""
    wanted: dict[str, dict[int, list[Fact]]] = defaultdict(lambda: defaultdict(list))
    for index, item in enumerate(base):
        for fact in item.facts_on(Facet.MATERIALS):
            if isinstance(fact.value, Material) and any(char.isalnum() for char in fact.value.name):
                wanted[fact.value.name][index].append(fact)
    for paper, items in wanted.items():
        yield namer.name(paper, Source.MATERIAL, {index: tuple(facts) for index, facts in items.items()})


def terms_of(base: KnowledgeBase, glossary: Glossary, sayings: Sayings, namer: Namer) -> Iterator[Name]:
    """Yield every spelling of a term with the items that speak of it in any spelling."""
    for term in glossary.terms:
        speaking = {index: sayings.holding(index, term.spellings) for index, _ in enumerate(base.items)}
        named = {index: facts for index, facts in speaking.items() if facts}
        for spelling in term.spellings:
            yield namer.name(spelling, Source.TERM, named)
