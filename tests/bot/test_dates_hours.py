"""When the office is open: by office.yml, on the working days of 2026. Unset hours are none, broken ones an error."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dates.hours import OfficeHours, find_hours
from knowledge.vocabulary import OpeningSpan, Vocabulary, VocabularyError, load_vocabulary

HOURS = OfficeHours((OpeningSpan(time(9), time(12)), OpeningSpan(time(13, 30), time(17))))


def test_hours_are_read_from_the_offices_file(tmp_path: Path) -> None:
    vocabulary = office(tmp_path, '{weekdays: ["09:00-12:00", "13:30-17:00"]}')
    assert find_hours(vocabulary) == HOURS


def test_an_office_that_sets_none_has_none(tmp_path: Path) -> None:
    assert find_hours(office(tmp_path, None)) is None


def test_ours_sets_none_because_the_guide_gives_none(vocabulary: Vocabulary) -> None:
    assert find_hours(vocabulary) is None


@pytest.mark.parametrize(
    "hours",
    [
        "",
        "always",
        "[]",
        "{}",
        "{weekdays: []}",
        '{weekdays: "09:00-12:00"}',
        '{monday: ["09:00-12:00"]}',
        '{weekdays: ["09:00-12:00"], saturday: ["09:00-12:00"]}',
    ],
)
def test_hours_that_are_no_list_of_weekdays_are_refused(tmp_path: Path, hours: str) -> None:
    with pytest.raises(VocabularyError, match=r"office\.yml: hours: "):
        office(tmp_path, hours)


@pytest.mark.parametrize(
    "span",
    ["9:00-12:00", "09:00", "09:00-25:00", "09:00 - 12:00", "12:00-09:00", "09:00-09:00", "上午", "09:00-12:00-13:00"],
)
def test_a_span_that_is_none_is_refused(tmp_path: Path, span: str) -> None:
    with pytest.raises(VocabularyError, match=r"office\.yml: hours\.weekdays: "):
        office(tmp_path, f'{{weekdays: ["{span}"]}}')


@pytest.mark.parametrize("second", ["11:00-17:00", "08:00-09:00", "12:00-17:00"])
def test_spans_that_meet_or_go_back_are_refused(tmp_path: Path, second: str) -> None:
    with pytest.raises(VocabularyError, match="later than the one before"):
        office(tmp_path, f'{{weekdays: ["09:00-12:00", "{second}"]}}')


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (datetime(2026, 11, 26, 8, 59), False),
        (datetime(2026, 11, 26, 9, 0), True),
        (datetime(2026, 11, 26, 11, 59), True),
        (datetime(2026, 11, 26, 12, 0), False),
        (datetime(2026, 11, 26, 12, 30), False),
        (datetime(2026, 11, 26, 16, 59), True),
        (datetime(2026, 11, 26, 17, 0), False),
        (datetime(2026, 11, 28, 10, 0), False),  # a Saturday
        (datetime(2026, 10, 1, 10, 0), False),  # a Thursday, the national day
        (datetime(2026, 10, 10, 10, 0), True),  # a Saturday that is worked
    ],
)
def test_the_office_is_open_in_its_hours_of_working_days(at: datetime, is_open: bool) -> None:
    assert HOURS.is_open(at) is is_open


@pytest.mark.parametrize(
    ("at", "opening"),
    [
        (datetime(2026, 11, 26, 7, 0), datetime(2026, 11, 26, 9, 0)),
        (datetime(2026, 11, 26, 9, 0), datetime(2026, 11, 26, 9, 0)),
        (datetime(2026, 11, 26, 10, 0), datetime(2026, 11, 26, 13, 30)),
        (datetime(2026, 11, 26, 18, 0), datetime(2026, 11, 27, 9, 0)),
        (datetime(2026, 11, 27, 18, 0), datetime(2026, 11, 30, 9, 0)),  # over a weekend
        (datetime(2026, 9, 30, 18, 0), datetime(2026, 10, 8, 9, 0)),  # over the national day
        (datetime(2026, 10, 9, 18, 0), datetime(2026, 10, 10, 9, 0)),  # a Saturday that is worked
    ],
)
def test_the_office_opens_next(at: datetime, opening: datetime) -> None:
    assert HOURS.next_opening(at) == opening


def test_in_a_year_that_is_not_known_nothing_is_guessed() -> None:
    monday = datetime(2100, 3, 1, 10, 0)
    assert HOURS.is_open(monday) is None
    assert HOURS.next_opening(monday) is None


def test_an_opening_keeps_the_time_zone_of_the_question() -> None:
    shanghai = timezone(timedelta(hours=8))
    opening = HOURS.next_opening(datetime(2026, 11, 26, 18, 0, tzinfo=shanghai))
    assert opening is not None
    assert opening.isoformat() == "2026-11-27T09:00:00+08:00"


@given(st.datetimes(datetime(2020, 1, 1), datetime(2025, 12, 20)))
def test_the_office_is_open_when_it_opens_next(at: datetime) -> None:
    opening = HOURS.next_opening(at)
    assert opening is not None
    assert opening >= at
    assert HOURS.is_open(opening)


def office(folder: Path, hours: str | None) -> Vocabulary:
    """Return the vocabulary of an office whose file says so of its hours; None: does not mention them."""
    said = "" if hours is None else f"hours: {hours}\n"
    (folder / "office.yml").write_text(f"office: 澜江市社会保险服务中心\ncity: 澜江\n{said}", encoding="utf-8")
    return load_vocabulary(folder)
