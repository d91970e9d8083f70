"""Days counted on, by the calendar or by the State Council's working days (工作日). No clock: every date comes in."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

import chinese_calendar


class UnknownYear(LookupError):  # noqa: N818 - says what is the matter, as a reader of `except UnknownYear` wants it
    """Holidays and moved working days of *year* are not known, so nothing is counted through it."""

    def __init__(self, year: int) -> None:
        super().__init__(f"the working days of {year} are not known")
        self.year = year


def is_workday(day: date) -> bool:
    """Tell whether offices work on *day*, moved working days (调休上班) included. Raises UnknownYear.

    The notice for a year has moved days of the December before it: 29 December 2018 became a working Saturday.
    So the last days of the last year known stand until the calendar learns the next one.
    """
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError as error:
        raise UnknownYear(day.year) from error


def add_workdays(start: date, count: int) -> date:
    """Return the *count*th working day after *start*, which is not counted itself. Raises UnknownYear."""
    if count < 0:
        raise ValueError(f"{count} working days cannot be added")
    day = start
    while count:
        day += timedelta(days=1)
        count -= is_workday(day)
    return day


def add_days(start: date, count: int) -> date:
    """Return the *count*th calendar day after *start*, which is not counted itself."""
    return start + timedelta(days=count)


def add_months(start: date, count: int) -> date:
    """Return the day of that number *count* months on, or back; the month's last where it has no such day."""
    first = first_of_month(start, count)
    return first.replace(day=min(start.day, calendar.monthrange(first.year, first.month)[1]))


def first_of_month(day: date, months: int = 0) -> date:
    """Return the first day of the month that lies *months* after that of *day*."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def end_of_month(day: date, months: int = 0) -> date:
    """Return the last day of the month that lies *months* after that of *day*."""
    return first_of_month(day, months + 1) - timedelta(days=1)


def end_of_year(day: date, years: int = 0) -> date:
    """Return the last day of the year that lies *years* after that of *day*."""
    return date(day.year + years, 12, 31)
