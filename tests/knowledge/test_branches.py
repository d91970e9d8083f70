"""The narrowing questions: they stand on the guide's headings, cut something, and never cut an answer away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path

import pytest
import yaml

from bot.understanding.applicants import applicant_names
from knowledge.model import Fact, KnowledgeBase, ServiceItem
from knowledge.values import Heading
from knowledge.vocabulary import DEFAULT_FOLDER, VocabularyError, load_vocabulary
from knowledge.vocabulary.branches import BRANCHES_FILE, Branch, BranchQuestion, load_branches

IDS = [entry.id for entry in load_vocabulary().catalogue]
BRANCHES = load_branches(IDS)
QUESTIONS = [question for questions in BRANCHES.values() for question in questions]

each_item = pytest.mark.parametrize("item_id", BRANCHES)
each_question = pytest.mark.parametrize(
    "question", QUESTIONS, ids=lambda question: f"{question.item}-{question.question}"
)


def hidden(item: ServiceItem, chosen: Mapping[BranchQuestion, Branch]) -> set[Fact]:
    """Return the facts of other branches than those *chosen*."""
    shut = frozenset().union(*(question.headings - choice.headings for question, choice in chosen.items()))
    return {fact for fact in item.facts if shut & set(fact.applies_to)}


def ways_through(item_id: str) -> Iterator[dict[BranchQuestion, Branch]]:
    """Yield every combination of choices of an item's questions."""
    questions = BRANCHES[item_id]
    for choices in product(*(question.choices for question in questions)):
        yield dict(zip(questions, choices, strict=True))


@each_question
def test_each_heading_stands_in_the_guide_under_its_item(question: BranchQuestion, base: KnowledgeBase) -> None:
    headings = {heading for fact in base.by_id[question.item].facts for heading in fact.applies_to}
    assert question.headings <= headings


@each_question
def test_each_choice_cuts_something_unless_it_keeps_all_on_purpose(
    question: BranchQuestion, base: KnowledgeBase
) -> None:
    item = base.by_id[question.item]
    cutting = [choice for choice in question.choices if choice.headings != question.headings]
    assert len(cutting) >= 2
    assert all(hidden(item, {question: choice}) for choice in cutting)


@each_item
def test_what_holds_for_everybody_is_never_hidden(item_id: str, base: KnowledgeBase) -> None:
    for way in ways_through(item_id):
        assert all(fact.applies_to for fact in hidden(base.by_id[item_id], way))


@each_item
def test_every_fact_is_seen_on_some_way_through(item_id: str, base: KnowledgeBase) -> None:
    item = base.by_id[item_id]
    assert not set.intersection(*(hidden(item, way) for way in ways_through(item_id)))


@each_item
def test_no_way_through_makes_the_guide_look_silent(item_id: str, base: KnowledgeBase) -> None:
    item = base.by_id[item_id]
    stated = [fact for fact in item.facts if not isinstance(fact.value, Heading)]
    for way in ways_through(item_id):
        unseen = hidden(item, way)
        assert {fact.facet for fact in stated} == {fact.facet for fact in stated if fact not in unseen}, way


@each_item
def test_a_later_question_splits_what_an_earlier_choice_leaves(item_id: str, base: KnowledgeBase) -> None:
    item = base.by_id[item_id]
    for number, later in enumerate(BRANCHES[item_id]):
        before = list(product(*(question.choices for question in BRANCHES[item_id][:number])))
        open_ways = [hidden(item, dict(zip(BRANCHES[item_id], choices, strict=False))) for choices in before]
        assert any(len({frozenset(hidden(item, {later: c}) - gone) for c in later.choices}) > 1 for gone in open_ways)


@each_question
def test_a_question_is_one_polite_sentence(question: BranchQuestion) -> None:
    assert "您" in question.question
    assert question.question.endswith("？")
    assert not set(question.question[:-1]) & set("？。！!")


@each_question
def test_no_choice_raises_its_voice_and_no_word_picks_two(question: BranchQuestion) -> None:
    words = [word for choice in question.choices for word in (choice.label, *choice.says)]
    assert not set("".join(words)) & set("！!。？")
    assert len(words) == len(set(words))


@each_question
def test_applicants_are_those_that_the_bot_knows(question: BranchQuestion) -> None:
    assert {choice.applicant for choice in question.choices} <= {None, *applicant_names()}


def test_no_item_stands_twice_where_yaml_would_drop_the_first() -> None:
    text = (DEFAULT_FOLDER / BRANCHES_FILE).read_text(encoding="utf-8")
    assert re.findall(r"^(\w+):", text, re.MULTILINE) == list(yaml.safe_load(text))


