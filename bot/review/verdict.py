"""What an editor says of a message (判定): its items and facets, a scope class and topic, or that it is of no use."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import Enum
from functools import cache
from pathlib import Path

from bot.query import FACET_NAMES
from bot.understanding.applicants import applicant_names
from bot.understanding.messages import SCOPE_CLASSES
from bot.understanding.normalise import mask_personal_numbers

LONGEST_TEXT = 500
MOST_ITEMS = 6
TOPICAL = ("oos", "chitchat", "handoff")
"""Scope classes whose topic says what the message is about; a follow-up's topic is the facets that it goes on to."""


class Kind(str, Enum):
    """What a message is to the training data."""

    ITEM = "item"
    SCOPE = "scope"
    NO_USE = "no_use"

    def __str__(self) -> str:
        return self.value


class VerdictError(ValueError):
    """A verdict that training data cannot hold; *field* is where, *code* is why."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(f"{field}: {code}")
        self.field = field
        self.code = code


@dataclass(frozen=True)
class Verdict:
    """What a message means, in the form of nlu_data/README.md.

    *text* is what training would read: the message as it came, or without a name that an editor took out.
    """

    kind: Kind
    text: str = ""
    items: tuple[str, ...] = ()
    is_double: bool = False
    facets: tuple[str, ...] = ()
    applicant: str | None = None
    scope: str | None = None
    topic: str = ""

    @property
    def meaning(self) -> Verdict:
        """The verdict without its text: two editors agree when this is the same."""
        return replace(self, text="")

    @property
    def intent(self) -> str | None:
        """The intent that training would read; None where there is no use for the message."""
        if self.kind is Kind.NO_USE:
            return None
        if self.kind is Kind.ITEM:
            return self.items[0]
        return f"{self.scope}_{self.topic}" if self.scope in TOPICAL else self.scope

    def as_line(self) -> str:
        """Return the line of nlu_data/messages/ or nlu_data/scope/."""
        items = ("+" if self.is_double else ",").join(self.items) or "-"
        if self.kind is Kind.ITEM:
            return "\t".join((items, ",".join(self.facets), self.applicant or "-", self.text))
        return "\t".join((str(self.scope), self.topic or "-", items, self.text))

    def as_record(self) -> str:
        """Return it as it is kept."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_record(cls, record: str) -> Verdict:
        """Inverse of as_record."""
        data = json.loads(record)
        return cls(
            **{**data, "kind": Kind(data["kind"]), "items": tuple(data["items"]), "facets": tuple(data["facets"])}
        )


@dataclass(frozen=True)
class Known:
    """What verdicts may name: ids of items, and the topics of each scope class."""

    items: frozenset[str]
    topics: Mapping[str, tuple[str, ...]]

    def check(self, verdict: Verdict) -> Verdict:
        """Return *verdict* as it can be kept: one line of text, masked. Raises VerdictError."""
        if verdict.kind is Kind.NO_USE:
            return Verdict(Kind.NO_USE)
        text = re.sub(r"\s+", " ", mask_personal_numbers(verdict.text)).strip()
        if not text:
            raise VerdictError("text", "missing")
        if len(text) > LONGEST_TEXT:
            raise VerdictError("text", "too_long")
        self._check_items(verdict)
        if verdict.kind is Kind.ITEM:
            return self._checked_item(replace(verdict, text=text))
        return self._checked_scope(replace(verdict, text=text))

    def _check_items(self, verdict: Verdict) -> None:
        if not set(verdict.items) <= self.items or len(set(verdict.items)) != len(verdict.items):
            raise VerdictError("items", "unknown")
        if len(verdict.items) > MOST_ITEMS:
            raise VerdictError("items", "too_many")

    @staticmethod
    def _checked_item(verdict: Verdict) -> Verdict:
        if not verdict.items:
            raise VerdictError("items", "missing")
        if verdict.is_double and len(verdict.items) != 2:
            raise VerdictError("items", "not_two")
        if not verdict.facets:
            raise VerdictError("facets", "missing")
        if not set(verdict.facets) <= set(FACET_NAMES):
            raise VerdictError("facets", "unknown")
        if verdict.applicant is not None and verdict.applicant not in applicant_names():
            raise VerdictError("applicant", "unknown")
        return replace(verdict, facets=in_order(verdict.facets), scope=None, topic="")

    def _checked_scope(self, verdict: Verdict) -> Verdict:
        if verdict.scope not in SCOPE_CLASSES:
            raise VerdictError("scope", "missing")
        bare = replace(verdict, is_double=False, facets=(), applicant=None)
        if verdict.scope == "clarify":
            if not verdict.items:
                raise VerdictError("items", "missing")
            return replace(bare, topic="")
        if verdict.scope == "followup":
            if not set(verdict.facets) <= set(FACET_NAMES):
                raise VerdictError("facets", "unknown")
            return replace(bare, items=(), topic=",".join(in_order(verdict.facets)))
        if verdict.topic not in self.topics.get(str(verdict.scope), ()):
            raise VerdictError("topic", "missing")
        return replace(bare, items=())


def in_order(facets: tuple[str, ...]) -> tuple[str, ...]:
    """Return facets each once, in the order of the guide, so that the same choice is the same verdict."""
    return tuple(facet for facet in FACET_NAMES if facet in facets)


@cache
def load_topics(nlu_data: Path) -> Mapping[str, tuple[str, ...]]:
    """Return the topics that the labelled messages know, the commonest first: the model knows no others."""
    counts: dict[str, dict[str, int]] = {scope: {} for scope in TOPICAL}
    for path in sorted((nlu_data / "scope").glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            scope, _, rest = line.partition("\t")
            if scope in counts:
                topic = rest.partition("\t")[0]
                counts[scope][topic] = counts[scope].get(topic, 0) + 1
    return {scope: tuple(sorted(found, key=lambda topic: -found[topic])) for scope, found in counts.items()}
