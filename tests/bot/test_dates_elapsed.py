"""Time gone by, as residents tell it on Thursday 26 November 2026; what they only ask, plan or count is none."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dates.elapsed import find_elapsed
from bot.dates.numerals import find_numeral

TODAY = date(2026, 11, 26)

ONE_DAY = [
    ("离职10天了", date(2026, 11, 16)),
    ("离职十天了还来得及吗", date(2026, 11, 16)),
    ("离职10天还来得及吗", date(2026, 11, 16)),
    ("离职已经12天还来得及吧", date(2026, 11, 14)),
    ("我10天前辞的职", date(2026, 11, 16)),
    ("我离咗职十日咗", date(2026, 11, 16)),
    ("签完散伙纸已经二十天", date(2026, 11, 6)),
    ("已经过了40天了", date(2026, 10, 17)),
    ("材料交上去两个礼拜了", date(2026, 11, 12)),
    ("离职半个月了名单还能报吗", date(2026, 11, 11)),
    ("开工一个半月了工伤保险还没买", date(2026, 10, 11)),
    ("刚好一个月", date(2026, 10, 26)),
    ("大伯去世一个月了", date(2026, 10, 26)),
    ("三个月前离职的还能领失业金吗", date(2026, 8, 26)),
    ("过了半年", date(2026, 5, 26)),
    ("一年零三个月前认证过", date(2025, 8, 26)),
    ("认证是一年半以前做的", date(2025, 5, 26)),
    ("工伤八年了", date(2018, 11, 26)),
    ("昨天的事", date(2026, 11, 25)),
    ("前天骑电动车被撞了", date(2026, 11, 24)),
    ("大前天离的职", date(2026, 11, 23)),
    ("今天刚离职的", date(2026, 11, 26)),
    ("上周五受的伤", date(2026, 11, 20)),
    ("5号出的事", date(2026, 11, 5)),
    ("28号出的事", date(2026, 10, 28)),  # this month's lies ahead
    ("上个月5号出的事", date(2026, 10, 5)),
    ("人上个月十号就走了我忘记停他的社保", date(2026, 10, 10)),
    ("10月30号离职还能领失业金吗", date(2026, 10, 30)),
    ("10月30离职的", date(2026, 10, 30)),
    ("离职日期是10月30号", date(2026, 10, 30)),
    ("12月5号离职的", date(2025, 12, 5)),  # this year's lies ahead
    ("去年10月18日认证过", date(2025, 10, 18)),
    ("2026年3月15日认证的", date(2026, 3, 15)),
    ("认证上一次是2026 3 15做的", date(2026, 3, 15)),  # 2026-03-15, as the normal form has it
]


@pytest.mark.parametrize(("text", "day"), ONE_DAY)
def test_a_day_that_is_told(text: str, day: date) -> None:
    elapsed = find_elapsed(text, TODAY)
    assert elapsed is not None
    assert (elapsed.since_first, elapsed.since_last) == (day, day)


VAGUE = [
    ("受伤有二十来天", date(2026, 11, 1), date(2026, 11, 8)),
    ("辞职二十多天了", date(2026, 10, 28), date(2026, 11, 5)),
    ("已经等三十几天", date(2026, 10, 18), date(2026, 10, 26)),
    ("离职好几天了", date(2026, 11, 17), date(2026, 11, 24)),
    ("离职两三天了", date(2026, 11, 23), date(2026, 11, 24)),
    ("离职十二三天了", date(2026, 11, 13), date(2026, 11, 14)),
    ("出事二三十天了", date(2026, 10, 27), date(2026, 11, 6)),
    ("离职十天半个月了", date(2026, 11, 11), date(2026, 11, 16)),
    ("离职10天左右了", date(2026, 11, 14), date(2026, 11, 18)),
    ("我妈走了快一个月了", date(2026, 10, 26), date(2026, 11, 1)),
    ("出事两个多月了单位没报", date(2026, 8, 27), date(2026, 9, 25)),
    ("失业七八个月了", date(2026, 3, 26), date(2026, 4, 26)),
    ("认证过了大半年了", date(2025, 11, 27), date(2026, 5, 25)),
    ("前几天摔断了腿", date(2026, 11, 17), date(2026, 11, 24)),
    ("爷爷上个礼拜走了", date(2026, 11, 16), date(2026, 11, 22)),
    ("我上个月离职怎么办失业", date(2026, 10, 1), date(2026, 10, 31)),
    ("上上个月开的工", date(2026, 9, 1), date(2026, 9, 30)),
    ("上月底离职的", date(2026, 10, 21), date(2026, 10, 31)),
    ("这个月离职的", date(2026, 11, 1), date(2026, 11, 26)),  # not after today
    ("证是3月拿到的还能申请吗", date(2026, 3, 1), date(2026, 3, 31)),
    ("我四月中旬提交的", date(2026, 4, 11), date(2026, 4, 20)),
    ("认证是去年三月做的", date(2025, 3, 1), date(2025, 3, 31)),
    ("2026年3月认证的", date(2026, 3, 1), date(2026, 3, 31)),
    ("二零二五年三月认证的", date(2025, 3, 1), date(2025, 3, 31)),
    ("25年3月认证的", date(2025, 3, 1), date(2025, 3, 31)),
    ("去年底办了退休", date(2025, 11, 1), date(2025, 12, 31)),
    ("我前年退的休", date(2024, 1, 1), date(2024, 12, 31)),
    ("我2018年入职的", date(2018, 1, 1), date(2018, 12, 31)),
]


@pytest.mark.parametrize(("text", "first", "last"), VAGUE)
def test_what_is_told_vaguely_is_a_range(text: str, first: date, last: date) -> None:
    elapsed = find_elapsed(text, TODAY)
    assert elapsed is not None
    assert (elapsed.since_first, elapsed.since_last) == (first, last)


@pytest.mark.parametrize(
    "text",
    [
        "要20天吗",
        "几天能好",
        "10天能办下来吗",
        "要等10天吗",
        "10天了吗",
        "离职15天内要办吗",
        "离职60天后能领吗",
        "30天内没报怎么办",
        "过了30天还能报吗",
        "超过十五天才想起报离职名单",
        "材料要提前10天交吗",
        "办结要15个工作日吗",
        "失业金最多领几个月",
    ],
)
def test_a_length_that_is_asked_for_tells_nothing(text: str) -> None:
    assert find_elapsed(text, TODAY) is None


@pytest.mark.parametrize(
    "text",
    [
        "60岁了",
        "我今年58岁",
        "我是72年的女的",
        "我1968年生干了一辈子",
        "交了15年",
        "交满15年了",
        "交社保15年了",
        "我有15年社保",
        "干了六年了",
        "打工十年在外省厂里上的养老",
        "工伤住院二十天饭钱怎么领",
        "特殊工种提前五年退休",
        "退休金迟了两天还没到",
        "评残一年不到变坏了能复查吗",
        "还差三个月退休",
        "92年前的工龄",
    ],
)
def test_an_age_or_what_was_paid_or_worked_tells_nothing(text: str) -> None:
    assert find_elapsed(text, TODAY) is None


@pytest.mark.parametrize(
    "text",
    [
        "下个月5号离职",
        "12月5号离职",
        "我12月5号退休",
        "2027年3月认证",
        "这个月退休要什么",
        "明天离职",
        "每月5号上报吗",
        "2014年10月1日后辞职的人员",
        "2011年7月1日前参保的",
        "从2017年到2019年做临时工",
    ],
)
def test_a_day_to_come_or_a_rule_tells_nothing(text: str) -> None:
    assert find_elapsed(text, TODAY) is None


@pytest.mark.parametrize(
    "text",
    ["去年的社保怎么查", "上个月的工资没发", "退休金比上月少了怎么回事", "5号窗口在哪", "公司上个月给我交了没有", ""],
)
def test_a_time_at_which_nothing_happened_tells_nothing(text: str) -> None:
    assert find_elapsed(text, TODAY) is None


@pytest.mark.parametrize(
    "text", ["上个月初八走的", "三月初八离职的", "农历三月离职的", "去年腊月提交的", "2月30号离职的"]
)
def test_a_day_that_this_calendar_does_not_have_is_not_guessed(text: str) -> None:
    assert find_elapsed(text, TODAY) is None


def test_two_times_that_agree_are_taken_together() -> None:
    elapsed = find_elapsed("上个月离职的到现在二十九天了", TODAY)
    assert elapsed is not None
    assert (elapsed.since_first, elapsed.said) == (date(2026, 10, 28), "二十九天")


def test_two_times_that_do_not_agree_tell_nothing() -> None:
    assert find_elapsed("去年三月认证的今年五月又认证了", TODAY) is None


def test_today_is_no_second_time() -> None:
    elapsed = find_elapsed("离职10天了今天才办了手续", TODAY)
    assert elapsed is not None
    assert elapsed.since_last == date(2026, 11, 16)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("受伤有二十来天", "二十来天"),
        ("我妈走了快一个月了", "快一个月"),
        ("认证是去年三月做的", "去年三月"),
        ("上个月5号出的事", "上个月5号"),
    ],
)
def test_the_words_themselves_are_kept_for_the_reply(text: str, said: str) -> None:
    elapsed = find_elapsed(text, TODAY)
    assert elapsed is not None
    assert elapsed.said == said


WORDS = (
    *("离职", "受伤", "交", "了", "的", "前", "过", "有", "快", "吗", "还", "零", "十", "二十", "百", "5", "2026", " "),
    *("年", "个", "月", "日", "号", "天", "半", "来", "多", "几", "去年", "上个月", "昨天", "底", "初"),
)


@given(
    st.lists(st.sampled_from(WORDS), max_size=12).map("".join) | st.text(max_size=20),
    st.dates(date(2000, 1, 1), date(2090, 12, 31)),
)
def test_whatever_is_said_nothing_happened_after_today(text: str, today: date) -> None:
    elapsed = find_elapsed(text, today)
    if elapsed is not None:
        assert elapsed.since_first <= elapsed.since_last <= today
        assert elapsed.said in text


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("15", 15),
        ("零", 0),
        ("两", 2),
        ("十", 10),
        ("十五", 15),
        ("二十", 20),
        ("廿八", 28),
        ("一百二", 120),
        ("一百零二", 102),
        ("三百六十五", 365),
        ("二零二六", 2026),
        ("两三", None),
        ("三四", None),
        ("十百", None),
        ("百", None),
        ("十二三", None),
    ],
)
def test_whole_numbers_are_read_and_guesses_are_not(text: str, number: int | None) -> None:
    assert find_numeral(text) == number
