"""Validity: the span of time to which a text bounds itself."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.model import KnowledgeBase
from knowledge.values import Validity
from knowledge.values.validity import find_validity

YEAR_2022 = Validity(date(2022, 1, 1), date(2022, 12, 31))


@pytest.mark.parametrize(
    ("text", "validity"),
    [
        ("注：2022年1月1日至2022年12月31日放宽申请条件", YEAR_2022),  # 2517
        ("受疫情影响严重地区含2022年1月1日至12月31日，累计出现", YEAR_2022),  # 689: the year said once
        ("2022年1月1日-2022年12月31日", YEAR_2022),
        ("2022年1月1日—12月31日", YEAR_2022),
        ("2023年3月1日到2024年2月29日", Validity(date(2023, 3, 1), date(2024, 2, 29))),
    ],
)
def test_a_span_of_dates_is_read(text: str, validity: Validity) -> None:
    assert find_validity(text) == validity
    assert Validity.from_json(validity.as_json()) == validity


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2021年1月1日之后新发生的参保失业人员。",  # 2605
        "2022年1月至申请缓缴上月累计亏损",  # 687
        "退休人员2022年3月-2023年3月为一个认证周期",  # 1430: an example
        "2011年7月1日《中华人民共和国社会保险法》实施前",  # 647
        "2022年1月1日至2022年2月30日",  # no such day
    ],
)
def test_a_text_without_a_possible_span_has_none(text: str) -> None:
    assert find_validity(text) is None


def test_only_the_schemes_of_2022_bound_themselves_in_time(base: KnowledgeBase) -> None:
    bounded = [(item.id, fact.lines.first, fact.validity) for item in base for fact in item.facts if fact.validity]
    assert bounded == [
        ("hardship_industry_deferral", 689, YEAR_2022),
        ("skill_upgrade_subsidy", 2517, YEAR_2022),
        ("hiring_expansion_subsidy", 2710, YEAR_2022),
        ("retention_training_subsidy", 2752, YEAR_2022),
    ]
