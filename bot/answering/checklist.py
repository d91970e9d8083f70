"""The checklist (清单) under a list of papers: how many there are, in which form, what may be left out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.answering.messages import Message, Text
from bot.wording import Wording
from knowledge.model import Fact
from knowledge.values import Heading, Material

_FORMS = ("original", "copy", "inspect", "electronic")
_CASES = re.compile("之一|情况|情形|条件")
_IF = re.compile(r"如(?!下|实|上|前|期|何)")


def count_papers(facts: Sequence[Fact], wording: Wording) -> list[Message]:
    """Return how many papers *facts* list, by form, and how many the guide exempts.

    Nothing for fewer than two, and where the list has cases of its own ("…之一", "属以下情况的"): nobody needs all.
    """
    papers = [fact for fact in facts if isinstance(fact.value, Material)]
    if len(papers) < 2 or any(isinstance(fact.value, Heading) and _CASES.search(fact.text) for fact in facts):
        return []
    counts = {form: sum(form in _material(fact).forms for fact in papers) for form in _FORMS}
    parts = [wording.say(f"papers_{form}", count=count) for form, count in counts.items() if count]
    exempt = sum(_material(fact).exempt_if is not None for fact in papers)
    if exempt:
        parts.append(wording.say("papers_exempt", count=exempt))
    said = wording.say("papers", count=len(papers), parts="，".join(["", *parts]))
    if any(_IF.search(fact.text) for fact in papers):
        said += wording.say("papers_if")
    return [Text(said)]


def _material(fact: Fact) -> Material:
    assert isinstance(fact.value, Material)
    return fact.value
