"""A person called from a conversation: why, with which summary, and what the resident is told of the queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.answering.messages import Handoff, Message
from bot.dates.hours import OfficeHours
from bot.dialogue.thread import Thread
from bot.wording import Wording
from knowledge.model import KnowledgeBase

REASONS = {
    "complaint": "complaint",
    "crisis": "crisis",
    "anger": "anger",
    "failed_turns": "failed_turns",
}
"""What the topic of a hand-off is called on its ticket; every other is a wish."""

MAX_SUMMARY = 8


@dataclass(frozen=True)
class Called:
    """The ticket of a conversation: its number, its place in the queue (1 is next), whether it was opened just now."""

    number: str
    place: int
    is_new: bool = True


def reason_of(topic: str) -> str:
    """Return why a person is called, as tickets name it."""
    return REASONS.get(topic, "wish")


def summarise(thread: Thread, text: str, base: KnowledgeBase, wording: Wording) -> tuple[str, ...]:
    """Return what was asked and answered so far, a line a turn, for whoever takes over."""
    lines = []
    for said in thread.log[-MAX_SUMMARY:]:
        titles = "、".join(base.by_id[id_].title for id_ in said.items if id_ in base.by_id)
        facets = "、".join(wording.facet(name) for name in said.facets)
        outcome = wording.say(f"outcome_{said.outcome}")
        lines.append(f"{said.text} → {outcome}" + (f"：{titles}（{facets}）" if titles else ""))
    return (*lines, text)


def say_called(called: Called, hours: OfficeHours | None, now: datetime, wording: Wording) -> list[Message]:
    """Return what the resident is told: number, place in the queue, and outside hours when there is somebody."""
    is_open = hours.is_open(now) if hours else None
    if is_open is False:
        said = [wording.say("left_message", ticket=called.number)]
        opening = hours.next_opening(now) if hours else None
        if opening is not None:
            said.append(wording.say("office_closed", date=wording.day(opening.date()), time=f"{opening:%H:%M}"))
        if called.is_new:
            said.append(wording.say("ask_contact"))
        return [Handoff(called.number, "\n".join(said))]
    key = "queued" if called.place > 1 else "queued_next"
    said = [wording.say(key, ticket=called.number, ahead=called.place - 1)]
    if is_open is None and called.is_new:
        said.append(wording.say("ask_contact"))
    return [Handoff(called.number, "\n".join(said))]
