"""Flow charts that stand inside an item: boxes in one column or two, titles above them, durations below."""

from __future__ import annotations

import pytest

from knowledge.model import Facet, KnowledgeBase
from knowledge.reading.flowchart import read_flowchart
from knowledge.reading.sections import ContentLine
from knowledge.values import Heading, Step
from knowledge.values.steps import parse_box, workdays

Steps = list[tuple[str | None, int, str, str | None]]


def read(source: str) -> tuple[list[str], Steps]:
    """Return the titles of a chart and its steps."""
    lines = [ContentLine(number, line) for number, line in enumerate(source.split("\n"), 1)]
    values = [(fact.text, fact.value) for fact in read_flowchart(lines)]
    titles = [text for text, value in values if isinstance(value, Heading)]
    return titles, [(v.variant, v.step, v.name, v.duration) for _, v in values if isinstance(v, Step)]


def test_one_column_whose_boxes_are_broken_over_lines() -> None:
    """Lines 719–736."""
    source = "\t接收申报材料并核对\n\n\t录入（即时）\n\n\n\n\t初审\n（4个工作日）\n\n\n\t结果反馈\n（即时）"
    assert read(source) == (
        [],
        [(None, 1, "接收申报材料并核对录入", "即时"), (None, 2, "初审", "4个工作日"), (None, 3, "结果反馈", "即时")],
    )


def test_two_columns_with_their_titles() -> None:
    """Lines 998–1015: three gaps wide as a column, and boxes indented by a few blanks."""
    source = """机关事业单位申请      企业职工申请

接收申报材料（即时）
     接收申报材料（即时）


在职减员（2个工作日）                  条件核准（4个工作日）


    待遇复核（5个工作日）                 待遇初审复核（13个工作日）"""
    titles, steps = read(source)
    assert titles == ["机关事业单位申请", "企业职工申请"]
    assert [step for step in steps if step[0] == titles[0]] == [
        (titles[0], 1, "接收申报材料", "即时"),
        (titles[0], 2, "在职减员", "2个工作日"),
        (titles[0], 3, "待遇复核", "5个工作日"),
    ]
    assert [step for step in steps if step[0] == titles[1]] == [
        (titles[1], 1, "接收申报材料", "即时"),
        (titles[1], 2, "条件核准", "4个工作日"),
        (titles[1], 3, "待遇初审复核", "13个工作日"),
    ]


def test_one_title_above_one_column_names_its_variant() -> None:
    """Line 845."""
    assert read("单位申报\n\t接收申报材料（即时）\n\n\n\t初审\n（8个工作日）") == (
        ["单位申报"],
        [("单位申报", 1, "接收申报材料", "即时"), ("单位申报", 2, "初审", "8个工作日")],
    )


@pytest.mark.parametrize(
    ("source", "titles"),
    [
        ("线上办理                    线下办理", ["线上办理", "线下办理"]),  # 110
        (
            " 方式一  单位免申即享            方式二  单位现场申报  ",  # 2697
            ["方式一  单位免申即享", "方式二  单位现场申报"],
        ),
        (
            "          基本信息变更      条件核准信息变更、涉及缴费信息变更、\n\n        供养人员信息变更",  # 351
            ["基本信息变更", "条件核准信息变更、涉及缴费信息变更、\n供养人员信息变更"],
        ),
        (
            "1.恢复已暂停养老保险待遇申请\n\n2.恢复已终止职工养老保险待遇申请",  # 1166
            ["1.恢复已暂停养老保险待遇申请", "2.恢复已终止职工养老保险待遇申请"],
        ),
    ],
)
def test_titles_of_a_chart_that_is_a_picture_are_headings_without_steps(source: str, titles: list[str]) -> None:
    assert read(source) == (titles, [])


@pytest.mark.parametrize("source", ["", "\n\n  \n\t"])
def test_an_empty_process_has_no_steps(source: str) -> None:
    assert read(source) == ([], [])


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("初审（4个工作日）", ("初审", "4个工作日")),
        ("结果反馈（即时）", ("结果反馈", "即时")),
        ("参保单位确认", ("参保单位确认", None)),
        ("接收（网厅）材料（即时）", ("接收（网厅）材料", "即时")),
    ],
)
def test_a_box_is_its_name_and_its_duration(text: str, box: tuple[str, str | None]) -> None:
    assert parse_box(text) == box


@pytest.mark.parametrize(
    ("duration", "days"),
    [
        ("即时", 0),
        ("及时", 0),
        ("12个工作日", 12),
        ("2个工作日，不计入办结时限", 0),
        ("财务部门2个工作日；涉及职业年金的，估值起7个工作日", None),
        ("45日", None),
        (None, None),
    ],
)
def test_durations_count_in_working_days_where_they_state_one_number(duration: str | None, days: int | None) -> None:
    assert workdays(duration) == days


@pytest.mark.parametrize(
    ("item_id", "sums"),
    [
        ("refund_duplicate_enrollment", {None: 8}),
        ("contribution_base_declare", {None: 17}),
        ("contribution_base_adjust", {"单位申报": 10}),
        ("retirement_normal", {"机关事业单位养老保险待遇申请": 19, "企业职工基本养老保险待遇申请": 19}),
        ("unemployment_allowance_stop", {None: 0}),
    ],
)
def test_the_charts_of_the_guide_add_up_to_their_time_limits(
    base: KnowledgeBase, item_id: str, sums: dict[str | None, int]
) -> None:
    found: dict[str | None, int] = {}
    for fact in base.by_id[item_id].facts_on(Facet.PROCESS):
        if isinstance(fact.value, Step):
            assert fact.value.evidence == "in_item"
            found[fact.value.variant] = found.get(fact.value.variant, 0) + (workdays(fact.value.duration) or 0)
    assert found == sums
