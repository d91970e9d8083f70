"""How a turn ended (结果): one of the closed list, told from the step and from what was said."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answering.messages import Answer, Message
from bot.dialogue.steps import Step
from bot.query import Decision
from bot.records.outcomes import Outcome
from knowledge.values import Heading

_UNREADABLE = ("unreadable", "gibberish", "foreign", "injection")


def outcome_of(step: Step, messages: Sequence[Message], is_expired: bool, is_silent_on_more: bool) -> Outcome:
    """Return the outcome of a turn that said *messages*.

    *is_expired* tells that the item's policy has ended, *is_silent_on_more* that more is asked, which the guide does
    not answer.
    """
    if step.topic == "silent":
        return Outcome.SILENT
    if step.decision is Decision.ANSWER:
        return _of_answer(step, messages, is_expired, is_silent_on_more)
    if step.decision is Decision.CLARIFY:
        return Outcome.CLARIFIED
    if step.decision is Decision.HANDOFF:
        return {"complaint": Outcome.COMPLAINT, "crisis": Outcome.CRISIS}.get(step.topic, Outcome.HANDED_OFF)
    if step.decision is Decision.CHITCHAT:
        return Outcome.SMALL_TALK
    if step.topic == "own_record":
        return Outcome.OWN_RECORD
    return Outcome.UNREADABLE if step.topic in _UNREADABLE else Outcome.NOT_IN_GUIDE


def _of_answer(step: Step, messages: Sequence[Message], is_expired: bool, is_silent_on_more: bool) -> Outcome:
    if is_expired:
        return Outcome.EXPIRED_POLICY
    answers = [message for message in messages if isinstance(message, Answer)]
    lacks_facet = any(not any(not isinstance(fact.value, Heading) for fact in answer.facts) for answer in answers)
    if lacks_facet or is_silent_on_more:
        return Outcome.PARTLY_ANSWERED
    return (
        Outcome.NARROWED
        if any(narrowing.settled or narrowing.question for narrowing in step.narrowings)
        else Outcome.ANSWERED
    )
