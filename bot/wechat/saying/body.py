"""What there is to say in one go: parts in their order, the last of which may offer something to choose."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Option:
    """One choice: what it says, and what choosing it says to the engine."""

    label: str
    value: str


@dataclass(frozen=True)
class Part:
    """A paragraph; where it offers *options*, each stands on a line of its own at its end, with its number."""

    text: str
    options: tuple[Option, ...] = ()


Body = tuple[Part, ...]


def body_of(messages: Sequence[Mapping[str, Any]]) -> Body:
    """Return a turn's messages as they are said here.

    The client makes numbers and addresses in a text tappable by itself, so that those which the answer spells out
    are not said twice; a link that it does not is one with its label.
    """
    spoken = "\n".join(message["text"] for message in messages if message["type"] not in ("phone", "link"))
    parts: list[Part] = []
    for message in messages:
        if message["type"] == "choices":
            options = tuple(Option(choice["label"], choice["value"]) for choice in message["choices"])
            parts.append(Part(message["text"], options))
        elif message["type"] == "link":
            if message["url"] not in spoken:
                parts.append(Part(f'<a href="{message["url"]}">{message["label"]}</a>'))
        elif message["type"] != "phone" or message["number"] not in spoken:
            parts.append(Part(message["text"]))
    return tuple(parts)


def body_as_json(body: Body) -> str:
    """Return *body* as it is kept."""
    return json.dumps([{"text": part.text, "options": [vars(one) for one in part.options]} for part in body])


def body_from_json(kept: str) -> Body:
    """Inverse of body_as_json."""
    parts = json.loads(kept)
    return tuple(Part(part["text"], tuple(Option(**one) for one in part["options"])) for part in parts)
