"""A message weighed in its thread: the same evidence, but what was just spoken of is likelier to be meant.

By itself "那要几天" asks nothing that can be answered, and "那个丧葬的" could be any of three items. The probabilities
were calibrated on messages by themselves; here they are multiplied by how much likelier each case is in the middle of
a conversation, and the decision is taken anew by the same costs. The factors were chosen on conversations of ours
(docs/understanding.md says how).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bot.dialogue.cues import Cues
from bot.dialogue.thread import Thread
from bot.query import Candidate, Decision, Evidence
from bot.understanding.decide import Costs, choose

TAKEN_AT_ITS_WORD = 0.9
"""Probability of the item named from which on a message leaves nothing to be done unsaid."""


@dataclass(frozen=True)
class Habits:
    """How many times likelier something is in a thread than by itself.

    A *follow_up* asks on about the thread's item; *current* is that item named again, *offered* one of the choices just
    given, *former* an item spoken of earlier, *relative* one that is easily confused with the current one; after a
    correction, where a message names another matter ("那失业金呢") or points back, there are factors of their own.
    *same_act* is an item in which the same is done, for a message that leaves that to the one before ("那年金呢" after
    a transfer), *corrected_act* one akin to what is named, after a correction ("我领的是补助金", about stopping).
    *identified_act* comes on top where the correction only says which benefit it is ("我领的其实是…").
    *presupposed* is what is named only as something that may have to come first ("要先去鉴定吗"). *elsewhere* is what
    is out of the guide or small talk, *understood* the share of what is too vague by itself and is clear in its thread.
    """

    follow_up: float = 3.0
    current: float = 6.0
    offered: float = 10.0
    former: float = 5.0
    relative: float = 3.0
    switched_follow_up: float = 0.3
    corrected_follow_up: float = 0.5
    corrected_relative: float = 6.0
    corrected_current: float = 0.3
    pointed_former: float = 10.0
    presupposed: float = 0.1
    same_act: float = 4.0
    corrected_act: float = 32.0
    identified_act: float = 4.0
    elsewhere: float = 1.0
    understood: float = 0.8


@dataclass(frozen=True)
class Weighed:
    """What a message comes to in its thread: the decision, the items likeliest first, and what it follows up, if so."""

    decision: Decision
    items: tuple[Candidate, ...]
    followed_up: str | None


@dataclass(frozen=True)
class Kin:
    """What the thread's item has to do with others: *relatives* are easily confused with it or done beside it, in
    those *of_act* the same is done. *of_named* are the relatives of the item that the message seems to name."""

    relatives: Collection[str] = ()
    of_act: Collection[str] = ()
    of_named: Collection[str] = ()


def weigh(evidence: Evidence, thread: Thread, kin: Kin, cues: Cues, costs: Costs, habits: Habits) -> Weighed:
    """Return what *evidence* comes to in *thread*, whose item has *kin*."""
    likely = evidence.likely
    if likely["right"] >= TAKEN_AT_ITS_WORD and not cues.identifies:
        kin = Kin(kin.relatives)
    factors = {c.id: _factor(c.id, thread, kin, cues, habits) for c in evidence.items}
    strengths = {c.id: c.confidence * factors[c.id] for c in evidence.items}
    named = likely["right"] + likely["other_item"]
    # A message whose items are all new is as likely as by itself; one that names what was spoken of is likelier.
    lift = sum(strengths.values()) / (sum(c.confidence for c in evidence.items) or 1.0)
    understood = habits.understood * likely["clarify"]
    mass = (named + understood) * lift
    about = _spoken_of(thread, cues)
    weights = {id_: mass * value / (sum(strengths.values()) or 1.0) for id_, value in strengths.items()}
    follow_up = likely["followup"] * (habits.follow_up if about else 1.0)
    if cues.corrects:
        follow_up *= habits.corrected_follow_up
    elif cues.switches:
        follow_up *= habits.switched_follow_up
    if about:
        weights[about] = weights.get(about, 0.0) + follow_up
    others = {name: likely[name] * habits.elsewhere for name in ("oos", "chitchat", "handoff")}
    vague = likely["clarify"] - understood
    total = sum(weights.values()) + sum(others.values()) + vague + (0.0 if about else follow_up)
    ranked = sorted(weights, key=lambda id_: -weights[id_])
    titles = {candidate.id: candidate.title for candidate in evidence.items}
    items = tuple(Candidate(id_, titles.get(id_, id_), min(weights[id_] / total, 1.0)) for id_ in ranked)
    first = items[0].confidence
    outcomes = {
        "right": first,
        "other_item": max(0.0, sum(weights.values()) / total - first),
        "clarify": vague / total,
        "followup": 0.0 if about else follow_up / total,
        **{name: value / total for name, value in others.items()},
    }
    follows = about is not None and ranked[0] == about and follow_up >= weights[about] / 2
    return Weighed(choose(outcomes, costs), items, about if follows else None)


def _spoken_of(thread: Thread, cues: Cues) -> str | None:
    """Return the item that a follow-up is about: the first of the choices just given, or the thread's item; the one
    before it where the message points back or a new thread has just begun."""
    if cues.points_back and thread.former and not thread.offered:
        return thread.former[0]
    former = thread.former[0] if thread.former else None
    return thread.offered[0] if thread.offered else thread.item or former


def _factor(id_: str, thread: Thread, kin: Kin, cues: Cues, habits: Habits) -> float:
    if id_ in thread.offered:
        return habits.offered
    if id_ in thread.former:
        return habits.pointed_former if cues.points_back else habits.former
    if id_ == thread.item:
        return habits.corrected_current if cues.corrects else habits.current
    factor = habits.presupposed if cues.presupposes else 1.0
    if id_ in kin.relatives:
        factor *= habits.corrected_relative if cues.corrects else habits.relative
    if id_ in kin.of_act and cues.corrects:
        if id_ in kin.of_named:
            factor *= habits.corrected_act * (habits.identified_act if cues.identifies else 1.0)
    elif id_ in kin.of_act and cues.is_elliptical:
        factor *= habits.same_act
    return factor
