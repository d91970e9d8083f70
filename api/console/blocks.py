"""The guide cut into blocks that go into a reply at one key: a facet of an item, branch by branch."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.answering.render import render_facts, render_source
from bot.wording import Wording
from bot.wording.pages import load_page_wording
from knowledge.model import Facet, Fact, ServiceItem
from knowledge.values import Heading

USUAL = (
    Facet.MATERIALS,
    Facet.LOCATION,
    Facet.PHONE,
    Facet.TIME_LIMIT,
    Facet.METHODS,
    Facet.CONDITIONS,
    Facet.FEE,
    Facet.PROCESS,
    Facet.DELIVERY,
    Facet.DEPARTMENT,
)
"""What residents who talk to a person ask for, the commonest first."""


@dataclass(frozen=True)
class Block:
    """What the guide says on *facet* of *item* in one *branch*; its headings are the branch, not among the facts."""

    item: ServiceItem
    facet: Facet
    branch: tuple[str, ...]
    facts: tuple[Fact, ...]

    def as_json(self, wording: Wording) -> dict[str, Any]:
        """Return the block, and each of its facts, with the words that go into a reply."""
        return {
            "item": self.item.id,
            "title": self.item.title,
            "facet": self.facet.value,
            "facet_name": wording.facet(self.facet.value),
            "branch": list(self.branch),
            "text": _words_of(self.facts),
            "lines": render_source(self.facts),
            "insert": self._insert(self.facts, wording),
            "facts": [
                {"text": _words_of([fact]), "lines": str(fact.lines), "insert": self._insert([fact], wording)}
                for fact in self.facts
            ],
        }

    def _insert(self, facts: Sequence[Fact], wording: Wording) -> str:
        said = load_page_wording("console")
        about = {
            "title": self.item.title,
            "facet": wording.facet(self.facet.value),
            "text": _words_of(facts),
            "lines": render_source(facts),
        }
        if self.branch:
            return said.say("insert_branch", branch="，".join(self.branch), **about)
        return said.say("insert", **about)


def blocks_on(item: ServiceItem, facet: Facet) -> Iterator[Block]:
    """Yield what *item* says on *facet*, a block for each branch in the guide's order."""
    branches: dict[tuple[str, ...], list[Fact]] = {}
    for fact in item.facts_on(facet):
        if not isinstance(fact.value, Heading):
            branches.setdefault(fact.applies_to, []).append(fact)
    for branch, facts in branches.items():
        yield Block(item, facet, branch, tuple(facts))


def _words_of(facts: Sequence[Fact]) -> str:
    return textwrap.dedent(render_facts(facts)).strip()
