"""The look-alikes: each group has a question, cases that differ, their lines, and messages that tell them apart."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from knowledge.model import KnowledgeBase
from knowledge.reading.source import GuideText
from knowledge.vocabulary import VocabularyError, load_vocabulary
from knowledge.vocabulary.look_alikes import LookAlikes, find_group, load_look_alikes

IDS = [entry.id for entry in load_vocabulary().catalogue]
GROUPS = load_look_alikes(IDS)


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_each_case_stands_on_lines_of_its_own_item(group: LookAlikes, base: KnowledgeBase, text: GuideText) -> None:
    for case in group.cases:
        item = base.by_id[case.item]
        first, last = item.title_lines.first, max(fact.lines.last for fact in item.facts)
        assert first <= case.lines.first <= case.lines.last <= last, case
        assert "".join(text.lines[case.lines.first - 1 : case.lines.last]).strip(), case


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_each_item_of_a_group_has_messages_that_only_it_answers(group: LookAlikes) -> None:
    counts = Counter(item for item, _ in group.contrast)
    assert set(counts) == group.items
    assert min(counts.values()) >= 2


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_a_question_is_one_polite_sentence(group: LookAlikes) -> None:
    assert "您" in group.question
    assert group.question.endswith("？")
    assert not set(group.question[:-1]) & set("？。！!")


def test_no_message_stands_twice() -> None:
    texts = [text for group in GROUPS for _, text in group.contrast]
    assert len(texts) == len(set(texts))


@pytest.mark.parametrize(
    "pair",
    [
        ("retirement_normal", "retirement_early"),
        ("resident_pension_enroll", "employee_enroll"),
        ("enterprise_pension_transfer", "public_pension_transfer"),
        ("survivor_benefit_claim", "work_death_benefit_claim"),
        ("unemployment_benefit_claim", "unemployment_allowance_claim"),
        ("card_apply", "card_replace"),
        ("card_replace", "card_loss_report"),
    ],
)
def test_the_pairs_that_residents_confuse_most_are_separated(pair: tuple[str, str]) -> None:
    assert find_group(GROUPS, pair) is not None


def test_the_smallest_group_asks() -> None:
    group = find_group(GROUPS, ["card_replace", "card_loss_report"])
    assert group is not None
    assert len(group.cases) == min(len(g.cases) for g in GROUPS if {"card_replace", "card_loss_report"} <= g.items)


def test_items_that_nobody_confuses_have_no_group() -> None:
    assert find_group(GROUPS, ["card_password", "job_stabilization_refund"]) is None


GROUP = """- name: cards
  question: 您的卡怎么了？
  items:
    card_apply: {when: 还没有卡, lines: [1, 2]}
    card_replace: {when: 卡丢了, lines: [3, 4]}
  contrast: [[card_apply, 我没有卡], [card_replace, 卡掉河里了]]
"""

BROKEN = [
    (GROUP.replace("card_apply: {", "card_nothing: {"), "card_nothing"),
    (GROUP.replace("还没有卡", "卡丢了"), "differ"),
    (GROUP.replace("还没有卡", "很" * 27), "26"),
    (GROUP.replace(", lines: [1, 2]", ""), "lines"),
    (GROUP.replace("    card_apply: {when: 还没有卡, lines: [1, 2]}\n", ""), "two items"),
    (GROUP + GROUP, "twice"),
    ("cards: 1", "list"),
    ("- [", "look_alikes.yml"),
]


@pytest.mark.parametrize(("text", "reason"), BROKEN)
def test_a_wrong_file_is_refused_with_the_group_and_the_reason(text: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "look_alikes.yml").write_text(text, encoding="utf-8")
    with pytest.raises(VocabularyError, match=reason):
        load_look_alikes(IDS, tmp_path)


def test_another_office_may_have_none(tmp_path: Path) -> None:
    assert load_look_alikes(IDS, tmp_path) == ()
