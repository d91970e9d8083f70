"""Working days: weekends, holidays and moved working days of 2026; a year that the calendar does not know is said."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dates.workdays import (
    UnknownYear,
    add_days,
    add_months,
    add_workdays,
    end_of_month,
    end_of_year,
    first_of_month,
    is_workday,
)

LAST_KNOWN = max(day.year for day in chinese_calendar.holidays)
KNOWN_DAYS = st.dates(date(2005, 1, 1), date(LAST_KNOWN - 1, 12, 31))
COUNTS = st.integers(0, 90)

DAYS_OF_2026 = [
    (date(2026, 11, 26), True),  # a Thursday
    (date(2026, 11, 28), False),  # a Saturday
    (date(2026, 1, 1), False),
    (date(2026, 1, 4), True),  # a Sunday, for New Year
    (date(2026, 2, 14), True),  # a Saturday, for the spring festival
    (date(2026, 2, 16), False),  # its first Monday
    (date(2026, 2, 23), False),  # its last
    (date(2026, 2, 28), True),  # a Saturday, for the same
    (date(2026, 4, 6), False),
    (date(2026, 6, 19), False),
    (date(2026, 9, 20), True),  # a Sunday, for the national day
    (date(2026, 9, 25), False),
    (date(2026, 10, 7), False),
    (date(2026, 10, 10), True),  # a Saturday, for the same
]


@pytest.mark.parametrize(("day", "works"), DAYS_OF_2026)
def test_offices_work_by_the_calendar_of_the_state_council(day: date, works: bool) -> None:
    assert is_workday(day) is works


COUNTED = [
    (date(2026, 11, 26), 0, date(2026, 11, 26)),
    (date(2026, 11, 26), 1, date(2026, 11, 27)),
    (date(2026, 11, 26), 2, date(2026, 11, 30)),  # over a weekend
    (date(2026, 11, 28), 1, date(2026, 11, 30)),  # from a Saturday
    (date(2026, 9, 28), 2, date(2026, 9, 30)),
    (date(2026, 9, 28), 3, date(2026, 10, 8)),  # over the national day
    (date(2026, 9, 28), 5, date(2026, 10, 10)),  # on a Saturday that is worked
    (date(2026, 2, 13), 1, date(2026, 2, 14)),  # likewise, before the spring festival
    (date(2026, 2, 13), 2, date(2026, 2, 24)),  # behind it
    (date(2026, 2, 13), 6, date(2026, 2, 28)),
    (date(2025, 12, 30), 3, date(2026, 1, 5)),  # over New Year: 31 December, 4 January, 5 January
]


@pytest.mark.parametrize(("start", "count", "day"), COUNTED)
def test_the_day_of_acceptance_is_not_counted(start: date, count: int, day: date) -> None:
    assert add_workdays(start, count) == day


def test_working_days_are_counted_forward_only() -> None:
    with pytest.raises(ValueError, match="-1"):
        add_workdays(date(2026, 11, 26), -1)


def test_counting_into_a_year_that_is_not_known_says_which() -> None:
    with pytest.raises(UnknownYear) as error:
        add_workdays(date(LAST_KNOWN, 12, 31), 1)
    assert error.value.year == LAST_KNOWN + 1


@pytest.mark.parametrize("year", [1999, 2100])
def test_no_day_of_an_unknown_year_is_guessed(year: int) -> None:
    with pytest.raises(UnknownYear, match=str(year)):
        is_workday(date(year, 3, 3))


@given(KNOWN_DAYS, COUNTS.filter(bool))
def test_the_day_reached_is_a_working_day(start: date, count: int) -> None:
    assert is_workday(add_workdays(start, count))


@given(KNOWN_DAYS, COUNTS)
def test_as_many_working_days_lie_between_as_were_added(start: date, count: int) -> None:
    reached = add_workdays(start, count)
    between = [start + timedelta(days=number) for number in range(1, (reached - start).days + 1)]
    assert sum(map(is_workday, between)) == count


@given(KNOWN_DAYS, KNOWN_DAYS, COUNTS)
def test_whoever_starts_later_is_not_done_sooner(one: date, other: date, count: int) -> None:
    earlier, later = sorted((one, other))
    assert add_workdays(earlier, count) <= add_workdays(later, count)


@given(KNOWN_DAYS, COUNTS)
def test_one_working_day_more_ends_later(start: date, count: int) -> None:
    assert add_workdays(start, count) < add_workdays(start, count + 1)


def test_calendar_days_are_counted_over_weekends_and_years() -> None:
    assert add_days(date(2026, 12, 24), 15) == date(2027, 1, 8)


@pytest.mark.parametrize(
    ("start", "count", "day"),
    [
        (date(2026, 11, 26), 1, date(2026, 12, 26)),
        (date(2026, 11, 26), -12, date(2025, 11, 26)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_a_month_without_that_day_ends_on_its_last(start: date, count: int, day: date) -> None:
    assert add_months(start, count) == day


@given(st.dates(date(1950, 1, 1), date(2100, 12, 31)), st.integers(-600, 600))
def test_a_month_runs_from_its_first_day_to_the_day_before_the_next(day: date, months: int) -> None:
    assert first_of_month(day, months).day == 1
    assert end_of_month(day, months) + timedelta(days=1) == first_of_month(day, months + 1)
    assert first_of_month(day) <= day <= end_of_month(day) <= end_of_year(day)
