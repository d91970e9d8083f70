"""Short messages: never too long, never cut within a number, an address or, where it can be helped, a clause."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answering.short_message import LONGEST_PART, short_message
from knowledge.model import KnowledgeBase

LINK = "详情：https://guide.example.org/i/63gm"
CLAUSES = (
    "2.社会保障卡或居民身份证（境外人员提供护照），单位申报的，提供复印件1份；"
    "灵活就业人员申请的，验原件；另有规定的从其规定，不再另行通知。"
)


def words_of(parts: list[str]) -> str:
    """Return what parts say, without their numbers and blanks."""
    return re.sub(r"\s", "", "".join(re.sub(r"^\(\d+/\d+\)", "", part) for part in parts))


def test_what_fits_is_one_message_without_a_number() -> None:
    assert short_message(["办理时限：即时办结。"], LINK) == [f"办理时限：即时办结。{LINK}"]


def test_several_messages_are_numbered_and_the_last_one_ends_with_the_link() -> None:
    parts = short_message([CLAUSES], LINK)
    assert [part[:5] for part in parts] == ["(1/2)", "(2/2)"]
    assert parts[-1].endswith(LINK)


def test_a_text_that_fits_into_a_part_is_not_cut() -> None:
    texts = [f"{number}.{'材料' * 12}；" for number in range(1, 6)]
    parts = short_message(texts, LINK)
    assert all(any(text in part for part in parts) for text in texts)


def test_a_longer_text_is_cut_where_a_clause_ends() -> None:
    parts = short_message([CLAUSES], LINK)
    assert parts[0].endswith("；")


def test_without_a_sign_between_them_a_blank_keeps_texts_apart() -> None:
    assert short_message(["不收费", "联系电话：2833005"], "详情") == ["不收费 联系电话：2833005 详情"]


@pytest.mark.parametrize("kept", ["0777-2833005", "https://www.example.org/si/index.html"])
def test_neither_a_number_nor_an_address_is_cut(kept: str) -> None:
    for before in range(50, 70):
        assert any(kept in part for part in short_message(["长" * before + kept], LINK))


def test_no_message_about_any_line_of_the_guide_is_too_long_or_loses_a_word(base: KnowledgeBase) -> None:
    for item in base:
        texts = [fact.text for fact in item.facts]
        parts = short_message(texts, LINK)
        assert max(map(len, parts)) <= LONGEST_PART
        assert words_of(parts) == re.sub(r"\s", "", "".join([*texts, LINK]))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("甲乙丙，；。（）1. ", min_size=1, max_size=300), min_size=1, max_size=8))
def test_nothing_that_is_said_gets_lost(texts: list[str]) -> None:
    parts = short_message(texts, LINK)
    assert max(map(len, parts)) <= LONGEST_PART
    assert words_of(parts) == re.sub(r"\s", "", "".join([*texts, LINK]))
