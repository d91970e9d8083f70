"""Letters (待发消息): what is to be done in a chat, kept as JSON until Telegram has done it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Button:
    """A button under a message: what it says, and what comes back when it is pressed, or the page that it opens."""

    label: str
    data: str | None = None
    url: str | None = None


Keyboard = tuple[tuple[Button, ...], ...]
"""Rows of buttons."""


@dataclass(frozen=True)
class Letter:
    """A message to send, or the new face of one that *edits* names: its text, or its buttons where *html* is empty.

    *answers* is the message in a group that it replies to, *ticket* the one on which an agent said it.
    """

    html: str
    keyboard: Keyboard = ()
    edits: int | None = None
    answers: int | None = None
    ticket: str | None = None

    def as_json(self) -> str:
        """Return it as it is kept."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, kept: str) -> Letter:
        """Inverse of as_json."""
        data: dict[str, Any] = json.loads(kept)
        rows = tuple(tuple(Button(**button) for button in row) for row in data.pop("keyboard"))
        return cls(keyboard=rows, **data)
