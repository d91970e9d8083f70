"""What a query means in its thread: a choice, a follow-up, a correction, a new question; and so what is to be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.dialogue.cues import Cues, find_cues
from bot.dialogue.forms import normal_form
from bot.dialogue.ground import Ground
from bot.dialogue.narrowing import retold
from bot.dialogue.picking import Picking, choose_again
from bot.dialogue.situation import NOTHING_SPECIAL, Person, Situation
from bot.dialogue.steps import Step, Steps
from bot.dialogue.thread import Thread
from bot.dialogue.weighing import Weighed, weigh
from bot.query import MAX_ITEMS, OVERVIEW, Candidate, Decision, Query
from bot.understanding.applicants import find_applicant

NUMBER_ALONE = 12
"""Characters up to which a message with a number to call back asks nothing beside ("我的电话〔手机号〕")."""

APPLICANT_ALONE = 6
"""Characters up to which a message that names an applicant ("灵活就业的") says nothing else."""

NAME_ALONE = 8
"""Characters up to which a message that names an item ("失业的", "养老金那个") says nothing else."""


def resolve(
    query: Query, thread: Thread, ground: Ground, now: datetime, situation: Situation = NOTHING_SPECIAL
) -> Step:
    """Read *query* in its *thread*. An item that the base does not hold any more is not offered."""
    if situation.person is Person.TAKEN:
        return Step(Decision.HANDOFF, (), (), thread.applicant, "silent", replace(thread, at=now.timestamp()))
    notes: tuple[str, ...] = ()
    was_silent = thread.is_silent_since(now)
    if was_silent:
        thread = thread.begun_anew()
    normal = normal_form(query.text)
    cues = find_cues(normal)
    thread = replace(thread, applicant=query.applicant or thread.applicant, at=now.timestamp())
    if query.applicant and find_applicant(normal) == query.applicant:
        thread = retold(replace(thread, told=query.applicant), ground.branches)
    step = _about_the_person(cues, thread, situation) or _Reading(query, thread, ground, cues).step()
    if thread.item is not None and thread.item not in ground.base.by_id and step.thread.item == thread.item:
        notes = ("item_gone",)
        step = replace(step, thread=replace(step.thread, item=None))
    taken_up = was_silent and step.decision is Decision.ANSWER and step.items[0] in thread.former
    if taken_up and (cues.points_back or not query.names_item):
        notes = ("picked_up_again",)
    if situation.contact_left and step.topic != "contact_left":
        notes = (*notes, "contact_left")
    values = {**step.note_values, "ticket": situation.ticket}
    return replace(step, notes=(*notes, *step.notes), note_values=values)


def _about_the_person(cues: Cues, thread: Thread, situation: Situation) -> Step | None:
    """Return the step for what concerns the ticket that is waiting: a way to call back, or that nobody is wanted."""
    if situation.contact_left and len(cues.normal) <= NUMBER_ALONE:
        return Step(Decision.HANDOFF, (), (), thread.applicant, "contact_left", thread)
    if cues.calls_off:
        topic = "called_off" if situation.person is Person.WAITING else "acknowledge"
        return Step(Decision.CHITCHAT, (), (), thread.applicant, topic, thread)
    return None


class _Reading:
    """One message in its thread; the ways to read it, tried in order."""

    def __init__(self, query: Query, thread: Thread, ground: Ground, cues: Cues) -> None:
        self._query = query
        self._thread = thread
        self._ground = ground
        self._cues = cues
        self._steps = Steps(query, thread, ground)

    def step(self) -> Step:
        """Return the first reading that fits."""
        return self._steering() or self._of_office() or self._picking() or self._introduction() or self._question()

    # ------------------------------------------------------------ steering words and choices

    def _picking(self) -> Step | None:
        query = self._query
        # A complaint, or a question out of the guide, may have a choice's word in it and is no answer for that.
        elsewhere = query.decision is Decision.HANDOFF or (query.decision is Decision.OOS and self._cues.asks)
        another = elsewhere or self._names_another_item()
        named = self._named_facets() if self._cues.asks_outright else ()
        return Picking(self._cues, named, self._thread, self._ground, self._steps, another).step()

    def _steering(self) -> Step | None:
        thread = self._thread
        if self._cues.asks_hours and not self._names_another_item():
            return Step(Decision.OOS, (), (), thread.applicant, "opening_hours", thread)
        if self._cues.wants_call:
            return Step(Decision.HANDOFF, (), (), thread.applicant, "person", thread)
        if self._cues.shows_all and thread.item in self._ground.base.by_id:
            return self._steps.answer((thread.item,), thread.facets, thread.with_all_of(thread.item))
        if self._cues.none_of_these and (thread.offered or thread.asking or thread.ways):
            return self._none_of_these()
        if self._cues.rejects and (thread.item or thread.offered):
            return self._none_of_these()
        return None

    def _of_office(self) -> Step | None:
        """Return what the thread's item says of the office's telephone, place or page; without one, asking back for it.

        Each item has its own, so a question for the office's is one for that of the matter in hand.
        """
        facet, thread = self._cues.of_office, self._thread
        if facet is None:
            return None
        if thread.item in self._ground.base.by_id and not thread.offered:
            return self._steps.answer((thread.item,), (facet,), thread)
        known = [id_ for id_ in thread.offered if id_ in self._ground.base.by_id]
        step = self._steps.ask(known) if thread.offered else self._question()
        if step.decision is not Decision.CLARIFY:
            return None
        return replace(step, facets=(facet,), thread=replace(step.thread, facets=(facet,)))

    def _none_of_these(self) -> Step:
        """Return the open question again, or everything of an item whose narrowing question fits nobody."""
        thread = self._thread
        if thread.asking in self._ground.base.by_id:
            return self._steps.answer((thread.asking,), thread.facets, thread.with_all_of(thread.asking))
        step = self._steps.ask(())
        return step if step.decision is Decision.HANDOFF else replace(step, topic="none_of_these")

    # ------------------------------------------------------------ who is asking

    def _introduction(self) -> Step | None:
        """Return the last answer again for an applicant who has just said who he is ("忘了讲，我是机关退的")."""
        thread, query = self._thread, self._query
        if not (self._introduces() and query.applicant and thread.item in self._ground.base.by_id):
            return None
        if self._names_another_item() or query.decision is Decision.HANDOFF:
            return None
        return self._steps.answer(
            (thread.item,), (self._named_facets() if self._cues.asks else ()) or thread.facets, thread
        )

    def _introduces(self) -> bool:
        bare = self._cues.bare
        names_only_who = len(bare) <= APPLICANT_ALONE and find_applicant(bare) is not None and not self._cues.asks
        return self._cues.introduces or names_only_who

    def _names_another_item(self) -> bool:
        evidence = self._query.evidence
        if evidence is None or not evidence.items:
            return False
        first = evidence.items[0]
        return first.confidence >= 0.5 and first.id != self._thread.item

    # ------------------------------------------------------------ questions

    def _question(self) -> Step:
        query, thread = self._query, self._thread
        weighed = self._weighed()
        if weighed is None or query.asked > 1:
            return self._as_by_itself()
        if weighed.decision is Decision.ANSWER:
            known = tuple(c.id for c in weighed.items if c.id in self._ground.base.by_id)
            if not known or known[0] != weighed.items[0].id:
                return self._steps.ask(known[:MAX_ITEMS])
            assumed = known[0] if weighed.followed_up == known[0] and known[0] in thread.offered else None
            thread = choose_again(thread, known[0], self._cues.normal, self._ground)
            return self._steps.answer(known[:3], self._facets_for(known[0]), thread, assumed=assumed)
        if weighed.decision is Decision.CLARIFY:
            offered = weighed.items if query.decision is Decision.ANSWER else (query.items or weighed.items[:3])
            ranked = {candidate.id: rank for rank, candidate in enumerate(weighed.items)}
            by_thread = sorted(offered, key=lambda candidate: ranked.get(candidate.id, len(ranked)))
            return self._steps.ask(
                self._known(by_thread[:MAX_ITEMS] if query.decision is Decision.CLARIFY else by_thread[:3])
            )
        return self._steps.elsewhere(weighed.decision)

    def _weighed(self) -> Weighed | None:
        thread, query = self._thread, self._query
        if query.evidence is None or not (thread.item or thread.offered or thread.former):
            return None
        named = query.evidence.items[0].id if query.evidence.items else None
        kin = self._ground.kin_of(thread.item, named)
        return weigh(query.evidence, thread, kin, self._cues, self._ground.costs, self._ground.habits)

    def _as_by_itself(self) -> Step:
        query, thread = self._query, self._thread
        items = self._known(query.items)
        if query.topic == "personal_data" and (beside := self._asked_beside_a_number()):
            return self._steps.answer((beside,), self._facets_for(beside), thread)
        if query.decision is Decision.ANSWER and items:
            whole = items[: query.asked] == tuple(candidate.id for candidate in query.items[: query.asked])
            return self._steps.answer(items, query.facets, thread, query.asked if whole else 1)
        if query.decision in (Decision.CLARIFY, Decision.ANSWER):
            return self._steps.ask(items[:MAX_ITEMS])
        return self._steps.elsewhere(query.decision)

    def _asked_beside_a_number(self) -> str | None:
        """Return the item that a message asks about that also holds a personal number, None without a clear one."""
        evidence = self._query.evidence
        if evidence is None or len(self._cues.normal) <= NUMBER_ALONE or not self._cues.asks:
            return None
        total = sum(candidate.confidence for candidate in evidence.items)
        first = evidence.items[0]
        return first.id if first.id in self._ground.base.by_id and first.confidence >= total / 2 else None

    # ------------------------------------------------------------ facets

    def _named_facets(self) -> tuple[str, ...]:
        """Return the aspects that the message names; overview is none."""
        evidence = self._query.evidence
        found = self._query.facets or (evidence.facets if evidence else ())
        return tuple(facet for facet in found if facet != OVERVIEW)

    def _facets_for(self, item_id: str) -> tuple[str, ...]:
        """Return the aspects to answer: those named; for a message that asks nothing by itself ("那失业补助金呢", "要是
        仲裁判的呢") those asked before."""
        named, thread = self._named_facets(), self._thread
        if item_id in thread.offered and not self._cues.asks:
            return thread.facets or (OVERVIEW,)
        if self._cues.presupposes and item_id == thread.item:
            # What must come first stands among the conditions or the steps, whatever word the message has for it.
            return tuple(dict.fromkeys(("conditions", *named)))
        # A name alone answers the open question, offered or not, and is said for what was asked before.
        answers = bool(thread.offered) and len(self._cues.bare) <= NAME_ALONE
        in_thread = bool(thread.facets) and (answers or item_id in (thread.item, *thread.former))
        elliptical = self._cues.corrects or self._cues.is_elliptical or in_thread
        if named and (self._cues.asks or named != ("conditions",)):
            return named
        if elliptical and not self._cues.asks and thread.facets:
            return thread.facets
        return named or (OVERVIEW,)

    def _known(self, candidates: Sequence[Candidate]) -> tuple[str, ...]:
        return tuple(candidate.id for candidate in candidates if candidate.id in self._ground.base.by_id)
