"""Phone lines: a number goes with its own label, and where that is not certain nothing is guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.values.phones import PhoneError, has_phone, parse_phones

Pairs = list[tuple[str, str | None]]


def pairs(text: str) -> Pairs:
    return [(part.phone.number, part.phone.label) for part in parse_phones(text)]


@pytest.mark.parametrize(
    "dash", ["-", "－", "—", "–", ""], ids=["hyphen", "full width", "em dash", "en dash", "no dash"]
)
def test_every_dash_of_the_guide_gives_the_same_number(dash: str) -> None:
    assert pairs(f"0777{dash}2810287") == [("0777-2810287", None)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0777-2833005", [("0777-2833005", None)]),
        ("010-12345678", [("010-12345678", None)]),
        ("12333", [("12333", None)]),
        ("13900000001", [("13900000001", None)]),
        ("2833005", [("2833005", None)]),
        ("0777-2853132、0777-2897736", [("0777-2853132", None), ("0777-2897736", None)]),
        ("0777-2853132/0777-2897736；12333", [("0777-2853132", None), ("0777-2897736", None), ("12333", None)]),
    ],
)
def test_bare_numbers_have_no_label(text: str, expected: Pairs) -> None:
    assert pairs(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # line 102: the second number has its label before it
        ("0777-2833005，机关事业单位0777-2828451", [("0777-2833005", None), ("0777-2828451", "机关事业单位")]),
        ("企业：0777-2833005；机关：0777-2828451", [("0777-2833005", "企业"), ("0777-2828451", "机关")]),
        ("企业 0777-2833005 机关 0777-2828451", [("0777-2833005", "企业"), ("0777-2828451", "机关")]),
    ],
)
def test_a_label_before_its_number_goes_with_it(text: str, expected: Pairs) -> None:
    assert pairs(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # line 1049: both labels stand behind their numbers
        (
            "0777-2833189机关事业0777-2857108企业养老",
            [("0777-2833189", "机关事业"), ("0777-2857108", "企业养老")],
        ),
        (
            "0777-2833189（机关事业）、0777-2857108（企业养老）",
            [("0777-2833189", "机关事业"), ("0777-2857108", "企业养老")],
        ),
        ("0777-2833189机关事业", [("0777-2833189", "机关事业")]),
    ],
)
def test_a_label_behind_its_number_goes_with_it(text: str, expected: Pairs) -> None:
    assert pairs(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "企业0777-2833189机关0777-2857108养老",
        "0777-2833189机关0777-2857108",
        "企业0777-2833005机关",
        "0777-2833189、0777-2857108企业养老",
    ],
)
def test_a_label_that_could_belong_to_either_number_is_refused(text: str) -> None:
    with pytest.raises(PhoneError, match="不清楚"):
        parse_phones(text)


@pytest.mark.parametrize(
    "text", ["即时反馈", "附件1", "2022年1月1日", "[image: image27.jpg]", "123456", "123456789012345"]
)
def test_a_line_without_a_number_has_no_phone(text: str) -> None:
    assert not has_phone(text)
    assert parse_phones(text) == []


numbers = st.from_regex(r"0[37]\d{2}[-—－][2-9]\d{6}", fullmatch=True)
names = st.sampled_from(["机关事业单位", "企业养老", "居民"])


@given(st.lists(st.tuples(names, numbers), min_size=1, max_size=4))
def test_labels_before_their_numbers_are_paired_and_no_character_is_lost(entries: list[tuple[str, str]]) -> None:
    text = "，".join(name + number for name, number in entries)
    parts = parse_phones(text)
    assert [part.phone.label for part in parts] == [name for name, _ in entries]
    assert "".join(part.text for part in parts) == text
