"""Flow charts torn off to the guide's end: what is given back to an item, what is not, and that no line is lost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import pytest

from knowledge.building import GUIDE
from knowledge.model import Facet, Fact, KnowledgeBase, ServiceItem, SourceLines
from knowledge.reading.boxes import Box, cut_boxes, parse_box_lines
from knowledge.reading.charts import ChartProof, prove_charts
from knowledge.reading.facts import read_guide
from knowledge.reading.sections import ContentLine, cut_sections
from knowledge.reading.source import load_text
from knowledge.values import Heading, Step, TimeLimit
from knowledge.vocabulary import load_vocabulary

ONE = SourceLines(1, 1)
TAKE, GIVE = ("接收申报材料", "（即时）"), ("结果反馈（即时）",)
REVIEW_5, REVIEW_10 = ("审核（5个工作日）",), ("审核", "（10个工作日）")

Boxes = Sequence[Sequence[str]]
Limits = dict[str | None, int]


def item(name: str, limits: Limits, headings: Sequence[str] = (), title: str = "") -> ServiceItem:
    facts = [
        Fact(Facet.TIME_LIMIT, "…", ONE, (branch,) if branch else (), _limit(days)) for branch, days in limits.items()
    ]
    facts += [Fact(Facet.PROCESS, heading, ONE, (), Heading()) for heading in headings]
    return ServiceItem(name, 1, title or name, "", (), (), ONE, (), tuple(facts))


def _limit(days: int) -> TimeLimit:
    return TimeLimit(immediate=True) if days == 0 else TimeLimit(immediate=False, amount=days, unit="workday")


def tail(*boxes: Sequence[str]) -> list[ContentLine]:
    """Lay boxes out as the guide does: paragraphs three lines apart, boxes six."""
    lines, number = [], 1000
    for box in boxes:
        for paragraph in box:
            lines.append(ContentLine(number, paragraph))
            number += 3
        number += 3
    return lines


def chart(days: int) -> Boxes:
    return (TAKE, (f"审核（{days}个工作日）",), GIVE)


def steps_of(proof: ChartProof, item_id: str) -> list[tuple[str | None, int, str, str | None]]:
    values = [fact.value for fact in proof.steps.get(item_id, ())]
    return [(v.variant, v.step, v.name, v.duration) for v in values if isinstance(v, Step)]


def reasons(proof: ChartProof) -> str:
    return "\n".join(reason for _, reason in proof.unproved)


# ---------------------------------------------------------------- small cases


def test_a_chart_goes_back_to_the_only_item_whose_time_limit_it_adds_up_to() -> None:
    proof = prove_charts([item("a", {None: 5}), item("b", {None: 10})], tail(*chart(10)), ())
    assert steps_of(proof, "b") == [
        (None, 1, "接收申报材料", "即时"),
        (None, 2, "审核", "10个工作日"),
        (None, 3, "结果反馈", "即时"),
    ]
    assert "a" not in proof.steps
    assert not proof.unproved


def test_a_fact_keeps_the_words_and_the_lines_of_its_box() -> None:
    fact = prove_charts([item("a", {None: 10})], tail(TAKE, REVIEW_10, GIVE), ()).steps["a"][1]
    assert (fact.text, fact.lines, fact.applies_to) == ("审核\n（10个工作日）", SourceLines(1009, 1012), ())
    assert isinstance(fact.value, Step)
    assert fact.value.evidence == "proof: sum 10 workdays, unique in order"


def test_one_chart_that_two_items_could_have_is_given_to_neither() -> None:
    proof = prove_charts([item("甲", {None: 5}), item("乙", {None: 5})], tail(*chart(5)), ())
    assert not proof.steps
    assert "合计5个工作日，可能属于“甲”、“乙”，未能证明" in reasons(proof)


def test_two_charts_for_two_items_with_the_same_limit_go_back_in_order() -> None:
    reviewed_twice = (TAKE, ("初审（3个工作日）",), ("复核（2个工作日）",), GIVE)
    proof = prove_charts([item("a", {None: 5}), item("b", {None: 5})], tail(*chart(5), *reviewed_twice), ())
    assert [name for _, _, name, _ in steps_of(proof, "a")] == ["接收申报材料", "审核", "结果反馈"]
    assert [name for _, _, name, _ in steps_of(proof, "b")] == ["接收申报材料", "初审", "复核", "结果反馈"]


def test_charts_out_of_the_order_of_their_items_prove_nothing() -> None:
    items = [item("a", {None: 5}), item("b", {None: 10})]
    assert set(prove_charts(items, tail(*chart(5), *chart(10)), ()).steps) == {"a", "b"}
    assert not prove_charts(items, tail(*chart(10), *chart(5)), ()).steps


def test_two_columns_mixed_box_by_box_are_told_apart_by_their_sums() -> None:
    columns = item("a", {"线上办理": 5, "线下办理": 10}, ["线上办理", "线下办理"])
    village = ("接收申报材料（村级社保服务窗口每月5、15、25日上报）",)
    boxes = (village, TAKE, ("乡镇初审", "（5个工作日）"), REVIEW_5, ("县级复核（5个工作日）",), GIVE, GIVE)
    steps = steps_of(prove_charts([columns], tail(*boxes), ()), "a")
    assert [name for variant, _, name, _ in steps if variant == "线上办理"] == ["接收申报材料", "审核", "结果反馈"]
    assert [name for variant, _, name, _ in steps if variant == "线下办理"] == [
        village[0], "乡镇初审", "县级复核", "结果反馈",
    ]  # fmt: skip


def test_two_different_charts_with_the_same_sum_are_not_told_apart() -> None:
    columns = item("a", {None: 10}, ["企业职工", "机关事业单位"])
    boxes = (*chart(10), TAKE, ("条件核准（5个工作日）",), ("权益初审、复核（5个工作日）",), GIVE)
    proof = prove_charts([columns], tail(*boxes), ())
    assert not proof.steps
    assert "哪些框属于哪一种情形未能证明" in reasons(proof)


def test_who_need_not_apply_hands_nothing_in() -> None:
    columns = item("a", {None: 5}, ["方式一  单位免申即享", "方式二  单位现场申报"])
    boxes = (TAKE, ("筛选符合条件的参保单位（即时）",), REVIEW_5, REVIEW_5, GIVE, GIVE)
    steps = steps_of(prove_charts([columns], tail(*boxes), ()), "a")
    assert [(variant, name) for variant, number, name, _ in steps if number == 1] == [
        ("方式一  单位免申即享", "筛选符合条件的参保单位"),
        ("方式二  单位现场申报", "接收申报材料"),
    ]


def test_steps_stand_in_the_order_of_their_stages_not_of_the_tail() -> None:
    boxes = (("复核（2个工作日）",), GIVE, ("初审（3个工作日）",), TAKE)
    steps = steps_of(prove_charts([item("a", {None: 5})], tail(*boxes), ()), "a")
    assert [name for _, _, name, _ in steps] == ["接收申报材料", "初审", "复核", "结果反馈"]


def test_steps_whose_order_is_unknown_are_left_out() -> None:
    boxes = (TAKE, ("数据采集整理（3个工作日）",), ("银行流转（2个工作日）",), GIVE)
    proof = prove_charts([item("a", {None: 5})], tail(*boxes), ())
    assert not proof.steps
    assert "各步的先后未能证明" in reasons(proof)


def test_a_box_with_two_different_times_is_left_out() -> None:
    proof = prove_charts([item("a", {None: 1})], tail(TAKE, ("审核", "（1个工作日内）", "（5个工作日）"), GIVE), ())
    assert not proof.steps
    assert "写了互相矛盾的时长（1个工作日内、5个工作日）" in reasons(proof)


def test_a_box_that_says_too_little_to_be_placed_keeps_its_chart_out() -> None:
    proof = prove_charts([item("a", {None: 5})], tail(TAKE, ("参保单位确认",), REVIEW_5, GIVE), ())
    assert not proof.steps
    assert "“参保单位确认”属于哪一种情形、排在哪一步未能证明" in reasons(proof)


def test_a_box_that_names_a_matter_goes_only_to_an_item_about_it() -> None:
    boxes = (TAKE, ("失业补助金初审（3个工作日）",), ("失业补助金复核（2个工作日）",), GIVE)
    items = [item("a", {None: 5}, title="技能提升补贴申领"), item("b", {None: 5}, title="失业补助金申领")]
    assert set(prove_charts(items, tail(*boxes), ()).steps) == {"b"}


def test_an_item_with_a_picture_gets_no_chart_beside_it() -> None:
    proof = prove_charts([item("a", {None: 5})], tail(*chart(5)), {"a"})
    assert not proof.steps
    assert "该事项的流程已经是图片" in reasons(proof)


def test_a_picture_stands_for_its_items_chart_and_the_proof_says_that_it_leans_on_this() -> None:
    proof = prove_charts([item("a", {None: 5}), item("b", {None: 5})], tail(*chart(5)), {"a"})
    value = proof.steps["b"][0].value
    assert isinstance(value, Step)
    assert value.evidence == "proof: sum 5 workdays, unique in order among items without a picture"


def test_a_chart_for_one_of_two_variants_is_not_enough() -> None:
    proof = prove_charts([item("a", {"个人": 5, "单位": 10})], tail(*chart(5)), ())
    assert not proof.steps
    assert "不是每一种情形都有对得上的图" in reasons(proof)


def test_one_chart_that_lists_the_limit_of_each_branch_fits_the_item_with_those_branches() -> None:
    boxes = (TAKE, ("结果反馈", "（随军配偶：45个工作日；退役军人：5个工作日）"))
    items = [item("a", {None: 45}), item("b", {"退役军人": 5, "随军配偶": 45})]
    proof = prove_charts(items, tail(*boxes), ())
    assert [(variant, name) for variant, _, name, _ in steps_of(proof, "b")] == [
        (None, "接收申报材料"),
        (None, "结果反馈"),
    ]
    assert "a" not in proof.steps


def test_a_fragment_beside_a_chart_puts_its_ends_in_doubt() -> None:
    proof = prove_charts([item("a", {None: 5})], tail(*chart(5), REVIEW_10), ())
    assert not proof.steps
    assert "旁边有不成图的碎片" in reasons(proof)


def test_nothing_comes_of_nothing() -> None:
    assert prove_charts([], [], ()) == ChartProof({}, ())
    assert len(prove_charts([], tail(*chart(5)), ()).unproved) == 4


@pytest.mark.parametrize(
    ("paragraphs", "name", "duration", "amounts"),
    [
        (["审核", "（5个工作日）"], "审核", "5个工作日", (5,)),
        (["条件核准（5个工作日）", "（5个工作日）"], "条件核准", "5个工作日", (5,)),
        (["审核", "（1个工作日内）", "（5个工作日）"], "审核", "1个工作日内、5个工作日", (1, 5)),
        (["接收申报材料并核对录入即时（即时）"], "接收申报材料并核对录入", "即时", (0,)),
        (["初审材料，即时办结", "（当场）"], "初审材料", "当场", (0,)),
        (["接收申请材料（即时）", "）"], "接收申请材料", "即时", (0,)),
        (["结果反馈", "（2个工作日,不计入办结时限）"], "结果反馈", "2个工作日,不计入办结时限", (0,)),
        (["结果反馈", "（即时）", "结果反馈", "（即时）"], "结果反馈", "即时", (0,)),
        (["接收材料（每月5、15、25日上报）"], "接收材料（每月5、15、25日上报）", None, ()),
        (["参保单位确认"], "参保单位确认", None, ()),
    ],
)
def test_a_box_is_read_as_its_name_and_its_working_days(
    paragraphs: list[str], name: str, duration: str | None, amounts: tuple[int, ...]
) -> None:
    box = parse_box_lines(tail(paragraphs))
    assert (box.name, box.duration, box.amounts) == (name, duration, amounts)


# ---------------------------------------------------------------- the real guide

PROVED = {
    "resident_pension_transfer": {"线上办理": 5, "线下办理": 10},
    "resident_pension_enroll": {"线上办理": 0, "线下办理": 8},
    "resident_pension_claim": {"线上办理": 5, "线下办理": 10},
    "resident_pension_cancel": {"线上办理": 5, "线下办理": 10},
    "personal_info_change": {"基本信息变更": 0, "条件核准信息变更、涉及缴费信息变更、供养人员信息变更": 10},
    "contribution_deferral": {None: 10},
    "arrears_repayment": {None: 12},
    "retirement_early": {"特殊工种提前退休": 22, "因病或非因工致残提前退休": 6},
    "annuity_transfer": {None: 75},
    "military_pension_transfer": {None: None},
    "unemployment_benefit_claim": {None: 5},
    "unemployment_death_benefit": {None: 0},
    "unemployment_transfer": {None: 20},
    "skill_upgrade_subsidy": {None: 5},
    "unemployment_allowance_claim": {None: 5},
    "retention_training_subsidy": {"方式一  单位免申即享": 10, "方式二  单位现场申报": 10},
    "enterprise_annuity_filing": {None: 5},
    "enterprise_annuity_amend": {None: 5},
    "enterprise_annuity_terminate": {None: 5},
    "card_loss_report": {None: 0},
    "card_password": {None: 0},
    "card_activate": {"个人办理": 0, "单位批量转移激活": 8},
    "card_info_change": {None: 0},
    "card_progress": {None: 0},
    "card_cancel": {None: 0},
    "card_status": {None: 0},
}


class RealGuide:
    """The real guide read once, with its tail apart."""

    def __init__(self) -> None:
        text, vocabulary = load_text(GUIDE), load_vocabulary()
        layout = cut_sections(text, vocabulary)
        self.base: KnowledgeBase = read_guide(text, vocabulary)
        # What the tail gave back is taken out again, so that the proof starts from what stands in the items.
        first = layout.tail[0].number
        self.items = [self._without_tail(item, first) for item in self.base]
        self.tail = layout.tail
        self.pictured = {
            raw.entry.id
            for raw in layout.items
            for section in raw.sections
            if section.facet is Facet.PROCESS and any("[image" in line.text for line in section.content)
        }
        self.boxes = cut_boxes(self.tail)
        self.proof = self.prove(self.tail)

    @staticmethod
    def _without_tail(whole: ServiceItem, first: int) -> ServiceItem:
        facts = tuple(fact for fact in whole.facts if fact.lines.first < first)
        return ServiceItem(
            whole.id, whole.number, whole.title, whole.category, whole.audience, whole.aliases,
            whole.title_lines, whole.sections, facts,
        )  # fmt: skip

    def prove(self, lines: Sequence[ContentLine]) -> ChartProof:
        return prove_charts(self.items, lines, self.pictured)

    def boxes_between(self, first: int, last: int) -> list[Box]:
        return [box for box in self.boxes if first <= box.source.first <= last]


@pytest.fixture(scope="module")
def real() -> RealGuide:
    return RealGuide()


def _days(duration: str | None) -> int:
    amount = re.match(r"\d+", duration or "")
    return int(amount.group()) if amount and "不计入" not in (duration or "") else 0


def test_these_items_get_their_charts_back_and_their_days_add_up(real: RealGuide) -> None:
    sums: dict[str, dict[str | None, int | None]] = {}
    for item_id in real.proof.steps:
        for variant, _, _, duration in steps_of(real.proof, item_id):
            known = sums.setdefault(item_id, {})
            branches = "：" in (duration or "")
            known[variant] = None if branches else (known.get(variant) or 0) + _days(duration)
    assert sums == PROVED


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (3316, "可能属于“企业社会保险登记”、“机关事业单位社会保险登记”"),
        (3691, "哪些框属于哪一种情形未能证明"),
        (3742, "写了互相矛盾的时长"),
        (3760, "可能属于“社会保险费申报与变更——参保人员缴费基数调整申报”、“单位参保证明查询打印”"),
        (3814, "“职业年金个人账户权益信息表查询打印”，未能证明"),
        (4090, "“参保单位确认”属于哪一种情形、排在哪一步未能证明"),
        (4393, "时限都对不上"),
        (4549, "时限都对不上"),
    ],
)
def test_these_charts_stay_out_and_the_clerk_is_told_why(real: RealGuide, line: int, why: str) -> None:
    assert why in next(reason for left, reason in real.proof.unproved if left.number == line)


def test_no_line_of_the_tail_is_lost_or_used_twice(real: RealGuide) -> None:
    given = [
        line.number
        for facts in real.proof.steps.values()
        for fact in facts
        for line in real.tail
        if fact.lines.first <= line.number <= fact.lines.last
    ]
    left = [line.number for line, _ in real.proof.unproved]
    assert sorted(given + left) == [line.number for line in real.tail]


def test_each_fact_says_exactly_what_its_lines_say(real: RealGuide) -> None:
    texts = {line.number: line.text.strip() for line in real.tail}
    for facts in real.proof.steps.values():
        for fact in facts:
            lines = [texts[n] for n in range(fact.lines.first, fact.lines.last + 1) if n in texts]
            assert fact.text == "\n".join(lines)


def test_no_item_with_a_picture_or_a_chart_in_place_gets_another(real: RealGuide) -> None:
    for whole in real.items:
        drawn = any(isinstance(fact.value, Step) for fact in whole.facts_on(Facet.PROCESS))
        if drawn or whole.id in real.pictured:
            assert whole.id not in real.proof.steps


def test_column_titles_that_hung_among_the_boxes_come_back_as_headings(real: RealGuide) -> None:
    headings = [fact.text for fact in real.proof.steps["card_activate"] if isinstance(fact.value, Heading)]
    assert headings == ["个人或委托办理", "单位批量激活"]


def test_the_charts_in_place_keep_the_order_of_stages_that_the_proof_relies_on(real: RealGuide) -> None:
    checked = 0
    for whole in real.items:
        charts: dict[str | None, list[Box]] = {}
        for fact in whole.facts_on(Facet.PROCESS):
            if isinstance(fact.value, Step):
                lines = [ContentLine(fact.lines.first, text) for text in fact.text.split("\n")]
                charts.setdefault(fact.value.variant, []).append(parse_box_lines(lines))
        for boxes in charts.values():
            stages = [box.stage for box in boxes if box.stage is not None]
            assert all(one <= other for one, other in pairwise(stages)), whole.title
            checked += 1
    assert checked >= 7


@pytest.mark.parametrize(
    ("line", "old", "new", "item_id"),
    [
        (3412 + 3, "5", "6", "resident_pension_enroll"),
        (3610, "5", "4", "contribution_deferral"),
        (3643, "5", "7", "arrears_repayment"),
        (3868, "11", "10", "retirement_early"),
        (3892, "75", "60", "annuity_transfer"),
        (3910, "45", "50", "military_pension_transfer"),
        (3940, "4", "5", "unemployment_benefit_claim"),
        (4258, "5", "6", "enterprise_annuity_filing"),
        (4456, "3", "4", "card_activate"),
    ],
)
def test_an_altered_duration_unproves_its_item(real: RealGuide, line: int, old: str, new: str, item_id: str) -> None:
    changed = [ContentLine(n.number, n.text.replace(old, new) if n.number == line else n.text) for n in real.tail]
    assert changed != list(real.tail)
    proof = real.prove(changed)
    assert item_id not in proof.steps
    assert any(left.number == line for left, _ in proof.unproved)


def test_two_swapped_charts_are_noticed(real: RealGuide) -> None:
    deferral, arrears = real.boxes_between(3604, 3628), real.boxes_between(3634, 3664)
    before, after = real.boxes_between(3316, 3603), real.boxes_between(3665, 4735)
    swapped = [["".join(line.text) for line in box.lines] for box in (*before, *arrears, *deferral, *after)]
    proof = real.prove(tail(*swapped))
    assert not {"contribution_deferral", "arrears_repayment"} & set(proof.steps)


def test_the_proof_is_the_same_each_time(real: RealGuide) -> None:
    assert real.prove(real.tail) == real.proof
