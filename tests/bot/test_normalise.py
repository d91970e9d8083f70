"""The one form that messages are brought to, and personal numbers masked at the door."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.normalise import mask_personal_numbers, normalise

ID_NUMBER = "450702199001011234"

SAME = [
    ("社會保險怎麼辦", "社会保险怎么办"),
    ("ＡＢＣ１２３", "abc123"),
    ("社保卡！！！", "社保卡"),
    ("社保卡，丢了。", "社保卡丢了"),
    ("交了3000元", "交了3000元"),
    ("K2縣的社保", "某县的社保"),
    ("冯XX的工伤", "冯某的工伤"),
    ("社保卡　丢 了", "社保卡丢了"),
    ("  退休\t要 什么\n", "退休要什么"),
    ("急急急急急", "急急"),
    ("社保\u200b卡\ufeff", "社保卡"),
    ("社保卡😀丢了", "社保卡丢了"),
    ("微信wechat pay能用吗", "微信wechat pay能用吗"),
    ("WeChat  Pay", "wechat pay"),
    ("①准备②提交", "1准备2提交"),
]


@pytest.mark.parametrize(("written", "normal"), SAME)
def test_width_case_blanks_signs_masks_and_script_make_no_difference(written: str, normal: str) -> None:
    assert normalise(written) == normal


@given(st.text(max_size=80))
def test_any_text_can_be_normalised_and_stays_so(text: str) -> None:
    normal = normalise(text)
    assert not normal.startswith(" ")
    assert not normal.endswith(" ")
    assert "\n" not in normal


MASKED = [
    (f"身份证{ID_NUMBER}", "身份证〔证件号〕"),
    ("45070219900101123X的社保", "〔证件号〕的社保"),
    ("45070219900101123x", "〔证件号〕"),
    ("４５０７０２１９９００１０１１２３４", "〔证件号〕"),
    ("450702 19900101 1234", "〔卡号〕"),
    ("卡号6222021234567890123", "卡号〔卡号〕"),
    ("卡号6222 0212 3456 7890 123", "卡号〔卡号〕"),
    ("打我13877712345", "打我〔手机号〕"),
    ("打我138-7771-2345", "打我〔手机号〕"),
    (f"{ID_NUMBER}和13877712345", "〔证件号〕和〔手机号〕"),
]


@pytest.mark.parametrize(("written", "masked"), MASKED)
def test_personal_numbers_are_masked(written: str, masked: str) -> None:
    assert mask_personal_numbers(written) == masked


KEPT = ["12333", "0777-2833005", "2022年5月", "交了15年", "19个工作日", "社保卡，丢了！", "每月3000元", ""]


@pytest.mark.parametrize("text", KEPT)
def test_other_numbers_and_texts_are_left_as_they_are(text: str) -> None:
    assert mask_personal_numbers(text) == text


@given(st.text(alphabet="社保卡丢了我的 ，。", max_size=20), st.text(alphabet="社保卡丢了 ，。", max_size=20))
def test_an_id_number_never_survives_whatever_stands_around_it(before: str, after: str) -> None:
    assert ID_NUMBER not in mask_personal_numbers(before + ID_NUMBER + after)
    assert ID_NUMBER not in normalise(before + ID_NUMBER + after)


def test_masking_leaves_the_words_around_a_number_as_they_were_written() -> None:
    assert mask_personal_numbers(f"我的号是{ID_NUMBER}，卡丢了") == "我的号是〔证件号〕，卡丢了"
