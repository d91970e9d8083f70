"""What was understood of a message: the query, in the words of the contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from knowledge.model import Facet

OVERVIEW = "overview"
"""Asked for when no facet is named: what is it, how do I do it (怎么办)."""

FACET_NAMES: tuple[str, ...] = (OVERVIEW, *(facet.value for facet in Facet))
MAX_ITEMS = 6


class Decision(str, Enum):
    """What to do with a message (处置)."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    OOS = "oos"
    CHITCHAT = "chitchat"
    HANDOFF = "handoff"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Candidate:
    """An item that may be meant, and how sure that is (0 to 1)."""

    id: str
    title: str
    confidence: float


@dataclass(frozen=True)
class Evidence:
    """What speaks for what, whatever was decided: a conversation may weigh it anew.

    *likely* is the probability of each outcome (bot.understanding.evidence.OUTCOMES), *items* are the likeliest ones,
    each with the probability that it is asked for, *facets* the aspects asked for, should the message ask for any.
    """

    likely: Mapping[str, float]
    items: tuple[Candidate, ...]
    facets: tuple[str, ...]

    def as_record(self) -> dict[str, Any]:
        """Return it as the tracker keeps it."""
        items = [[c.id, c.title, round(c.confidence, 6)] for c in self.items]
        return {
            "likely": {name: round(value, 6) for name, value in self.likely.items()},
            "items": items,
            "facets": list(self.facets),
        }

    @classmethod
    def from_record(cls, data: Mapping[str, Any]) -> Evidence:
        """Inverse of as_record."""
        return cls(dict(data["likely"]), tuple(Candidate(*item) for item in data["items"]), tuple(data["facets"]))


@dataclass(frozen=True)
class Query:
    """A message understood by itself, without the conversation before it.

    *topic* is the finer class behind the decision ("medical", "complaint", "followup" …), *facets* the
    aspects asked for; *names_item* tells whether the message itself points to an item, *asked* how many of the first
    items it asks about, where it is answered: two, where it asks two things at once. *silent_on* is the finer class of
    what else it asks and the guide does not answer, if anything. *evidence* is None where nothing could be read.
    """

    text: str
    decision: Decision
    items: tuple[Candidate, ...] = ()
    facets: tuple[str, ...] = ()
    applicant: str | None = None
    topic: str = ""
    names_item: bool = False
    asked: int = 1
    evidence: Evidence | None = None
    silent_on: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form."""
        return {
            "text": self.text,
            "decision": self.decision.value,
            "items": [{"id": c.id, "title": c.title, "confidence": round(c.confidence, 4)} for c in self.items],
            "facets": list(self.facets),
            "applicant": self.applicant,
        }

    def as_record(self) -> dict[str, Any]:
        """Return everything, as the tracker keeps it."""
        return {
            **self.as_json(),
            "topic": self.topic,
            "names_item": self.names_item,
            "asked": self.asked,
            "silent_on": self.silent_on,
            "evidence": self.evidence.as_record() if self.evidence else None,
        }

    @classmethod
    def from_record(cls, data: Mapping[str, Any]) -> Query:
        """Inverse of as_record."""
        return cls(
            text=data["text"],
            decision=Decision(data["decision"]),
            items=tuple(Candidate(c["id"], c["title"], c["confidence"]) for c in data["items"]),
            facets=tuple(data["facets"]),
            applicant=data["applicant"],
            topic=data.get("topic", ""),
            names_item=bool(data.get("names_item")),
            asked=int(data.get("asked", 1)),
            silent_on=data.get("silent_on"),
            evidence=Evidence.from_record(data["evidence"]) if data.get("evidence") else None,
        )
