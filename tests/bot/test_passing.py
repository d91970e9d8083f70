"""Time gone by, held against the guide's limits: early enough, too late, or not clear; and when to say nothing."""

from __future__ import annotations

from datetime import date

import pytest

from bot.dialogue.passing import say_passed
from bot.wording import Wording, load_wording
from knowledge.model import Facet, KnowledgeBase, ServiceItem
from tests.bot.making import fact, item

TODAY = date(2026, 6, 1)
LIMIT = "失业人员应自离职之日起30日内办理。"
CLAIM = item("claim", "失业登记", fact(LIMIT, 10, Facet.CONDITIONS), fact("申请表", 11))


def said(text: str, of: ServiceItem = CLAIM, facets: tuple[str, ...] = ("conditions",)) -> str:
    """Return what is said to *text*, nothing included."""
    return "\n".join(message.text for message in say_passed(text, of, facets, TODAY, load_wording()))


def test_who_is_early_enough_is_told_the_last_day_and_from_when_it_counts(wording: Wording) -> None:
    still = wording.say("still_time", limit=LIMIT, since="10天", date="2026年6月21日（星期日）")
    assert said("离职10天了，还来得及吗") == still


def test_on_the_last_day_it_is_not_too_late() -> None:
    assert "还来得及" in said("离职30天了")


def test_who_is_late_is_told_so_and_to_ask_before_giving_up(wording: Wording) -> None:
    late = wording.say("no_time_left", limit=LIMIT, since="31天", date="2026年5月31日（星期日）")
    assert said("离职31天了") == late
    assert "电话" in late


def test_where_the_day_is_vague_the_days_between_are_said(wording: Wording) -> None:
    told = said("离职二十来天了")
    assert "2026年6月" in told
    assert "请尽快去办" in told


def test_a_limit_in_months_and_one_till_the_end_of_a_month_are_counted_as_they_are_written() -> None:
    months = item("a", "甲", fact("自领证之日起12个月内提出申请。", 10, Facet.CONDITIONS))
    ending = item("b", "乙", fact("应在死亡之次月底前申报。", 10, Facet.CONDITIONS))
    assert "2027年5月20日" in said("5月20号领的证，还来得及吗", months)
    assert "2026年6月30日" in said("5月20号去世的，还来得及吗", ending)


NOTHING_TO_SAY = [
    ("办失业登记要带什么", CLAIM),
    ("要30天吗", CLAIM),
    ("我60岁了，交了15年", CLAIM),
    ("离职10天了", item("bare", "某事项", fact("年满十六周岁。", 10, Facet.CONDITIONS))),
    (
        "离职10天了",
        item("two", "某事项", fact(LIMIT, 10, Facet.CONDITIONS), fact("自停保之日起60日内。", 11, Facet.CONDITIONS)),
    ),
    (
        "受伤40天了",
        item("missed", "某事项", fact("单位未在事故发生之日起30日内申请的，个人可以申请。", 10, Facet.CONDITIONS)),
    ),
    ("交材料10天了", item("office", "某事项", fact("自受理之日起15个工作日内办结。", 10, Facet.TIME_LIMIT))),
]


@pytest.mark.parametrize(("text", "of"), NOTHING_TO_SAY)
def test_nothing_is_said_where_it_is_not_certain_what_counts(text: str, of: ServiceItem) -> None:
    assert said(text, of) == ""


def test_who_asks_for_the_papers_only_is_not_told_of_limits() -> None:
    assert said("离职10天了，要带什么", facets=("materials",)) == ""


# ---------------------------------------------------------------- certification, by the real guide


@pytest.fixture
def certification(base: KnowledgeBase) -> ServiceItem:
    return base.by_id["benefit_eligibility_confirm"]


def test_the_next_certification_is_due_a_period_after_the_last(certification: ServiceItem) -> None:
    told = said("上次认证是2026年3月做的", certification, ("overview",))
    assert "2027年3月31日" in told
    assert "2026年9月30日" in told


def test_where_the_month_of_the_last_is_not_certain_nothing_is_said(certification: ServiceItem) -> None:
    assert said("上次认证过了半年多了", certification, ("overview",)) == ""
