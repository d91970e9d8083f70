"""What stands beside the guide's words: days only where one promise is left, links, numbers, terms marked as ours."""

from __future__ import annotations

from datetime import date

import pytest

from bot.answering.beside import MAX_TERMS, explain_terms, links_of, phones_of, say_dates
from bot.answering.messages import Link, PhoneNumber
from bot.wording import Wording
from knowledge.model import Facet, Fact, KnowledgeBase
from knowledge.values import Phone, Place, TimeLimit
from knowledge.vocabulary.glossary import Glossary, Term
from tests.bot.making import fact

MONDAY = date(2026, 6, 1)
FIVE = TimeLimit(immediate=False, amount=5, unit="workday")
SEVEN = TimeLimit(immediate=False, amount=7, unit="workday")
AT_ONCE = TimeLimit(immediate=True)


def limit(text: str, value: TimeLimit, line: int = 10) -> Fact:
    return fact(text, line, Facet.TIME_LIMIT, value=value)


def said(facts: list[Fact], today: date, wording: Wording) -> list[str]:
    return [message.text for message in say_dates(facts, today, wording)]


# ---------------------------------------------------------------- until when


ONE_PROMISE = ["5个工作日", "自受理之日起5个工作日", "受理之日起5个工作日内办结"]


@pytest.mark.parametrize("text", ONE_PROMISE)
def test_where_the_office_promises_one_time_from_acceptance_the_last_day_is_said(text: str, wording: Wording) -> None:
    """Monday 1 June and five working days: the Monday after."""
    assert said([limit(text, FIVE)], MONDAY, wording) == [wording.say("finish_by", date="2026年6月8日（星期一）")]


def test_official_holidays_do_not_count(wording: Wording) -> None:
    """19 June 2026 is the dragon boat festival."""
    [text] = said([limit("5个工作日", FIVE)], date(2026, 6, 15), wording)
    assert "2026年6月23日（星期二）" in text


def test_calendar_days_count_all(wording: Wording) -> None:
    [text] = said([limit("60日", TimeLimit(immediate=False, amount=60, unit="day"))], MONDAY, wording)
    assert "2026年7月31日" in text


def test_the_same_promise_twice_is_one(wording: Wording) -> None:
    assert len(said([limit("网上：5个工作日", FIVE), limit("现场：5个工作日", FIVE, 11)], MONDAY, wording)) == 1


NO_DAY = {
    "two promises": [limit("企业：5个工作日", FIVE), limit("机关：7个工作日", SEVEN, 11)],
    "one at once, one later": [limit("个人：即时办结", AT_ONCE), limit("单位：5个工作日", FIVE, 11)],
    "done at once": [limit("即时办结", AT_ONCE)],
    "no time set": [limit("无", TimeLimit(immediate=False))],
    "counted from another event": [limit("自收到鉴定结论之日起5个工作日", FIVE)],
    "counted from the next month": [limit("受理次月5个工作日", FIVE)],
    "longer in special cases": [limit("5个工作日，特殊情况可以延长", FIVE)],
    "of another aspect": [fact("5个工作日", 10, Facet.PROCESS, value=FIVE)],
    "no facts": [],
}


@pytest.mark.parametrize("facts", NO_DAY.values(), ids=NO_DAY)
def test_where_it_is_not_certain_which_time_counts_no_day_is_said(facts: list[Fact], wording: Wording) -> None:
    assert said(facts, MONDAY, wording) == []


def test_a_year_whose_holidays_are_not_known_yet_is_said_and_not_guessed(wording: Wording) -> None:
    unknown = said([limit("5个工作日", FIVE)], date(2100, 1, 4), wording)
    assert unknown == [wording.say("finish_unknown", year=2100)]


def test_every_day_said_over_the_real_guide_stands_beside_a_single_promise(
    base: KnowledgeBase, wording: Wording
) -> None:
    sure = [item for item in base if said(list(item.facts_on(Facet.TIME_LIMIT)), MONDAY, wording)]
    assert len(sure) > 20
    for item in sure:
        assert len({fact.value for fact in item.facts_on(Facet.TIME_LIMIT)}) == 1


