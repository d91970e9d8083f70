"""What a query means in its thread: a follow-up, a choice, a new question; and so what is to be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.dialogue.choosing import find_choice, is_number
from bot.dialogue.thread import Thread
from bot.query import MAX_ITEMS, OVERVIEW, Decision, Query
from bot.understanding.normalise import normalise
from knowledge.model import KnowledgeBase

LIKELY = 0.15
"""From this probability on, the thread may settle which item is meant."""


@dataclass(frozen=True)
class Step:
    """What to do in this turn: the decision, the items and facets it is about, the thread afterwards.

    An answer is about the first item, or the first *asked* where the message asks about more.
    """

    decision: Decision
    items: tuple[str, ...]
    facets: tuple[str, ...]
    applicant: str | None
    topic: str
    thread: Thread
    asked: int = 1


def resolve(query: Query, thread: Thread, base: KnowledgeBase) -> Step:
    """Read *query* in its *thread*. An item that the base does not hold any more is not offered."""
    applicant = query.applicant or thread.applicant
    thread = replace(thread, applicant=applicant)
    chosen = _chosen(query, thread, base)
    if chosen is not None:
        return _answer((chosen,), query.facets or thread.facets, query, thread)
    if thread.offered and is_number(normalise(query.text)):
        left = tuple(id_ for id_ in thread.offered if id_ in base.by_id)
        return Step(Decision.CLARIFY, left, thread.facets, applicant, "no_such_choice", replace(thread, offered=left))
    if _follows_up(query, thread, base):
        return _answer((thread.item or "",), query.facets, query, thread)
    items = tuple(candidate.id for candidate in query.items if candidate.id in base.by_id)
    if query.decision is Decision.CLARIFY and _is_settled(query, thread, base):
        return _answer(items[:1], query.facets, query, thread)
    if query.decision is Decision.ANSWER and items:
        whole = items[: query.asked] == tuple(candidate.id for candidate in query.items[: query.asked])
        return _answer(items, query.facets, query, thread, query.asked if whole else 1)
    if query.decision in (Decision.CLARIFY, Decision.ANSWER):
        offered = items[:MAX_ITEMS]
        asked = replace(thread, offered=offered, facets=_without_overview(query.facets) or thread.facets)
        return Step(Decision.CLARIFY, offered, query.facets, applicant, query.topic, asked)
    return Step(query.decision, (), (), applicant, query.topic, thread)


def _answer(items: Sequence[str], facets: Sequence[str], query: Query, thread: Thread, asked: int = 1) -> Step:
    facets = tuple(facets) or (OVERVIEW,)
    after = replace(thread, item=items[0], facets=facets, offered=())
    return Step(Decision.ANSWER, tuple(items), facets, thread.applicant, query.topic, after, asked)


def _chosen(query: Query, thread: Thread, base: KnowledgeBase) -> str | None:
    """Return the item that the message picks. One that has vanished keeps its number, and cannot be picked."""
    titles = [base.by_id[id_].title if id_ in base.by_id else "" for id_ in thread.offered]
    index = find_choice(normalise(query.text), titles) if titles else None
    return thread.offered[index] if index is not None and titles[index] else None


def _follows_up(query: Query, thread: Thread, base: KnowledgeBase) -> bool:
    """Tell whether the message asks on about the thread's item: facets, and no item of its own."""
    if thread.item not in base.by_id or not query.facets or query.names_item:
        return False
    return query.topic == "followup" or query.decision is Decision.CLARIFY


def _is_settled(query: Query, thread: Thread, base: KnowledgeBase) -> bool:
    """Tell whether what is in doubt by itself is in doubt no longer: its likeliest item was just spoken of.

    A bare word for a whole field (社保卡) is as vague in a thread as outside.
    """
    first = query.items[0] if query.items else None
    return (
        first is not None
        and first.id in base.by_id
        and first.id in (*thread.offered, thread.item)
        and first.confidence >= LIKELY
    )


def _without_overview(facets: Sequence[str]) -> tuple[str, ...]:
    return tuple(facet for facet in facets if facet != OVERVIEW)
