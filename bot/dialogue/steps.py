"""Steps (下一步): what a turn comes to, and how answering, asking back and all else leave the thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.dialogue.ground import Ground
from bot.dialogue.narrowing import Narrowing, narrow
from bot.dialogue.thread import Thread
from bot.query import OVERVIEW, Decision, Query
from knowledge.vocabulary.look_alikes import find_group

SEPARATING_QUESTIONS = 2
"""Asking back in a row; after that the best candidates are offered as they are, with a way to a person."""

WEAK = 4.0
"""How many times less likely than the second choice a third is not worth a plain question."""

FAILED_TURNS = 2
"""Turns in a row that came to nothing, after which a person is called."""

_NOT_READ = ("unreadable", "gibberish")


@dataclass(frozen=True)
class Step:
    """What to do in this turn: the decision, the items and facets it is about, the thread afterwards.

    An answer is about the first item, or the first *asked* where the message asks about more. *narrowings* belong to
    the items answered, *notes* are the keys of sentences that are said before everything else.
    """

    decision: Decision
    items: tuple[str, ...]
    facets: tuple[str, ...]
    applicant: str | None
    topic: str
    thread: Thread
    asked: int = 1
    narrowings: tuple[Narrowing, ...] = ()
    notes: tuple[str, ...] = ()
    note_values: Mapping[str, object] = field(default_factory=dict)


class Steps:
    """The steps that a message may come to in its thread."""

    def __init__(self, query: Query, thread: Thread, ground: Ground) -> None:
        self._query = query
        self._thread = thread
        self._ground = ground

    def ask(self, items: Sequence[str]) -> Step:
        """Return asking back which of *items* is meant; where they are none, an open question."""
        thread, items = self._thread, self._separable(tuple(items))
        failed = thread.failed if items else thread.failed + 1
        if failed > FAILED_TURNS:
            return self._person()
        facets = tuple(self._query.facets or (self._query.evidence.facets if self._query.evidence else ()))
        named = tuple(facet for facet in facets if facet != OVERVIEW)
        asked_back = thread.asked_back + 1
        after = replace(
            thread,
            offered=items,
            facets=named or thread.facets,
            asking=None,
            ways=(),
            asked_back=asked_back,
            failed=failed,
        )
        topic = "asked_enough" if asked_back > SEPARATING_QUESTIONS else self._query.topic
        return Step(Decision.CLARIFY, items, facets, thread.applicant, topic, after)

    def _separable(self, items: tuple[str, ...]) -> tuple[str, ...]:
        """Return *items* without those that trail behind look-alikes, so that what separates these can be asked.

        The first three stay, unless the third is far less likely than the second.
        """
        if len(items) < 3:
            return items
        evidence = self._query.evidence
        shares = {candidate.id: candidate.confidence for candidate in evidence.items} if evidence else {}
        third_is_weak = shares.get(items[2], 0.0) < shares.get(items[1], 0.0) / WEAK
        for kept in (3, 2) if third_is_weak else (3,):
            group = find_group(self._ground.look_alikes, items[:kept])
            if group is not None:
                return tuple(id_ for id_ in items if id_ in group.items)
        return items

    def answer(
        self,
        items: Sequence[str],
        facets: Sequence[str],
        thread: Thread,
        asked: int = 1,
        assumed: str | None = None,
    ) -> Step:
        """Return the answer; *assumed* is the item where the message asked on without picking one of the choices."""
        facets = tuple(facets) or (OVERVIEW,)
        after = thread.turned_to(items[0], facets)
        answered = [self._ground.base.by_id[id_] for id_ in items[:asked]]
        narrowings = tuple(narrow(item, facets, self._ground.branches.get(item.id, ()), after) for item in answered)
        if asked > 1:
            # Two lists with two questions would leave open which one is answered: everything is shown.
            narrowings = tuple(replace(n, question=None, held_back=frozenset()) for n in narrowings)
        elif narrowings[0].question is not None:
            after = replace(after, asking=items[0])
        digest = self._ground.digest_of(answered[0])
        changed = items[0] == thread.item and thread.digest is not None and digest != thread.digest
        after = replace(after, digest=digest)
        notes = (*(("item_changed",) if changed else ()), *(("assumed",) if assumed else ()))
        return Step(
            Decision.ANSWER,
            tuple(items),
            facets,
            after.applicant,
            self._query.topic,
            after,
            asked,
            narrowings,
            notes,
            {"title": answered[0].title},
        )

    def elsewhere(self, decision: Decision) -> Step:
        """Return a step that is about no item: out of the guide, small talk, a person."""
        query, thread = self._query, self._thread
        topic = query.topic if decision is query.decision else ""
        failed = thread.failed + 1 if topic in _NOT_READ else 0
        if failed > FAILED_TURNS:
            return self._person()
        return Step(decision, (), (), thread.applicant, topic, replace(thread, failed=failed))

    def failing(self, otherwise: Step) -> Step:
        """Return *otherwise* with one more turn that came to nothing, or the person who is called after too many."""
        failed = self._thread.failed + 1
        if failed > FAILED_TURNS:
            return self._person()
        return replace(otherwise, thread=replace(otherwise.thread, failed=failed))

    def _person(self) -> Step:
        thread = replace(self._thread, failed=0)
        return Step(Decision.HANDOFF, (), (), thread.applicant, "failed_turns", thread)
