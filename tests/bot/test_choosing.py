"""Picking one of the choices offered: by number, by ordinal, by words; anything else picks none."""

from __future__ import annotations

import pytest

from bot.dialogue.choosing import find_choice, is_number

TITLES = ("社会保障卡补领、换领、换发", "社会保障卡挂失与解挂", "社会保障卡申领")

PICKS = [
    ("1", 0),
    ("2", 1),
    ("3", 2),
    ("2.", 1),
    ("一", 0),
    ("二", 1),
    ("第一个", 0),
    ("第二", 1),
    ("第三项", 2),
    ("第2个", 1),
    ("2号", 1),
    ("选2", 1),
    ("我选第二个", 1),
    ("我要第三个吧", 2),
    ("是第一条", 0),
    ("最后一个", 2),
    ("最后一项吧", 2),
    ("挂失", 1),
    ("我要挂失", 1),
    ("挂失那个", 1),
    ("补领", 0),
    ("社会保障卡申领", 2),
    ("社会保障卡补领换领换发", 0),
    ("换领换发", 0),
]


@pytest.mark.parametrize(("text", "index"), PICKS)
def test_a_choice_is_picked(text: str, index: int) -> None:
    assert find_choice(text, TITLES) == index


NONE = ["", "4", "6", "第五个", "社会保障卡", "卡", "那要多久", "都不是", "12", "0", "两三个月"]


@pytest.mark.parametrize("text", NONE)
def test_nothing_is_picked_for_uncertain_words_or_numbers_out_of_range(text: str) -> None:
    assert find_choice(text, TITLES) is None


def test_a_choice_is_picked_by_its_words_whatever_signs_and_brackets_it_is_written_with() -> None:
    assert find_choice("网上办手机电脑", ("到窗口办", "网上办（手机、电脑）")) == 1


BY_EAR = [("微性", 0), ("手鸡", 0), ("到创口", 1), ("补另", 2)]


@pytest.mark.parametrize(("text", "index"), BY_EAR)
def test_a_choice_is_picked_by_characters_that_only_sound_like_its_own(text: str, index: int) -> None:
    assert find_choice(text, ("微信或手机APP", "到窗口办", "社会保障卡补领")) == index


def test_a_word_of_its_own_that_sounds_like_a_choice_is_taken_as_it_is_written() -> None:
    assert find_choice("失业", ("企业职工养老保险", "机关事业单位养老保险")) is None


def test_where_nothing_is_offered_nothing_is_picked() -> None:
    assert [find_choice(text, ()) for text in ("1", "最后一个", "挂失")] == [None, None, None]


@pytest.mark.parametrize("text", ["1", "6", "第二个", "选3", "三", "最后一个"])
def test_a_number_alone_is_an_answer_to_a_question_with_choices(text: str) -> None:
    assert is_number(text)


@pytest.mark.parametrize("text", ["三个月", "退休", "交了15年", "12333", ""])
def test_a_number_within_a_sentence_is_not(text: str) -> None:
    assert not is_number(text)


@pytest.mark.parametrize("text", ["7", "9", "0", "10", "第八个"])
def test_a_number_that_was_never_offered_is_still_a_number(text: str) -> None:
    assert is_number(text)
