"""Towns that are not ours read as one sign; ours, and words that only seem to hold a town, stay as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.understanding.normalise import normalise
from bot.understanding.places import load_places, mask_places, names_elsewhere
from bot.understanding.spelling import normal_form
from knowledge.reading.source import GuideText

NAMED = [
    ("深圳社保卡丢了", "某社保卡丢了"),
    ("湖南省长沙市的退休手续", "某市的退休手续"),
    ("我从广东回来", "我从某回来"),
    ("海南海口交的社保", "某交的社保"),
    ("内蒙古呼和浩特养老认证", "某养老认证"),
]

STAYS = [
    "钦州的社保卡",
    "广西安全生产",
    "灵山县社保局",
    "停工三十天津贴怎么领",
    "医保定点医院",
    "在中山路上班",
    "三个月大连续缴费",
    "房东营业执照",
]


@pytest.mark.parametrize(("text", "masked"), NAMED)
def test_a_town_that_is_not_ours_reads_as_a_sign(text: str, masked: str) -> None:
    assert mask_places(text) == masked


@pytest.mark.parametrize("text", STAYS)
def test_our_own_town_and_other_words_stay(text: str) -> None:
    assert mask_places(text) == text


def test_which_town_is_named_makes_no_difference() -> None:
    forms = {normal_form(f"我在{town}交的社保怎么转回钦州") for town in load_places().names}
    assert len(forms) == 1


def test_a_named_town_reads_as_a_masked_one() -> None:
    assert normal_form("深圳市社保卡问题") == normal_form("A市社保卡问题")


def test_a_town_in_traditional_characters_is_one_too() -> None:
    assert normal_form("廣東嘅養老點轉") == normal_form("广东嘅养老点转")


def test_the_guide_names_no_town_that_would_be_masked(text: GuideText) -> None:
    lines = [normalise(line) for line in text.lines]
    assert [line for line in lines if mask_places(line) != line] == []


@pytest.mark.parametrize(
    "text",
    [
        "成都社保局电话",
        "合浦社保局地址",
        "番禺社保大厅在哪",
        "老家那边的社保电话",
        "省社保局地址",
        "粤省事怎么登录",
        "香港强积金怎么取",
    ],
)
def test_another_place_is_noticed_whatever_it_is_called(text: str) -> None:
    assert names_elsewhere(normal_form(text))


@pytest.mark.parametrize(
    "text",
    [
        "社保局电话",
        "钦州市社保局地址",
        "灵山县人社局电话",
        "浦北社保大厅在哪",
        "广西人社app",
        "失业金申领入口",
        "贵局电话",
        "社保局新地址",
        "电话",
        "",
    ],
)
def test_who_names_ours_or_none_is_here(text: str) -> None:
    assert not names_elsewhere(normal_form(text))


def test_a_name_listed_twice_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "places.yml"
    path.write_text("provinces: [湖南]\ncities: [长沙, 湖南]\nkept: []\n", encoding="utf-8")
    with pytest.raises(ValueError, match="湖南"):
        load_places(path)