@pytest.mark.parametrize(
    ("today", "day"), [(date(2026, 6, 1), "6月5日"), (date(2026, 6, 15), "6月15日"), (date(2026, 6, 26), "7月5日")]
)
def test_the_next_day_on_which_villages_report_is_said(today: date, day: str, wording: Wording) -> None:
    village = fact("接收申报材料（村级社保服务窗口每月5、15、25日上报）", 3358, Facet.PROCESS)
    [text] = said([village], today, wording)
    assert f"2026年{day}" in text


# ---------------------------------------------------------------- links and numbers

MAP = "https://map.example/?q={place}&c={city}"


def place(text: str, **where: str) -> Fact:
    return fact(text, 20, Facet.LOCATION, value=Place("counter", **where))


def links(facts: list[Fact], wording: Wording, map_link: str | None = MAP) -> list[str]:
    return [message.url for message in links_of(facts, wording, map_link, "某市") if isinstance(message, Link)]


def test_a_web_address_opens_as_the_guide_writes_it_with_a_scheme(wording: Wording) -> None:
    written = [place("甲", url="www.example.gov.cn"), place("乙", url="http://old.example.gov.cn/si")]
    assert links(written, wording) == ["https://www.example.gov.cn", "http://old.example.gov.cn/si"]


def test_an_address_opens_on_the_offices_map_and_without_a_map_not_at_all(wording: Wording) -> None:
    assert links([place("甲", address="A路1号")], wording) == [
        "https://map.example/?q=A%E8%B7%AF1%E5%8F%B7&c=%E6%9F%90%E5%B8%82"
    ]
    assert links([place("甲", address="A路1号")], wording, None) == []


def test_a_place_that_stands_twice_is_linked_once(wording: Wording) -> None:
    assert len(links([place("甲", address="A路1号"), place("乙", address="A路1号")], wording)) == 1


def test_what_names_no_place_links_nothing(wording: Wording) -> None:
    assert links([place("各地社保经办机构"), fact("A路1号", 21, Facet.LOCATION)], wording) == []


def test_numbers_are_to_tap_each_once_with_whom_they_reach() -> None:
    lines = [
        fact("养老科0999-1234567", 30, Facet.PHONE, value=Phone("0999-1234567", "养老科")),
        fact("0999-7654321", 31, Facet.PHONE, value=Phone("0999-7654321")),
        fact("养老科0999-1234567", 32, Facet.PHONE, value=Phone("0999-1234567", "养老科")),
    ]
    messages = [message for message in phones_of(lines) if isinstance(message, PhoneNumber)]
    assert [(m.label, m.number, m.text) for m in messages] == [
        ("养老科", "0999-1234567", "养老科：0999-1234567"),
        ("0999-7654321", "0999-7654321", "0999-7654321"),
    ]


# ---------------------------------------------------------------- terms

GLOSSARY = Glossary((Term("甲词", "甲的意思。"), Term("乙词", "乙的意思。"), Term("丙词", "丙的意思。")))


def test_terms_are_explained_in_one_message_that_is_marked_as_ours(wording: Wording) -> None:
    messages, names = explain_terms([fact("先看乙词再看甲词", 10)], GLOSSARY, (), wording)
    assert [message.text for message in messages] == [f"{wording.say('terms')}\n乙词：乙的意思。\n甲词：甲的意思。"]
    assert "不是指南原文" in messages[0].text
    assert names == ("乙词", "甲词")


def test_a_term_explained_before_leaves_room_for_another(wording: Wording) -> None:
    _, names = explain_terms([fact("甲词、乙词、丙词", 10)], GLOSSARY, ("甲词",), wording)
    assert names == ("乙词", "丙词")


def test_no_more_terms_at_once_than_are_read(wording: Wording) -> None:
    _, names = explain_terms([fact("甲词、乙词", 10), fact("丙词", 11)], GLOSSARY, (), wording)
    assert len(names) == MAX_TERMS == 2


def test_where_every_term_is_known_nothing_is_said(wording: Wording) -> None:
    assert explain_terms([fact("甲词", 10), fact("身份证", 11)], GLOSSARY, ("甲词",), wording) == ([], ())
