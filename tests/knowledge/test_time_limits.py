"""Time limits: at once, in working or calendar days, none set; one promise for each branch that the line names."""

from __future__ import annotations

import pytest

from knowledge.values import TimeLimit
from knowledge.values.time_limits import parse_time_limits
from knowledge.vocabulary import Vocabulary

AT_ONCE = TimeLimit(immediate=True)
NONE_SET = TimeLimit(immediate=False)
Limits = list[tuple[str | None, TimeLimit]]


def workdays(amount: int) -> TimeLimit:
    return TimeLimit(immediate=False, amount=amount, unit="workday")


def days(amount: int) -> TimeLimit:
    return TimeLimit(immediate=False, amount=amount, unit="day")


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("即时办结", [(None, AT_ONCE)]),
        ("当场办结。", [(None, AT_ONCE)]),
        ("10个工作日", [(None, workdays(10))]),
        ("1个工作日。", [(None, workdays(1))]),
        ("15个工作日内办结", [(None, workdays(15))]),
        ("60日", [(None, days(60))]),
        ("30天", [(None, days(30))]),
        ("20个自然日", [(None, days(20))]),
    ],
)
def test_one_promise_for_all(text: str, limits: Limits, vocabulary: Vocabulary) -> None:
    assert read(text, vocabulary) == limits


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("线上办理：5个工作日；线下办理：10个工作日", [("线上办理", workdays(5)), ("线下办理", workdays(10))]),  # 104
        ("线上办理：即时办结；线下办理：8个工作日。", [("线上办理", AT_ONCE), ("线下办理", workdays(8))]),  # 134
        ("灵活就业人员：即时办结；单位：8个工作日。", [("灵活就业人员", AT_ONCE), ("单位", workdays(8))]),  # 253
        ("个人办理，即时办结；单位办理，1个工作日。", [("个人办理", AT_ONCE), ("单位办理", workdays(1))]),  # 1388
        ("个人办理即办，单位批量转移激活8个工作日", [("个人办理", AT_ONCE), ("单位批量转移激活", workdays(8))]),  # 3135
        (
            "退役军人：无；   未就业随军配偶：45个工作日。",
            [("退役军人", NONE_SET), ("未就业随军配偶", workdays(45))],
        ),  # 1369
        ("受理及作出工伤认定决定45日，送达20日。", [("受理及作出工伤认定决定", days(45)), ("送达", days(20))]),  # 2888
        (
            "批量制发卡周期不超过30个工作日，零星制卡压缩至5个工作日以内",  # 3166
            [("批量制发卡", workdays(30)), ("零星制卡", workdays(5))],
        ),
    ],
)
def test_each_channel_applicant_or_matter_has_its_own_promise(
    text: str, limits: Limits, vocabulary: Vocabulary
) -> None:
    assert read(text, vocabulary) == limits


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("特殊工种提前退休：受理次月1日起22个工作日；", [("特殊工种提前退休", workdays(22))]),  # 1052
        ("从受理之日起60日（特殊情形可延长30日）", [(None, days(60))]),  # 2941
        (
            "涉及职业年金的，进入年金部门审核环节后未来最近定价日估值起7个工作日。",
            [("涉及职业年金的", workdays(7))],
        ),  # 760
        ("职业年金未来最近定价日估值起2个工作日。", [("职业年金", workdays(2))]),  # 1199
        ("申请当月至职业年金未来最近定价日估值起2个工作日", [(None, workdays(2))]),  # 2847
    ],
)
def test_when_the_clock_starts_is_neither_a_branch_nor_an_amount(
    text: str, limits: Limits, vocabulary: Vocabulary
) -> None:
    assert read(text, vocabulary) == limits


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("基本养老保险6个工作日；", [("基本养老保险", workdays(6))]),  # 1197
        ("恢复已暂停养老保险待遇申请7个工作日", [("恢复已暂停养老保险待遇申请", workdays(7))]),  # 1161
        (
            "条件核准信息变更、涉及缴费信息变更：10个工作日。",
            [("条件核准信息变更、涉及缴费信息变更", workdays(10))],
        ),  # 347
    ],
)
def test_the_words_before_a_duration_are_its_branch(text: str, limits: Limits, vocabulary: Vocabulary) -> None:
    assert read(text, vocabulary) == limits


def test_a_hope_is_no_promise(vocabulary: Vocabulary) -> None:
    """Line 3079."""
    assert read("5个工作日以内，逐步实现“立等可取”", vocabulary) == [(None, workdays(5))]


@pytest.mark.parametrize("text", ["", "按规定办理", "详见公告"])
def test_words_without_a_promise_give_none(text: str, vocabulary: Vocabulary) -> None:
    assert read(text, vocabulary) == []


@pytest.mark.parametrize("limit", [AT_ONCE, NONE_SET, workdays(5), days(45)])
def test_what_was_written_is_read_back(limit: TimeLimit) -> None:
    assert TimeLimit.from_json(limit.as_json()) == limit


def read(text: str, vocabulary: Vocabulary) -> Limits:
    parts = parse_time_limits(text, vocabulary.clock_starts)
    if parts:
        assert "".join(part.text for part in parts) == text
    return [(part.branch, part.limit) for part in parts]
