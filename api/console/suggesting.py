"""What an agent may want to say next: the guide on what was spoken of last, or on what the agent looks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.console.blocks import USUAL, Block, blocks_on
from bot.answering.compose import expand_facets
from bot.lookup.hits import Hit
from bot.query import OVERVIEW, Decision
from bot.records.transcripts import Entry, EntryAuthor
from bot.runtime.engine import Engine
from knowledge.model import Facet, KnowledgeBase, ServiceItem

MOST_BLOCKS = 24
MOST_ITEMS = 3
MOST_OF_A_FACET = 6
"""Branches of one facet that are offered before the next facet has its turn."""


@dataclass(frozen=True)
class Spoken:
    """Which items were spoken of, the latest first, which facets were asked for last, and who asks."""

    items: tuple[str, ...] = ()
    facets: tuple[Facet, ...] = ()
    applicant: str | None = None


async def spoken_of(engine: Engine, entries: Sequence[Entry]) -> Spoken:
    """Return what the conversation is about by now; what the resident wrote to the agent last is understood anew."""
    items: list[str] = []
    facets: tuple[Facet, ...] = ()
    applicant: str | None = None
    for entry in entries:
        if entry.author is not EntryAuthor.BOT or entry.turn is None or not entry.turn["items"]:
            continue
        found = [item["id"] for item in entry.turn["items"]]
        answered = entry.turn["decision"] == Decision.ANSWER.value
        items = [*found[: 1 if answered else MOST_ITEMS], *items]
        facets = tuple(expand_facets(entry.turn["facets"]))
        applicant = entry.turn["applicant"] or applicant
    said = next((entry for entry in reversed(entries) if entry.author is EntryAuthor.RESIDENT), None)
    if said is not None and _is_unanswered(said, entries):
        query = await engine.understand(said.text)
        names_item = query.decision is Decision.ANSWER or query.names_item
        if names_item:
            items = [*(candidate.id for candidate in query.items[:1]), *items]
        # Who asks for nothing in particular of what was spoken of still wants what was asked for before.
        asked = [facet for facet in query.facets if facet != OVERVIEW]
        facets = tuple(expand_facets(asked)) if asked or names_item else facets
        applicant = query.applicant or applicant
    return Spoken(tuple(dict.fromkeys(items))[:MOST_ITEMS], facets, applicant)


def suggest(base: KnowledgeBase, spoken: Spoken) -> list[Block]:
    """Return the blocks for what was spoken of: what was asked of each item, then all else on the first."""
    items = [base.by_id[id_] for id_ in spoken.items if id_ in base.by_id]
    asked = [block for item in items for block in _on(item, spoken.facets or USUAL[:3], spoken.applicant)]
    rest = [block for item in items[:1] for block in _on(item, USUAL, spoken.applicant)]
    return _first(asked + rest)


def blocks_of(hits: Sequence[Hit]) -> list[Block]:
    """Return the blocks for what was looked for: the facets named, else those that fitted, else the usual ones."""
    found: list[Block] = []
    for hit in hits:
        fitted = tuple(dict.fromkeys(fact.facet for fact in hit.facts))
        facets = hit.facets or fitted or USUAL
        blocks = list(_on(hit.item, facets, None))
        fitting = [block for block in blocks if hit.facets or not hit.facts or set(block.facts) & set(hit.facts)]
        found.extend(fitting)
    return _first(found)


def _on(item: ServiceItem, facets: Sequence[Facet], applicant: str | None) -> Iterator[Block]:
    for facet in facets:
        blocks = list(blocks_on(item, facet))
        # A branch that names who is asking comes first; none is left out, for it may apply all the same.
        blocks.sort(key=lambda block: applicant is None or applicant not in "".join(block.branch))
        yield from blocks[:MOST_OF_A_FACET]


def _first(blocks: Sequence[Block]) -> list[Block]:
    kept: dict[tuple[str, Facet, tuple[str, ...]], Block] = {}
    for block in blocks:
        kept.setdefault((block.item.id, block.facet, block.branch), block)
    return list(kept.values())[:MOST_BLOCKS]


def _is_unanswered(said: Entry, entries: Sequence[Entry]) -> bool:
    """Tell whether the bot was silent on *said*, since a person has the conversation."""
    replies = [entry for entry in entries if entry.seq > said.seq and entry.author is EntryAuthor.BOT]
    return not any(entry.turn and entry.turn["messages"] for entry in replies)
