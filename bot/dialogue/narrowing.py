"""Narrowing (按情况筛选): which facts apply to this resident, and the question that cuts the list most."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from bot.answering.compose import expand_facets
from bot.dialogue.thread import Thread
from knowledge.model import Facet, Fact, ServiceItem
from knowledge.values import Heading
from knowledge.vocabulary.branches import Branch, BranchQuestion

WORTH_ASKING = 3.0
"""Facts that an answer to the question must spare the resident on average; for less nobody likes to be asked."""

SHORT = 700
"""Characters up to which all branches of a facet are shown beside the question: two screens of a small telephone."""

WIDER: Mapping[str, tuple[str, ...]] = {
    "企业": ("企业", "单位"),
    "机关事业单位": ("机关事业单位", "单位"),
    "单位": ("单位", "企业", "机关事业单位"),
    "灵活就业人员": ("灵活就业人员", "个人"),
}
"""What else an applicant is in the guide's headings: a company (企业) is an employer (单位)."""

_OPENS = r"(?:^|[\s.．、)）]){}(?:[还需]*提供|[\s，,：:。、（(]|$)"


@dataclass(frozen=True)
class Settled:
    """A narrowing question that has its answer: the choices that remain, and whether the resident chose by name."""

    question: BranchQuestion
    remaining: tuple[Branch, ...]

    def hides(self, fact: Fact) -> bool:
        """Tell whether *fact* is another's: under a heading of the question that no remaining choice has, or that
        heading itself, which would stand over nothing."""
        if not self._others.isdisjoint(fact.applies_to):
            return True
        opened = _opened_by(fact, self.question)
        return bool(opened) and opened <= self._others

    @cached_property
    def _others(self) -> frozenset[str]:
        """The headings of the question that no remaining choice has."""
        return self.question.headings.difference(*(branch.headings for branch in self.remaining))


@dataclass(frozen=True)
class Narrowing:
    """What is shown of an item, and what is to be asked."""

    settled: tuple[Settled, ...] = ()
    question: BranchQuestion | None = None
    held_back: frozenset[Facet] = field(default=frozenset())

    def shows(self, fact: Fact) -> bool:
        """Tell whether *fact* is shown: it may apply, and is not held back until the question is answered."""
        if any(settled.hides(fact) for settled in self.settled):
            return False
        return self.question is None or fact.facet not in self.held_back or not _is_under(fact, self.question)


def narrow(item: ServiceItem, facets: Sequence[str], questions: Sequence[BranchQuestion], thread: Thread) -> Narrowing:
    """Return what of *item* is shown on *facets* in *thread*. What its answers do not exclude is never hidden."""
    if item.id in thread.whole:
        return Narrowing()
    settled: list[Settled] = []
    for question in questions:
        remaining = _remaining(question, item.id, thread)
        if len(remaining) < len(question.choices):
            settled.append(Settled(question, remaining))
    facts = [fact for facet in expand_facets(facets) for fact in item.facts_on(facet)]
    visible = [fact for fact in facts if not any(answer.hides(fact) for answer in settled)]
    cutting = tuple(answer for answer in settled if any(answer.hides(fact) for fact in facts))
    best = max(questions, key=lambda question: _spared(question, item.id, thread, visible), default=None)
    if best is None or _spared(best, item.id, thread, visible) < WORTH_ASKING:
        return Narrowing(cutting)
    lengths: dict[Facet, int] = {}
    for fact in visible:
        if _is_under(fact, best):
            lengths[fact.facet] = lengths.get(fact.facet, 0) + len(fact.text)
    return Narrowing(cutting, best, frozenset(facet for facet, length in lengths.items() if length > SHORT))


def open_choices(question: BranchQuestion, item_id: str, thread: Thread) -> tuple[Branch, ...]:
    """Return the choices of *question* that what is known leaves open."""
    return _remaining(question, item_id, thread)


def retold(thread: Thread, branches: Mapping[str, Sequence[BranchQuestion]]) -> Thread:
    """Return *thread* without the choices that its applicant, told just now, contradicts: what was said last counts."""
    chosen = tuple(
        (item_id, label)
        for item_id, label in thread.chosen
        if all(
            branch in _of_applicant(question, thread.told)
            for question in branches.get(item_id, ())
            for branch in question.choices
            if branch.label == label
        )
    )
    return replace(thread, chosen=chosen)


def _remaining(question: BranchQuestion, item_id: str, thread: Thread) -> tuple[Branch, ...]:
    chosen = tuple(branch for branch in question.choices if (item_id, branch.label) in thread.chosen)
    return chosen or _of_applicant(question, thread.told)


def _of_applicant(question: BranchQuestion, told: str | None) -> tuple[Branch, ...]:
    """Return the choices that such an applicant may make: all where the question is not about that."""
    names = WIDER.get(told or "", (told,) if told else ())
    fitting = [branch for branch in question.choices if branch.applicant in names]
    exact = [branch for branch in fitting if branch.applicant == told]
    if not fitting:
        return question.choices
    # A choice that names no applicant may be anybody's.
    return tuple(b for b in question.choices if b.applicant is None or b in (exact or fitting))


def _spared(question: BranchQuestion, item_id: str, thread: Thread, visible: Sequence[Fact]) -> float:
    """Return how many facts an answer to *question* spares on average; 0 where it would leave only one choice."""
    remaining = _remaining(question, item_id, thread)
    if len(remaining) < 2:
        return 0.0
    stated = [fact for fact in visible if not isinstance(fact.value, Heading)]
    hidden = [sum(Settled(question, (branch,)).hides(fact) for fact in stated) for branch in remaining]
    return sum(hidden) / len(hidden)


def _is_under(fact: Fact, question: BranchQuestion) -> bool:
    return any(heading in question.headings for heading in fact.applies_to)


def _opened_by(fact: Fact, question: BranchQuestion) -> frozenset[str]:
    """Return the question's headings that a line opens: "1.个人申请" that one, "单位申报" not 单位."""
    if not isinstance(fact.value, Heading):
        return frozenset()
    return frozenset(name for name in question.headings if re.search(_OPENS.format(re.escape(name)), fact.text))
