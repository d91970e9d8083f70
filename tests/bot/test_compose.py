"""Replies out of facts: what is shown for a facet, what is said where the guide is silent or its policy has ended."""

from __future__ import annotations

from datetime import date

import pytest

from bot.answering.compose import OVERVIEW_FACETS, Composer, ended_on
from bot.answering.messages import Answer, Choices, Message, Text
from bot.wording import Wording
from knowledge.model import Facet, SourceLines
from knowledge.values import Heading, Note, Phone, Validity
from knowledge.vocabulary.look_alikes import Case, LookAlikes
from tests.bot.making import fact, item

PHONE = fact("咨询电话：0999-1234567", 30, Facet.PHONE, value=Phone("0999-1234567", "养老科"))
RETIRE = item(
    "retire",
    "职工正常退休",
    fact("达到退休年龄。", 10, Facet.CONDITIONS),
    fact("1.身份证；", 11),
    fact("2.档案。", 12),
    fact("19个工作日", 20, Facet.TIME_LIMIT),
    PHONE,
)
UNTIL_2022 = Validity(date(2022, 1, 1), date(2022, 12, 31))


def texts(messages: list[Message]) -> list[str]:
    return [message.text for message in messages]


def answers(messages: list[Message]) -> list[Answer]:
    return [message for message in messages if isinstance(message, Answer)]


# ---------------------------------------------------------------- what the guide says


def test_an_answer_has_title_facet_the_guides_words_and_its_lines(composer: Composer) -> None:
    [message] = composer.answer(RETIRE, ["materials"])
    assert message.text == "【职工正常退休】办理材料\n1.身份证；\n2.档案。\n（出处：办事指南第 11–12 行）"


def test_an_answer_carries_its_facts_with_their_lines(composer: Composer) -> None:
    [message] = composer.answer(RETIRE, ["materials"])
    data = message.as_json()
    assert (data["type"], data["item"], data["facet"]) == (
        "answer",
        {"id": "retire", "title": "职工正常退休"},
        "materials",
    )
    assert [(f["text"], f["lines"]) for f in data["facts"]] == [("1.身份证；", [11, 11]), ("2.档案。", [12, 12])]


def test_facets_are_answered_in_the_order_asked_and_each_once(composer: Composer) -> None:
    messages = answers(composer.answer(RETIRE, ["time_limit", "materials", "time_limit"]))
    assert [message.facet for message in messages] == ["time_limit", "materials"]


def test_the_overview_says_what_somebody_needs_who_wants_to_do_it(composer: Composer) -> None:
    messages = answers(composer.answer(RETIRE, ["overview"]))
    assert [message.facet for message in messages] == [facet.value for facet in OVERVIEW_FACETS]


def test_no_facet_at_all_is_the_overview(composer: Composer) -> None:
    assert texts(composer.answer(RETIRE, [])) == texts(composer.answer(RETIRE, ["overview"]))


def test_the_overview_does_not_say_again_what_was_asked_for(composer: Composer) -> None:
    facets = [message.facet for message in answers(composer.answer(RETIRE, ["phone", "overview"]))]
    assert facets[0] == "phone"
    assert len(facets) == len(set(facets))


# ---------------------------------------------------------------- silence


def test_where_the_guide_is_silent_it_is_said_so_with_the_phone(composer: Composer) -> None:
    [message] = answers(composer.answer(RETIRE, ["fee"]))
    assert "【职工正常退休】" in message.text
    assert "没有写这一项的收费标准" in message.text
    assert "0999-1234567（养老科）" in message.text
    assert message.facts == ()


def test_without_a_phone_in_the_guide_the_hotline_is_named(composer: Composer) -> None:
    [message] = composer.answer(item("bare", "某事项"), ["fee"])
    assert "12333" in message.text


def test_a_process_that_is_only_a_picture_is_said_to_be_one(composer: Composer) -> None:
    pictured = item("card", "社保卡", PHONE, labels=[Facet.PROCESS])
    [message] = composer.answer(pictured, ["process"])
    assert "一张图" in message.text
    assert "0999-1234567" in message.text


def test_a_process_without_a_label_is_plain_silence(composer: Composer) -> None:
    [message] = composer.answer(item("card", "社保卡", PHONE), ["process"])
    assert "没有写" in message.text
    assert "图" not in message.text


def test_column_titles_of_a_lost_chart_are_shown_and_the_picture_is_named(composer: Composer) -> None:
    headed = item("card", "社保卡", fact("线上办理", 110, Facet.PROCESS, value=Heading()), PHONE)
    [message] = answers(composer.answer(headed, ["process"]))
    assert "一张图" in message.text
    assert "线上办理" in message.text
    assert "第 110 行" in message.text


# ---------------------------------------------------------------- a part of what the guide says

SPLIT = item(
    "card",
    "社保卡",
    fact("1.个人申请", 10, value=Heading()),
    fact("身份证", 11, under=["个人申请"]),
    fact("2.单位申请", 20, value=Heading()),
    fact("花名册", 21, under=["单位申请"]),
    fact("5个工作日", 30, Facet.TIME_LIMIT),
    PHONE,
)