@pytest.mark.parametrize(
    ("item_id", "picked", "gone", "kept"),
    [
        ("headcount_increase", ["本人参保，灵活就业"], {485, 493}, {496, 497, 498, 499}),
        ("headcount_increase", ["机关事业单位，编外人员"], {485, 489, 496}, {493, 494, 499}),
        ("headcount_decrease", ["公立医院、公办学校控制数人员"], {528}, {521, 525}),
        ("personal_info_change", ["姓名、身份证号或缴费信息", "单位申请"], {346, 364, 380}, {347, 367, 369}),
        ("gap_repayment", ["到退休年龄了，缴费不满15年", "在编人员"], {632, 638, 648, 652}, {645, 646, 657}),
        ("gap_repayment", ["由政府安排工作的退役士兵补缴", "在编人员"], {632, 648}, {652, 656}),
        ("retirement_normal", ["机关事业单位养老保险"], {1022, 1030}, {1037, 1038, 1039}),
        ("benefit_eligibility_confirm", ["个人办，人在国内"], {1400, 1417, 1421}, {1396, 1404, 1409, 1426}),
        ("unemployment_benefit_claim", ["微信或手机APP"], {2360, 2365, 2371}, {2362, 2380, 2381}),
        ("injury_advance_payment", ["单位和第三人都不给"], {2327}, {2330, 2333}),
        ("card_loss_report", ["解挂"], {3044, 3061}, {3045, 3068, 3077}),
    ],
)
def test_a_choice_leaves_its_own_papers(
    item_id: str, picked: list[str], gone: set[int], kept: set[int], base: KnowledgeBase
) -> None:
    way = {
        question: next(choice for choice in question.choices if choice.label == label)
        for question, label in zip(BRANCHES[item_id], picked, strict=True)
    }
    unseen = hidden(base.by_id[item_id], way)
    assert gone <= {fact.lines.first for fact in unseen}
    assert kept <= {fact.lines.first for fact in base.by_id[item_id].facts if fact not in unseen}


CARD = """card_apply:
- question: 您是个人办，还是单位办？
  choices:
  - {label: 个人办, applicant: 个人, headings: [个人申请]}
  - {label: 单位办, headings: [单位批量申请], says: [批量]}
"""

BROKEN = [
    (CARD.replace("card_apply", "card_nothing"), "no such item: card_nothing"),
    (CARD.replace("  - {label: 单位办, headings: [单位批量申请], says: [批量]}\n", ""), "card_apply: .*two choices"),
    ("card_apply:\n- question: 您好吗？\n", "card_apply: .*two choices"),
    (CARD.replace("您是个人办，还是单位办？", "''"), "card_apply: “question” is empty"),
    (CARD.replace("label: 个人办", "label: ''"), "card_apply: “label” is empty"),
    (CARD.replace("label: 个人办, ", ""), "card_apply: “label” is empty"),
    (CARD.replace("label: 个人办", "label: 单位办"), "card_apply: .*twice: 单位办"),
    (CARD.replace("label: 个人办", f"label: {'很' * 25}"), "card_apply: .*24"),
    (CARD.replace(", headings: [个人申请]", ""), "card_apply: 个人办: names no headings"),
    (CARD.replace("[个人申请]", "[]"), "card_apply: 个人办: names no headings"),
    (CARD.replace("[个人申请]", "个人申请"), "card_apply: 个人办: “headings” is to be a list"),
    (CARD.replace("[批量]", "批量"), "card_apply: 单位办: “says” is to be a list"),
    (CARD.replace("applicant: 个人", "applicant: ''"), "card_apply: 个人办: “applicant” is empty"),
    (CARD.replace("[个人申请]", "[单位批量申请]"), "card_apply: .*same headings: 个人办, 单位办"),
    (CARD.replace("applicant", "aplicant"), "card_apply: unknown: aplicant"),
    (CARD.replace("- question", "- when: 先\n  question"), "card_apply: unknown: when"),
    ("card_apply: 您好\n", "card_apply: a list of questions"),
    ("card_apply: [您好]\n", "card_apply: '您好' where a mapping"),
    ("- card_apply\n", "branches.yml: a mapping of items"),
    ("- [", "branches.yml"),
]


@pytest.mark.parametrize(("text", "reason"), BROKEN)
def test_a_wrong_file_is_refused_with_the_item_and_the_reason(text: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / BRANCHES_FILE).write_text(text, encoding="utf-8")
    with pytest.raises(VocabularyError, match=reason):
        load_branches(IDS, tmp_path)


def test_a_question_is_read_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / BRANCHES_FILE).write_text(CARD, encoding="utf-8")
    personal = Branch("个人办", frozenset({"个人申请"}), "个人", ())
    employers = Branch("单位办", frozenset({"单位批量申请"}), None, ("批量",))
    question = BranchQuestion("card_apply", "您是个人办，还是单位办？", (personal, employers))
    assert load_branches(IDS, tmp_path) == {"card_apply": (question,)}


def test_another_office_may_have_none(tmp_path: Path) -> None:
    assert load_branches(IDS, tmp_path) == {}
