"""Until when: office's limits, filing limits, certification and reporting days, and where the real guide sets them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeVar, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dates.limits import (
    FilingLimit,
    FilingUnit,
    finish_by,
    last_day,
    next_certification,
    next_reporting_day,
    parse_filing_limit,
    parse_period,
    parse_reporting_days,
)
from bot.dates.workdays import UnknownYear
from knowledge.model import KnowledgeBase
from knowledge.reading.source import GuideText
from knowledge.values import TimeLimit

TODAY = date(2026, 11, 26)
Read = TypeVar("Read")


# ---------------------------------------------------------------- the office's own time


@pytest.mark.parametrize(
    ("limit", "day"),
    [
        (TimeLimit(immediate=False, amount=5, unit="workday"), date(2026, 12, 3)),
        (TimeLimit(immediate=False, amount=5, unit="day"), date(2026, 12, 1)),
        (TimeLimit(immediate=False, amount=60, unit="day"), date(2027, 1, 25)),
    ],
)
def test_what_is_handed_in_today_is_done_by_a_day(limit: TimeLimit, day: date) -> None:
    assert finish_by(limit, TODAY) == day


@pytest.mark.parametrize("limit", [TimeLimit(immediate=True), TimeLimit(immediate=False)])
def test_what_is_done_at_once_or_has_no_limit_has_no_day(limit: TimeLimit) -> None:
    assert finish_by(limit, TODAY) is None


def test_working_days_beyond_the_known_years_have_no_day_either() -> None:
    with pytest.raises(UnknownYear):
        finish_by(TimeLimit(immediate=False, amount=1, unit="workday"), date(2100, 1, 1))


def test_every_time_limit_of_the_guide_that_counts_has_a_day(base: KnowledgeBase) -> None:
    limits = {fact.value for item in base for fact in item.facts if isinstance(fact.value, TimeLimit)}
    counted = {limit for limit in limits if limit.amount}
    assert len(counted) > 5
    assert {limit for limit in limits if finish_by(limit, date(2026, 3, 2)) is not None} == counted


# ---------------------------------------------------------------- certification


def test_the_guide_sets_the_periods_of_certification(base: KnowledgeBase) -> None:
    assert found_in(base, parse_period) == {1426: 12, 1428: 6}


@pytest.mark.parametrize("text", ["可在一个认证周期内随时进行认证", "每年需认证一次", "12个月", ""])
def test_other_wordings_set_no_period(text: str) -> None:
    assert parse_period(text) is None


@pytest.mark.parametrize("text", ["以12个月为一个认证周期", "以十二个月为一个认证周期"])
def test_a_period_is_read_in_figures_and_in_characters(text: str) -> None:
    assert parse_period(text) == 12


@pytest.mark.parametrize(
    ("last", "months", "day"),
    [
        (date(2022, 3, 1), 12, date(2023, 3, 31)),  # line 1426
        (date(2022, 3, 1), 6, date(2022, 9, 30)),  # line 1428
        (date(2022, 5, 1), 12, date(2023, 5, 31)),  # line 1430
        (date(2022, 5, 1), 6, date(2022, 11, 30)),  # line 1430
        (date(2022, 3, 31), 6, date(2022, 9, 30)),
        (date(2023, 8, 15), 6, date(2024, 2, 29)),
    ],
)
def test_the_next_certification_is_due_at_the_end_of_a_month(last: date, months: int, day: date) -> None:
    assert next_certification(last, months) == day


# ---------------------------------------------------------------- reporting days


def test_the_guide_sets_the_days_on_which_villages_report(base: KnowledgeBase) -> None:
    assert found_in(base, parse_reporting_days) == dict.fromkeys((3358, 3457, 3487), (5, 15, 25))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("每月5、15、25日上报", (5, 15, 25)),
        ("每月5日、15日和25日上报", (5, 15, 25)),
        ("每月10日上报", (10,)),
        ("每月32日上报", ()),
        ("每月上报", ()),
        ("5、15、25日", ()),
    ],
)
def test_reporting_days_are_read_where_days_of_a_month_are_named(text: str, days: tuple[int, ...]) -> None:
    assert parse_reporting_days(text) == days


@pytest.mark.parametrize(
    ("today", "day"),
    [
        (date(2026, 11, 4), date(2026, 11, 5)),
        (date(2026, 11, 5), date(2026, 11, 5)),  # today counts
        (date(2026, 11, 6), date(2026, 11, 15)),  # a Sunday stays: the guide moves nothing
        (date(2026, 11, 26), date(2026, 12, 5)),
        (date(2026, 12, 26), date(2027, 1, 5)),
    ],
)
def test_the_next_reporting_day(today: date, day: date) -> None:
    assert next_reporting_day((5, 15, 25), today) == day


def test_a_day_that_a_month_lacks_waits_for_one_that_has_it() -> None:
    assert next_reporting_day((31,), date(2027, 2, 1)) == date(2027, 3, 31)


@pytest.mark.parametrize("days", [(), (0,), (32,)])
def test_without_a_day_there_is_no_next(days: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="no days"):
        next_reporting_day(days, TODAY)


# ---------------------------------------------------------------- filing limits


def test_the_guide_limits_when_applicants_may_file(base: KnowledgeBase) -> None:
    """All of them: what is added here was found by a new edition and must be looked at."""
    assert found_in(base, parse_filing_limit) == {
        29: FilingLimit("成立", 30, "day"),
        55: FilingLimit("项目成立", 30, "day"),
        866: FilingLimit("缴费基数所属年度", 1, "year_end"),
        1398: FilingLimit("花名册中填写的“认证时间”", 1, "month"),
        1400: FilingLimit("审核表或生存证明出具时间", 1, "month"),
        1424: FilingLimit("办理完领取手续", 1, "month_end"),
        2519: FilingLimit("职业资格证书或职业技能等级证书核发", 12, "month"),
        2546: FilingLimit("终止或者解除劳动关系", 15, "day"),
        2927: FilingLimit("职工发生事故伤害或者按照职业病防治法规定被诊断、鉴定为职业病", 30, "day", is_missed=True),
    }


def test_the_event_is_named_in_the_guides_own_words(base: KnowledgeBase, text: GuideText) -> None:
    for line, limit in found_in(base, parse_filing_limit).items():
        assert limit.event in text.lines[line - 1]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (125, "转移基金后5个工作日内办结"),  # the office's own time
        (870, "超过规定调整期限的"),  # no number
        (1052, "受理次月1日起22个工作日"),  # the office's own time
        (1426, "以12个月为一个认证周期"),  # a period: see parse_period
        (1428, "以6个月为一个认证周期"),
        (1430, "随时进行认证"),
        (1972, "之日起两年"),  # how long a treatment is paid for
        (2518, "自2017年1月1日起"),  # since when something counts
        (2908, "48小时之内"),  # when a death counts
        (2941, "从受理之日起60日"),  # the office's own time
        (2961, "从受理之日起60日"),
        (2967, "作出之日起1年后"),  # what must go by first
        (3166, "5个工作日以内"),  # the office's own time
        (3358, "每月5、15、25日上报"),  # reporting days
        (3745, "1个工作日内"),  # the office's own time
    ],
)
def test_what_looks_like_a_filing_limit_and_is_none(line: int, words: str, text: GuideText) -> None:
    assert words in text.lines[line - 1]
    assert parse_filing_limit(text.lines[line - 1]) is None


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("自离职之日起60日内申领", FilingLimit("离职", 60, "day")),
        ("自离职之日起六十日之内申领", FilingLimit("离职", 60, "day")),
        ("离职后60天内", FilingLimit("离职", 60, "day")),
        ("应在离职之后十个工作日以内", FilingLimit("离职", 10, "workday")),
        ("自收到认定决定之日起15日内提出", FilingLimit("收到认定决定", 15, "day")),
        ("在死亡之日起1年内", FilingLimit("死亡", 12, "month")),
        ("（2）在职人员自转正之日起3个月内", FilingLimit("转正", 3, "month")),
        ("自自治区批复之日起30日内", FilingLimit("自治区批复", 30, "day")),
        ("从合同签订之日起30个自然日内", FilingLimit("合同签订", 30, "day")),
        ("职工未在入职之日起30日内登记的", FilingLimit("入职", 30, "day", is_missed=True)),
    ],
)
def test_filing_limits_in_the_wordings_of_other_guides(text: str, limit: FilingLimit) -> None:
    assert parse_filing_limit(text) == limit


@pytest.mark.parametrize(
    "text",
    [
        "自受理之日起15个工作日内办结",
        "材料收件后5日内",
        "自批准之日起10日内发放",
        "之日起30日内",
        "自离职之日起两三日内",
        "",
    ],
)
def test_no_applicant_is_bound(text: str) -> None:
    assert parse_filing_limit(text) is None


@pytest.mark.parametrize(
    ("amount", "unit", "since", "day"),
    [
        (30, "day", date(2026, 11, 26), date(2026, 12, 26)),
        (15, "day", date(2026, 11, 16), date(2026, 12, 1)),
        (5, "workday", date(2026, 11, 26), date(2026, 12, 3)),
        (12, "month", date(2024, 2, 29), date(2025, 2, 28)),
        (1, "month", date(2026, 1, 31), date(2026, 2, 28)),
        (1, "month_end", date(2026, 1, 2), date(2026, 2, 28)),
        (1, "year_end", date(2025, 6, 30), date(2026, 12, 31)),
    ],
)
def test_the_last_day_to_file(amount: int, unit: FilingUnit, since: date, day: date) -> None:
    assert last_day(FilingLimit("离职", amount, unit), since) == day


@given(st.sampled_from(get_args(FilingUnit)), st.integers(1, 24), st.dates(date(2010, 1, 1), date(2024, 12, 31)))
def test_the_last_day_lies_behind_the_event_whatever_is_counted(unit: FilingUnit, amount: int, since: date) -> None:
    assert last_day(FilingLimit("离职", amount, unit), since) > since


def found_in(base: KnowledgeBase, parse: Callable[[str], Read | None]) -> dict[int, Read]:
    """Return what *parse* finds in the facts of the guide, by line."""
    facts = sorted((fact.lines.first, fact.text) for item in base for fact in item.facts)
    return {line: value for line, text in facts if (value := parse(text))}
