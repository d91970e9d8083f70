"""The messages of a reply, neutral of any channel; each carries a plain rendering of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from knowledge.export import export_fact
from knowledge.model import Fact, ServiceItem


@dataclass(frozen=True)
class Text:
    """Something that we say."""

    text: str

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form."""
        return {"type": "text", "text": self.text}


@dataclass(frozen=True)
class Answer:
    """What the guide says on one facet of an item; *text* holds it word for word with its source."""

    item: ServiceItem
    facet: str
    facts: tuple[Fact, ...]
    text: str

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form."""
        return {
            "type": "answer",
            "item": {"id": self.item.id, "title": self.item.title},
            "facet": self.facet,
            "facts": [export_fact(fact) for fact in self.facts],
            "text": self.text,
        }


@dataclass(frozen=True)
class Choice:
    """One choice: what it says, and the text that choosing it sends."""

    label: str
    value: str


@dataclass(frozen=True)
class Choices:
    """A question with choices to pick from."""

    text: str
    choices: tuple[Choice, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form."""
        choices = [{"label": choice.label, "value": choice.value} for choice in self.choices]
        return {"type": "choices", "choices": choices, "text": self.text}


@dataclass(frozen=True)
class PhoneNumber:
    """A number to call."""

    label: str
    number: str
    text: str

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form."""
        return {"type": "phone", "label": self.label, "number": self.number, "text": self.text}


@dataclass(frozen=True)
class Link:
    """A page to open."""

    label: str
    url: str
    text: str

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form."""
        return {"type": "link", "label": self.label, "url": self.url, "text": self.text}


@dataclass(frozen=True)
class Handoff:
    """A person was called; *ticket* is the number to name."""

    ticket: str
    text: str

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form."""
        return {"type": "handoff", "ticket": self.ticket, "text": self.text}


Message = Text | Answer | Choices | PhoneNumber | Link | Handoff
