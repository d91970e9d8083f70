"""Which of the bot's replies are doubtful (存疑), and why."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from bot.query import Decision
from bot.records.outcomes import Outcome

SURE = 0.6
"""From this probability of its item on, an answer is not doubtful by itself."""


class Doubt(str, Enum):
    """Why an editor should look at a message."""

    THUMB_DOWN = "thumb_down"
    FAILED = "failed"
    UNREADABLE = "unreadable"
    NOT_IN_GUIDE = "not_in_guide"
    ASKED_BACK = "asked_back"
    UNSURE = "unsure"

    def __str__(self) -> str:
        return self.value


_BY_OUTCOME = {
    Outcome.FAILED.value: Doubt.FAILED,
    Outcome.UNREADABLE.value: Doubt.UNREADABLE,
    Outcome.NOT_IN_GUIDE.value: Doubt.NOT_IN_GUIDE,
    Outcome.CLARIFIED.value: Doubt.ASKED_BACK,
}


def find_doubt(turn: Mapping[str, Any]) -> Doubt | None:
    """Return why a turn is doubtful; None where it is not. A thumb is the resident's matter, not the turn's."""
    doubt = _BY_OUTCOME.get(turn.get("outcome", ""))
    if doubt is None and turn["decision"] == Decision.ANSWER.value and turn["items"]:
        return Doubt.UNSURE if turn["items"][0]["confidence"] < SURE else None
    return doubt
