"""Composing replies: which facets are shown, what is said where the guide is silent or its policy has ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from bot.answering.messages import Answer, Choice, Choices, Message, Text
from bot.answering.render import render_facts, render_source
from bot.query import OVERVIEW
from bot.wording import Wording
from knowledge.model import Facet, Fact, ServiceItem
from knowledge.values import Heading, Note, Phone
from knowledge.vocabulary.look_alikes import LookAlikes

OVERVIEW_FACETS = (
    Facet.CONDITIONS,
    Facet.MATERIALS,
    Facet.METHODS,
    Facet.TIME_LIMIT,
    Facet.LOCATION,
    Facet.PHONE,
)
"""What somebody needs who asks how to do a thing: may I, what do I bring, how, how long, where, whom to call."""


class Composer:
    """Composes replies in one wording, as of one day."""

    def __init__(self, wording: Wording, today: date) -> None:
        self._wording = wording
        self._today = today

    def answer(
        self, item: ServiceItem, facets: Sequence[str], shows: Callable[[Fact], bool] = lambda _fact: True
    ) -> list[Message]:
        """Return the guide's words on *facets* of *item*, in the order asked; silence is said, with whom to ask.

        Of the facts those are given that *shows* admits; a facet of which it admits none is passed over: what to say
        of it depends on a question that is asked.
        """
        messages: list[Message] = []
        expired = ended_on(item, self._today)
        if expired:
            messages.append(Text(f"【{item.title}】\n" + self._wording.say("expired", date=expired.isoformat())))
        for facet in expand_facets(facets):
            facts = item.facts_on(facet)
            shown = tuple(fact for fact in facts if shows(fact))
            if any(not isinstance(fact.value, Heading) for fact in shown):
                messages.append(self._stated(item, facet, shown))
            elif all(isinstance(fact.value, Heading) for fact in facts):
                messages.append(self._silent(item, facet, shown))
        return messages

    def choices(self, items: Sequence[ServiceItem], group: LookAlikes | None = None) -> list[Message]:
        """Return the question which of *items* is meant, its choices numbered; an open question without any.

        Where they are look-alikes of one *group*, its own question is asked, and each choice says what makes it so.
        """
        if not items:
            return [Text(self._wording.say("clarify_open"))]
        when = {case.item: case.when for case in group.cases} if group else {}
        labels = [
            self._wording.say("choice_when", title=item.title, when=when[item.id]) if item.id in when else item.title
            for item in items
        ]
        question = (
            self._wording.say("clarify_between", question=group.question) if group else self._wording.say("clarify")
        )
        lines = [self._wording.say("choice", number=i, title=label) for i, label in enumerate(labels, 1)]
        choices = tuple(Choice(label, str(i)) for i, label in enumerate(labels, 1))
        return [Choices("\n".join([question, *lines]), choices)]

    def _stated(self, item: ServiceItem, facet: Facet, facts: tuple[Fact, ...]) -> Answer:
        source = self._wording.say("source", lines=render_source(facts))
        head = f"【{item.title}】{self._wording.facet(facet.value)}"
        return Answer(item, facet.value, facts, f"{head}\n{render_facts(facts)}\n{source}")

    def _silent(self, item: ServiceItem, facet: Facet, facts: tuple[Fact, ...]) -> Answer:
        """Say that the guide is silent, and whom to ask; column titles of a lost chart are still shown."""
        pictured = any(section.facet is facet for section in item.sections) and facet is Facet.PROCESS
        key = "silent_picture" if pictured else "silent"
        parts = [f"【{item.title}】", self._wording.say(key, facet=self._wording.facet(facet.value))]
        if facts:
            parts.append(render_facts(facts) + "\n" + self._wording.say("source", lines=render_source(facts)))
        parts.append(self._whom_to_ask(item))
        return Answer(item, facet.value, facts, "\n".join(parts))

    def _whom_to_ask(self, item: ServiceItem) -> str:
        phones = [fact.value for fact in item.facts_on(Facet.PHONE) if isinstance(fact.value, Phone)]
        if not phones:
            return self._wording.say("ask_12333")
        numbers = "、".join(f"{phone.number}（{phone.label}）" if phone.label else phone.number for phone in phones)
        return self._wording.say("ask_phone", phones=numbers)


def expand_facets(facets: Sequence[str]) -> list[Facet]:
    """Return the facets to show, each once; overview stands for its own choice of them."""
    shown: list[Facet] = []
    for name in facets or (OVERVIEW,):
        for facet in OVERVIEW_FACETS if name == OVERVIEW else (Facet(name),):
            if facet not in shown:
                shown.append(facet)
    return shown


def ended_on(item: ServiceItem, today: date) -> date | None:
    """Return the day on which the item's conditions ended, if they bound themselves in time and it has passed.

    A note that ends ("2022年…放宽申请条件", line 2517) ends only itself.
    """
    ends = [
        fact.validity.valid_to
        for fact in item.facts_on(Facet.CONDITIONS)
        if fact.validity and fact.validity.valid_to and not isinstance(fact.value, Note)
    ]
    return max(ends) if ends and max(ends) < today else None
