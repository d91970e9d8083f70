"""The reply to a step: messages in our wording and the guide's words, channel-neutral."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.answering.compose import Composer
from bot.answering.messages import Message, PhoneNumber, Text
from bot.dialogue.resolve import Step
from bot.query import Candidate, Decision, Query
from bot.wording import Wording
from knowledge.model import KnowledgeBase
from knowledge.vocabulary.look_alikes import LookAlikes, find_group

HOTLINE = "12333"


@dataclass(frozen=True)
class Reply:
    """What one turn comes to, in the contract's form once the session is added."""

    decision: Decision
    items: tuple[Candidate, ...]
    facets: tuple[str, ...]
    applicant: str | None
    messages: tuple[Message, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form, without session."""
        return {
            "decision": self.decision.value,
            "items": [{"id": c.id, "title": c.title, "confidence": round(c.confidence, 4)} for c in self.items],
            "facets": list(self.facets),
            "applicant": self.applicant,
            "messages": [message.as_json() for message in self.messages],
        }


def reply_to(
    step: Step,
    query: Query,
    base: KnowledgeBase,
    composer: Composer,
    wording: Wording,
    city: str,
    look_alikes: Sequence[LookAlikes] = (),
) -> Reply:
    """Compose what *step* says; *query* lends the confidences."""
    confidence = {candidate.id: candidate.confidence for candidate in query.items}
    items = tuple(Candidate(id_, base.by_id[id_].title, confidence.get(id_, 1.0)) for id_ in step.items)
    messages: list[Message] = []
    if step.decision is Decision.ANSWER:
        for id_ in step.items[: step.asked]:
            messages.extend(composer.answer(base.by_id[id_], step.facets))
    elif step.decision is Decision.CLARIFY:
        if step.topic == "no_such_choice":
            messages.append(Text(wording.say("no_such_choice", count=len(step.items))))
        group = find_group(look_alikes, step.items) if len(step.items) > 1 else None
        messages.extend(composer.choices([base.by_id[id_] for id_ in step.items], group))
    elif step.decision is Decision.HANDOFF:
        messages.extend(_handoff(step, wording))
    else:
        key = f"oos_{step.topic}" if step.decision is Decision.OOS else step.topic
        if not wording.has(key):
            key = "oos" if step.decision is Decision.OOS else "greeting"
        messages.append(Text(wording.say(key, office=base.document.office, city=city)))
    return Reply(step.decision, items, step.facets, step.applicant, tuple(messages))


def apology(wording: Wording) -> Reply:
    """Return what is said when a turn failed: the one sentence for it, and the hotline."""
    messages = (Text(wording.say("failed")), PhoneNumber(HOTLINE, HOTLINE, HOTLINE))
    return Reply(Decision.HANDOFF, (), (), None, messages)


def _handoff(step: Step, wording: Wording) -> list[Message]:
    key = f"handoff_{step.topic}" if wording.has(f"handoff_{step.topic}") else "handoff_person"
    return [Text(wording.say(key)), PhoneNumber(HOTLINE, HOTLINE, HOTLINE)]
