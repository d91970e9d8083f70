"""What the engine calls the conversations of this channel (会话): one for each chat."""

from __future__ import annotations

import re

CHANNEL = "telegram"


def session_of(chat: int) -> str:
    """Return what the engine calls the conversation in *chat*."""
    return f"{CHANNEL}:{chat}"


def find_chat(session: str) -> int | None:
    """Inverse of session_of; None for the session of another channel."""
    channel, _, number = session.partition(":")
    return int(number) if channel == CHANNEL and re.fullmatch(r"-?[0-9]{1,19}", number) else None
