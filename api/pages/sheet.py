"""An item as the staff lookup shows it: laid out, narrowed to a case where one is chosen, and as text for a caller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from api.pages.layout import Block, Branch, Part, lay_out
from bot.answering.compose import ended_on
from bot.answering.render import BOX, render_facts
from bot.answering.short_message import short_message
from bot.dialogue.narrowing import Settled
from bot.door import Services
from bot.wording import Wording
from bot.wording.pages import PageWording
from knowledge.model import Facet, Fact, ServiceItem
from knowledge.values import Heading
from knowledge.vocabulary.branches import BranchQuestion


class UnknownChoiceError(ValueError):
    """A case that no question about the item offers; the message names it."""


@dataclass(frozen=True)
class Narrowed:
    """An item and the case of a caller: what cannot apply to it is not shown, all else is."""

    item: ServiceItem
    questions: tuple[BranchQuestion, ...]
    settled: tuple[Settled, ...] = ()

    @classmethod
    def of(cls, item: ServiceItem, services: Services, choices: Sequence[str] = ()) -> Narrowed:
        """Return *item* for the cases *choices*, named by their labels. Raises UnknownChoiceError."""
        questions = _cutting(item, services.ground.branches.get(item.id, ()))
        offered = {branch.label for question in questions for branch in question.choices}
        if unknown := sorted(set(choices) - offered):
            raise UnknownChoiceError(f"{item.id} has no case {', '.join(unknown)}")
        settled = []
        for question in questions:
            remaining = tuple(branch for branch in question.choices if branch.label in choices)
            if remaining:
                settled.append(Settled(question, remaining))
        return cls(item, questions, tuple(settled))

    def shows(self, fact: Fact) -> bool:
        """Tell whether *fact* may apply; a heading over nothing that may is not shown either."""
        if isinstance(fact.value, Heading) and fact.text.replace("\n", "") in self._empty:
            return False
        return self._may_apply(fact)

    def _may_apply(self, fact: Fact) -> bool:
        return not any(settled.hides(fact) for settled in self.settled)

    @cached_property
    def _empty(self) -> frozenset[str]:
        """The headings under which nothing may apply."""
        applying = {name for fact in self.item.facts if self._may_apply(fact) for name in fact.applies_to}
        return frozenset(name for fact in self.item.facts for name in fact.applies_to) - applying

    @property
    def parts(self) -> tuple[Part, ...]:
        """Every facet, of its facts those that may apply."""
        return lay_out(self.item, self.shows)

    @property
    def hidden(self) -> int:
        """How many facts are not shown."""
        return sum(not self.shows(fact) for fact in self.item.facts)


def _cutting(item: ServiceItem, questions: Sequence[BranchQuestion]) -> tuple[BranchQuestion, ...]:
    """Return the questions of which each choice but one hides something: of an edition that says it otherwise, none."""
    return tuple(
        question
        for question in questions
        if sum(any(Settled(question, (b,)).hides(f) for f in item.facts) for b in question.choices) > 1
    )


# ---------------------------------------------------------------- as JSON


def sheet_json(narrowed: Narrowed, services: Services, said: PageWording) -> dict[str, Any]:
    """Return what the page shows of an item."""
    item = narrowed.item
    ended = ended_on(item, services.now().date())
    places = {id(fact): index for index, fact in enumerate(item.facts)}
    return {
        "id": item.id,
        "number": item.number,
        "title": item.title,
        "plain": services.ground.ways.says.get(item.id),
        "category": item.category,
        "audience": list(item.audience),
        "aliases": list(item.aliases),
        "ended": ended.isoformat() if ended else None,
        "edition": services.base.document.edition,
        "cases": [
            {"question": question.question, "choices": [branch.label for branch in question.choices]}
            for question in narrowed.questions
        ],
        "hidden": narrowed.hidden,
        "parts": [_part_json(part, services.wording, said, places) for part in narrowed.parts],
        "alike": _alike(item, services),
    }


def _part_json(part: Part, wording: Wording, said: PageWording, places: dict[int, int]) -> dict[str, Any]:
    name = wording.facet(part.facet.value)
    return {
        "facet": part.facet.value,
        "name": name,
        "source": part.source or None,
        "silence": said.say(part.silence.value, facet=name) if part.silence else None,
        "branches": [_branch_json(branch, places) for branch in part.branches],
    }


def _branch_json(branch: Branch, places: dict[int, int]) -> dict[str, Any]:
    return {
        "heading": branch.heading,
        "depth": branch.depth,
        "is_steps": branch.is_steps,
        "blocks": [_block_json(block, places) for block in branch.blocks],
    }


def _block_json(block: Block, places: dict[int, int]) -> dict[str, Any]:
    return {
        "fact": places[id(block.fact)],
        "kind": block.kind.value,
        "lead": block.lead,
        "segments": [{"text": segment.text, "href": segment.href} for segment in block.segments],
        "lines": block.lines,
    }


def _alike(item: ServiceItem, services: Services) -> list[dict[str, str]]:
    """Return the items that this one is easily taken for, each with what makes it that one."""
    found: dict[str, str] = {}
    for group in services.ground.look_alikes:
        if item.id in group.items:
            found.update({case.item: case.when for case in group.cases if case.item in services.base.by_id})
    found.pop(item.id, None)
    return [{"id": id_, "title": services.base.by_id[id_].title, "when": when} for id_, when in found.items()]


# ---------------------------------------------------------------- as text for a caller


@dataclass(frozen=True)
class CallersText:
    """What a clerk copies for a caller: the whole text with its sources, and the same as short messages."""

    plain: str
    parts: tuple[str, ...]


def text_for_caller(
    narrowed: Narrowed, facets: Sequence[Facet], services: Services, said: PageWording, address: str, link: str
) -> CallersText:
    """Return the guide's words on *facets*, *address* and the shorter *link* leading to the rest."""
    item, wording = narrowed.item, services.wording
    parts = [part for part in narrowed.parts if part.facet in facets]
    cases = "、".join(branch.label for settled in narrowed.settled for branch in settled.remaining)
    ended = ended_on(item, services.now().date())

    def head(title: str) -> str:
        return said.say("text_head_case", title=title, cases=cases) if cases else f"【{title}】"

    warning = [wording.say("expired", date=ended.isoformat())] if ended else []
    blocks = [_plain_part(part, wording, said) for part in parts]
    foot = said.say("text_foot", office=services.base.document.office, address=address)
    short = [head(services.ground.ways.says.get(item.id, item.title))]
    if ended:
        short.append(said.say("text_ended", date=ended.isoformat()))
    short += [line for part in parts for line in _short_part(part, wording, said)]
    return CallersText(
        "\n\n".join(["\n".join([head(item.title), *warning]), *blocks, foot]),
        tuple(short_message(short, said.say("text_link", link=link))),
    )


def _plain_part(part: Part, wording: Wording, said: PageWording) -> str:
    name = wording.facet(part.facet.value)
    lines = [f"■ {name}"]
    if part.silence:
        lines.append(said.say(part.silence.value, facet=name))
    if part.facts:
        lines += [render_facts(part.facts), wording.say("source", lines=part.source)]
    return "\n".join(lines)


def _short_part(part: Part, wording: Wording, said: PageWording) -> list[str]:
    name = wording.facet(part.facet.value)
    if part.silence:
        return [said.say(part.silence.value, facet=name)]
    lines = render_facts(part.facts).splitlines()
    if part.facet is Facet.PHONE:
        # The guide may write numbers without a sign between them; in a message it must be plain whose each one is.
        lines = [fact.text for fact in part.facts]
    first, *others = map(_bare, lines)
    return [f"{name}：{first}", *others]


def _bare(line: str) -> str:
    """Return a line without the box before a paper and without its margin."""
    return line.strip().removeprefix(BOX.strip()).strip()