def test_only_the_facts_that_are_to_be_shown_are_shown_with_their_own_lines(composer: Composer) -> None:
    [message] = answers(composer.answer(SPLIT, ["materials"], lambda fact: fact.lines.first < 20))
    assert [fact.text for fact in message.facts] == ["1.个人申请", "身份证"]
    assert "花名册" not in message.text
    assert "（出处：办事指南第 10–11 行）" in message.text


def test_an_aspect_of_which_nothing_is_to_be_shown_is_passed_over_and_not_called_silent(composer: Composer) -> None:
    messages = composer.answer(SPLIT, ["materials", "time_limit"], lambda fact: fact.facet is not Facet.MATERIALS)
    assert [message.facet for message in answers(messages)] == ["time_limit"]


def test_so_is_one_of_which_only_the_lines_are_left_that_open_its_cases(composer: Composer) -> None:
    assert composer.answer(SPLIT, ["materials"], lambda fact: isinstance(fact.value, Heading)) == []


def test_an_aspect_on_which_the_guide_is_silent_is_said_to_be_whatever_is_to_be_shown(composer: Composer) -> None:
    [message] = answers(composer.answer(SPLIT, ["fee"], lambda _fact: False))
    assert "没有写" in message.text


# ---------------------------------------------------------------- policies that ended


def test_an_expired_policy_is_said_first(composer: Composer) -> None:
    ended = item("relief", "缓缴", fact("2022年内的困难企业。", 9, Facet.CONDITIONS, validity=UNTIL_2022), PHONE)
    first, second = composer.answer(ended, ["conditions"])
    assert isinstance(first, Text)
    assert "2022-12-31" in first.text
    assert "缓缴" in first.text
    assert "困难企业" in second.text


def test_on_its_last_day_a_policy_has_not_ended(wording: Wording) -> None:
    running = item("relief", "缓缴", fact("困难企业。", 9, Facet.CONDITIONS, validity=UNTIL_2022))
    assert len(Composer(wording, date(2022, 12, 31)).answer(running, ["conditions"])) == 1
    assert len(Composer(wording, date(2023, 1, 1)).answer(running, ["conditions"])) == 2


def test_a_note_that_ended_ends_only_itself(composer: Composer) -> None:
    noted = item("grant", "补贴", fact("2022年放宽。", 9, Facet.CONDITIONS, value=Note(), validity=UNTIL_2022))
    assert len(composer.answer(noted, ["conditions"])) == 1


@pytest.mark.parametrize(("year", "ended"), [(2022, None), (2023, date(2022, 12, 31))])
def test_an_item_has_ended_on_the_last_day_of_its_conditions(year: int, ended: date | None) -> None:
    relief = item("relief", "缓缴", fact("困难企业。", 9, Facet.CONDITIONS, validity=UNTIL_2022))
    assert ended_on(relief, date(year, 1, 1)) == ended


def test_a_policy_with_an_open_end_has_not_ended(composer: Composer) -> None:
    since = Validity(date(2022, 1, 1), None)
    opened = item("grant", "补贴", fact("自2022年起。", 9, Facet.CONDITIONS, validity=since))
    assert len(composer.answer(opened, ["conditions"])) == 1


# ---------------------------------------------------------------- asking back


def test_choices_are_numbered_and_each_is_answered_with_its_number(composer: Composer) -> None:
    [message] = composer.choices([RETIRE, item("early", "提前退休")])
    assert isinstance(message, Choices)
    assert message.text.splitlines()[1:] == ["1. 职工正常退休", "2. 提前退休"]
    assert message.as_json()["choices"] == [
        {"label": "职工正常退休", "value": "1"},
        {"label": "提前退休", "value": "2"},
    ]


CARDS = [item("report", "社保卡挂失"), item("replace", "社保卡补领"), item("cancel", "社保卡注销")]
LOST = LookAlikes(
    "card_lost",
    "您的卡是丢了还是坏了？",
    (
        Case("replace", "坏了或者找不回来", SourceLines(1, 1)),
        Case("report", "刚丢，先停用", SourceLines(2, 2)),
        Case("cancel", "人不在了", SourceLines(3, 3)),
    ),
    (),
)


def test_choices_of_look_alikes_ask_what_separates_them_and_say_each_case(composer: Composer) -> None:
    [message] = composer.choices(CARDS[:2], LOST)
    assert message.text.splitlines() == [
        "您的卡是丢了还是坏了？回复数字就行。",
        "1. 社保卡挂失（刚丢，先停用）",
        "2. 社保卡补领（坏了或者找不回来）",
    ]
    assert message.as_json()["choices"] == [
        {"label": "社保卡挂失（刚丢，先停用）", "value": "1"},
        {"label": "社保卡补领（坏了或者找不回来）", "value": "2"},
    ]


def test_choices_of_no_group_ask_the_plain_question(composer: Composer, wording: Wording) -> None:
    [message] = composer.choices(CARDS[:2])
    assert message.text.splitlines() == [wording.say("clarify"), "1. 社保卡挂失", "2. 社保卡补领"]


def test_without_choices_the_question_is_open(composer: Composer, wording: Wording) -> None:
    assert texts(composer.choices([])) == [wording.say("clarify_open")]


@pytest.mark.parametrize("facets", [["overview"], ["fee"], ["process"], ["materials", "phone"]])
def test_every_message_has_a_plain_rendering_of_itself(composer: Composer, facets: list[str]) -> None:
    assert all(message.as_json()["text"].strip() for message in composer.answer(RETIRE, facets))
