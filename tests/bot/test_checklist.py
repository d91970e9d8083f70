"""Under a list of papers: how many, in which form, what may be left out; the papers themselves with a box to tick."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.answering.checklist import count_papers
from bot.answering.render import render_facts
from bot.wording import Wording
from knowledge.model import Fact
from knowledge.values import Heading, Material, Note
from knowledge.values.materials import Form
from tests.bot.making import fact


def paper(text: str, line: int, *forms: Form, exempt_if: str | None = None) -> Fact:
    return fact(text, line, value=Material(text, forms, None, exempt_if))


FORM = paper("申请表，原件1份", 1, "original")
CARD = paper("身份证，验原件", 2, "inspect")
DEED = paper("如有房产，提供房产证复印件1份", 3, "copy", exempt_if="可免提交")


def told(facts: Sequence[Fact], wording: Wording) -> list[str]:
    return [message.text for message in count_papers(facts, wording)]


def test_papers_are_counted_by_form_and_by_what_may_be_left_out(wording: Wording) -> None:
    [said] = told([FORM, CARD, DEED], wording)
    assert said == (
        "清单里列了 3 样材料，交原件的 1 样，交复印件的 1 样，带原件去给人看的 1 样，写明可以不交的 1 样。"
        "写了“如”的，有那种情况才要。"
    )


def test_where_no_paper_hangs_on_a_condition_none_is_spoken_of(wording: Wording) -> None:
    assert told([FORM, CARD], wording) == ["清单里列了 2 样材料，交原件的 1 样，带原件去给人看的 1 样。"]


@pytest.mark.parametrize(
    "facts",
    [[], [FORM], [FORM, fact("注：要签名", 3, value=Note())], [fact("下列证明之一：", 1, value=Heading()), FORM, CARD]],
)
def test_nothing_is_counted_where_the_number_would_say_nothing(facts: list[Fact], wording: Wording) -> None:
    assert told(facts, wording) == []


def test_the_heading_of_ones_own_case_does_not_keep_from_counting(wording: Wording) -> None:
    assert told([fact("（一）企业职工申请", 1, value=Heading()), FORM, CARD], wording)


def test_each_paper_has_a_box_to_tick_and_nothing_else_has() -> None:
    lines = render_facts([fact("（一）企业职工申请", 9, value=Heading()), FORM, fact("注：要签名", 3, value=Note())])
    assert lines.splitlines() == ["（一）企业职工申请", "☐ 申请表，原件1份", "注：要签名"]
