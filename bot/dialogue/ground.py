"""What a conversation stands on: the edition in force, and what is known of its items beside their facts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from bot.dialogue.weighing import Habits, Kin
from bot.understanding.decide import Costs
from knowledge.model import KnowledgeBase, ServiceItem
from knowledge.vocabulary.acts import Acts
from knowledge.vocabulary.branches import BranchQuestion
from knowledge.vocabulary.look_alikes import LookAlikes
from knowledge.vocabulary.ways_on import WaysOn


@dataclass(frozen=True)
class Ground:
    """The base, the look-alikes, the narrowing questions by item, what people ask next, what is done in items, what an
    error costs, and what threads make likelier."""

    base: KnowledgeBase
    look_alikes: tuple[LookAlikes, ...] = ()
    branches: Mapping[str, Sequence[BranchQuestion]] = field(default_factory=dict)
    ways: WaysOn = field(default_factory=WaysOn)
    acts: Acts = field(default_factory=Acts)
    costs: Costs = field(default_factory=Costs)
    habits: Habits = field(default_factory=Habits)

    def kin_of(self, item: str | None, named: str | None = None) -> Kin:
        """Return what *item* has to do with others, where a message seems to name another."""
        relatives = self._relatives.get(item or "", frozenset())
        return Kin(relatives, self.acts.same_act(item), self._relatives.get(named or "", frozenset()))

    @cached_property
    def _relatives(self) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for group in self.look_alikes:
            for id_ in group.items:
                found[id_] = found.get(id_, frozenset()) | (group.items - {id_})
        for id_, steps in self.ways.steps.items():
            for step in steps:
                found[id_] = found.get(id_, frozenset()) | {step.item}
                found[step.item] = found.get(step.item, frozenset()) | {id_}
        return found

    def digest_of(self, item: ServiceItem) -> str:
        """Return what tells whether an item says the same as in another edition: its words, not where they stand."""
        if item.id not in self._digests:
            words = "\n".join(
                [item.title, *(f"{fact.facet}|{'/'.join(fact.applies_to)}|{fact.text}" for fact in item.facts)]
            )
            self._digests[item.id] = hashlib.sha256(words.encode()).hexdigest()[:12]
        return self._digests[item.id]

    @cached_property
    def _digests(self) -> dict[str, str]:
        return {}
