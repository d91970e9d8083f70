"""What is the case around a message, told by whoever received it: who has the conversation, what was masked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any


class Person(str, Enum):
    """Whether a person (人工) has the conversation."""

    NONE = "none"
    WAITING = "waiting"
    """A ticket is open and nobody has taken it yet."""
    TAKEN = "taken"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Situation:
    """The circumstances of one message.

    *masked* tells that personal numbers were taken out of it, *contact_left* that one of them was kept on the open
    ticket, as the resident was told; *elder* wishes for short sentences.
    """

    channel: str = "terminal"
    person: Person = Person.NONE
    ticket: str | None = None
    masked: bool = False
    contact_left: bool = False
    elder: bool = False

    def as_metadata(self) -> dict[str, Any]:
        """Return it as a message's metadata."""
        return {"situation": {**asdict(self), "person": self.person.value}}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, Any] | None) -> Situation:
        """Inverse of as_metadata; a message that came past the engine (rasa shell) is in no special situation."""
        told = (metadata or {}).get("situation")
        return cls(**{**told, "person": Person(told["person"])}) if told else cls()


NOTHING_SPECIAL = Situation()
"""Nobody was called, nothing was masked."""
