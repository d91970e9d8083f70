"""Ways on (接下来): what may come after an answer, and what there is where the guide has none. Never filler."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answering.compose import expand_facets
from bot.dialogue.forms import normal_form
from bot.dialogue.ground import Ground
from bot.dialogue.thread import Thread
from bot.query import Query
from knowledge.model import Facet, ServiceItem
from knowledge.values import Heading

MAX_FACETS = 2
MAX_WAYS = 4
RELATED = 0.5
"""Share among all items from which an item counts as what a question out of the guide is about."""

_ABOUT_AN_ITEM = ("amount", "policy", "judgement", "wages", "other_city")
"""Topics out of the guide that are mostly about a matter which is in it."""

Way = tuple[str, str]
"""A key ("facet:materials", "item:card_apply") and what is written on it; a facet's is left to the wording."""


def suggest(item_id: str, facets: Sequence[str], ground: Ground, thread: Thread) -> list[Way]:
    """Return what people ask next: aspects of the item that the guide speaks of, then items before, after, beside."""
    item = ground.base.by_id[item_id]
    shown = set(expand_facets(facets))
    later = [name for name in ground.ways.facets_after(facets[0]) if name in [facet.value for facet in Facet]]
    stated = [name for name in later if Facet(name) not in shown and _is_stated(item, Facet(name))]
    ways: list[Way] = [(f"facet:{name}", "") for name in stated[:MAX_FACETS]]
    for step in ground.ways.next_for(item_id):
        if len(ways) < MAX_WAYS and step.item in ground.base.by_id and step.item not in thread.former:
            ways.append((f"item:{step.item}", step.say))
    return ways


def _is_stated(item: ServiceItem, facet: Facet) -> bool:
    """Tell whether the guide says something of *facet*: the column titles of a lost chart say nothing."""
    return any(not isinstance(fact.value, Heading) for fact in item.facts_on(facet))


def label_of(key: str, item_id: str | None, ground: Ground) -> str:
    """Return what was written on a way on to an item; none for a facet, which is understood as any words are."""
    kind, _, name = key.partition(":")
    if kind != "item":
        return ""
    steps = {step.item: step.say for step in ground.ways.next_for(item_id or "")}
    return steps.get(name) or ground.ways.says.get(name, "")


def suggest_elsewhere(topic: str, query: Query, ground: Ground) -> tuple[str, list[Way]]:
    """Return the sentence and the items that help where the guide does not answer; none where none is near."""
    by_id = ground.base.by_id
    if topic == "own_record":
        ids = [id_ for id_ in ground.ways.records_for(normal_form(query.text)) if id_ in by_id]
        return "own_record_ways", [
            (f"item:{id_}", ground.ways.says.get(id_, by_id[id_].title)) for id_ in ids[:MAX_WAYS]
        ]
    if topic in _ABOUT_AN_ITEM and query.evidence:
        total = sum(candidate.confidence for candidate in query.evidence.items)
        near = [c.id for c in query.evidence.items if total and c.confidence / total >= RELATED and c.id in by_id]
        return "related", [(f"item:{id_}", ground.ways.says.get(id_, by_id[id_].title)) for id_ in near]
    return "related", []
