"""The office's own settings: opening hours are the office's, said when set and absent when not, and never guessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time

import pytest

from bot.dates.hours import OfficeHours
from bot.office import office_of
from bot.query import Decision
from bot.settings import OFFICE_TIME
from bot.wording import Wording
from knowledge.vocabulary import OpeningSpan, Vocabulary
from tests.bot.making import Talk, fact, ground_of, item, query, speech_of, texts_of

HOURS = OfficeHours((OpeningSpan(time(9), time(12)), OpeningSpan(time(13, 30), time(17))))
GROUND = ground_of(item("retire", "职工正常退休", fact("档案", 11)))


def told(at: datetime, hours: OfficeHours | None = HOURS) -> list[str]:
    """Return what is said to who asks for the hours *at* that time."""
    talk = Talk(GROUND, speech_of(at.replace(tzinfo=OFFICE_TIME), hours=hours))
    return texts_of(talk.say(query("你们几点上班", Decision.OOS, topic="daily")))


def test_hours_that_are_set_are_given_as_the_offices_own_and_not_the_guides(wording: Wording) -> None:
    first = told(datetime(2026, 6, 1, 10))[0]
    assert first == wording.say("opening_hours", hours="09:00到12:00、13:30到17:00", office="某市社保中心")
    assert "指南里没有写" in first


def test_hours_that_are_not_set_are_not_guessed(wording: Wording) -> None:
    assert told(datetime(2026, 6, 1, 10), None) == [wording.say("oos_opening_hours")]


NOW_OPEN = datetime(2026, 6, 1, 10)
CLOSED = [
    (datetime(2026, 6, 1, 8), "2026年6月1日（星期一）09:00"),
    (datetime(2026, 6, 1, 12, 30), "2026年6月1日（星期一）13:30"),
    (datetime(2026, 6, 1, 18), "2026年6月2日（星期二）09:00"),
    (datetime(2026, 6, 6, 10), "2026年6月8日（星期一）09:00"),
    (datetime(2026, 6, 19, 10), "2026年6月22日（星期一）09:00"),
]


def test_while_it_is_open_that_is_said(wording: Wording) -> None:
    assert told(NOW_OPEN)[1:] == [wording.say("office_open")]


@pytest.mark.parametrize(("at", "opening"), CLOSED)
def test_while_it_is_closed_it_is_said_when_it_opens_holidays_counted(at: datetime, opening: str) -> None:
    [said] = told(at)[1:]
    assert opening in said


def test_in_a_year_whose_holidays_are_not_known_only_the_hours_are_said() -> None:
    assert len(told(datetime(2100, 1, 4, 10))) == 1


def test_the_office_of_the_vocabulary_has_what_is_set_there_and_nothing_else(vocabulary: Vocabulary) -> None:
    office = office_of(replace(vocabulary, hours=HOURS.spans, complaint_phone="0999-1234567", map_link=None))
    assert (office.city, office.hours, office.complaint_phone, office.map_link) == (
        vocabulary.city,
        HOURS,
        "0999-1234567",
        None,
    )


def test_this_office_has_set_no_hours_as_the_guide_gives_none(vocabulary: Vocabulary) -> None:
    assert office_of(vocabulary).hours is None
