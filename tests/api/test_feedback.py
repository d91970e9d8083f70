"""Feedback: one thumb a reply, kept without the session's name, its comment masked and forgotten like a text."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from bot.query import Decision
from bot.records.database import Database
from bot.records.feedback import Feedback, FeedbackReason, FeedbackStore, Thumb
from tests.api.service import Resident
from tests.api.test_http import assert_problem
from tests.bot.databases import KINDS, everything_in, new_database

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
DAY = timedelta(days=1)
GIVEN = Feedback(
    session="resident-4711",
    seq=7,
    at=NOON,
    thumb=Thumb.DOWN,
    reason=FeedbackReason.WRONG_ITEM,
    comment="我问的是居民养老",
    decision=Decision.ANSWER,
    items=("retirement_normal",),
    facets=("materials",),
)


# ---------------------------------------------------------------- the call


@pytest.fixture
def resident(client: TestClient) -> Resident:
    return Resident(**client.post("/api/v1/sessions").json())


@pytest.fixture
def reply(client: TestClient, resident: Resident) -> dict[str, Any]:
    body = {"session_id": resident.session_id, "text": "我退休要带什么材料"}
    reply: dict[str, Any] = client.post("/api/v1/chat", json=body, headers=resident.headers).json()
    return reply


def give(client: TestClient, resident: Resident, seq: object, **more: Any) -> Response:
    body = {"session_id": resident.session_id, "seq": seq, "thumb": "down", **more}
    return client.post("/api/v1/feedback", json=body, headers=resident.headers)


def given(engine: Engine, seq: int) -> list[Feedback]:
    """Return what is kept about the reply of that number."""
    return [one for one in FeedbackStore(engine.database).read(NOON - 9999 * DAY) if one.seq == seq]


def test_a_thumb_is_kept_with_what_the_reply_was_about(
    client: TestClient, engine: Engine, resident: Resident, reply: dict[str, Any]
) -> None:
    response = give(client, resident, reply["seq"], reason="incomplete", comment="少了一份")
    assert (response.status_code, response.content) == (204, b"")
    (kept,) = given(engine, reply["seq"])
    assert (kept.thumb, kept.reason, kept.comment) == (Thumb.DOWN, FeedbackReason.INCOMPLETE, "少了一份")
    assert (kept.decision, kept.items[0], kept.facets) == (Decision.ANSWER, "retirement_normal", ("materials",))


def test_a_later_thumb_takes_the_place_of_the_earlier(
    client: TestClient, engine: Engine, resident: Resident, reply: dict[str, Any]
) -> None:
    give(client, resident, reply["seq"], reason="unclear", comment="看不懂")
    give(client, resident, reply["seq"], thumb="up")
    (kept,) = given(engine, reply["seq"])
    assert (kept.thumb, kept.reason, kept.comment) == (Thumb.UP, None, None)


def test_personal_numbers_in_a_comment_are_masked(
    client: TestClient, engine: Engine, resident: Resident, reply: dict[str, Any]
) -> None:
    give(client, resident, reply["seq"], comment="打我电话13800138000")
    assert [kept.comment for kept in given(engine, reply["seq"])] == ["打我电话〔手机号〕"]


def test_only_the_bots_replies_have_thumbs(
    client: TestClient, engine: Engine, resident: Resident, reply: dict[str, Any]
) -> None:
    own = engine.transcripts.read(resident.session_id)[0].seq
    assert_problem(give(client, resident, own), 404)
    assert_problem(give(client, resident, reply["seq"] + 1), 404)
    assert not given(engine, own)


def test_nobody_judges_a_reply_to_somebody_else(
    client: TestClient, engine: Engine, resident: Resident, reply: dict[str, Any]
) -> None:
    other = Resident(**client.post("/api/v1/sessions").json())
    assert_problem(give(client, other, reply["seq"]), 404)
    assert not given(engine, reply["seq"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"seq": 0},
        {"seq": "1"},
        {"seq": True},
        {"seq": 2**63},
        {"thumb": "sideways"},
        {"thumb": None},
        {"reason": "because"},
        {"comment": "字" * 201},
        {"comment": ["a"]},
    ],
)
def test_feedback_that_makes_no_sense_is_a_problem(
    client: TestClient, resident: Resident, wrong: dict[str, object]
) -> None:
    assert_problem(give(client, resident, **{"seq": 1, **wrong}), 422)


def test_erasing_the_session_erases_its_thumbs(
    client: TestClient, engine: Engine, resident: Resident, reply: dict[str, Any]
) -> None:
    give(client, resident, reply["seq"])
    client.delete(f"/api/v1/sessions/{resident.session_id}", headers=resident.headers)
    assert not given(engine, reply["seq"])


# ---------------------------------------------------------------- the store


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with new_database(request.param, tmp_path) as url:
        database = Database.open(url)
        yield database
        database.close()


@pytest.fixture
def store(database: Database) -> FeedbackStore:
    return FeedbackStore(database, figures_longer=10 * DAY)


def test_feedback_comes_back_as_it_was_but_for_its_session(store: FeedbackStore) -> None:
    store.give(GIVEN)
    (kept,) = store.read(NOON)
    assert kept.session != GIVEN.session
    assert replace(kept, session=GIVEN.session) == GIVEN


def test_feedback_of_one_session_can_be_told_together(store: FeedbackStore) -> None:
    for number, session in enumerate(("a", "b", "a"), 1):
        store.give(replace(GIVEN, seq=number, session=session))
    first, second, third = (kept.session for kept in store.read(NOON))
    assert first == third != second


def test_no_table_names_the_session(database: Database, store: FeedbackStore) -> None:
    store.give(GIVEN)
    assert GIVEN.session not in everything_in(database.engine)


def test_erasing_takes_one_session_and_no_other(database: Database, store: FeedbackStore) -> None:
    store.give(GIVEN)
    store.give(replace(GIVEN, seq=8, session="somebody else"))
    FeedbackStore(database).erase(GIVEN.session)
    assert [kept.seq for kept in store.read(NOON)] == [8]


def test_reading_begins_where_it_is_asked_to(store: FeedbackStore) -> None:
    for number in itertools.islice(itertools.count(1), 3):
        store.give(replace(GIVEN, seq=number, at=NOON + number * DAY))
    assert [kept.seq for kept in store.read(NOON + 2 * DAY)] == [2, 3]


def test_a_comment_is_forgotten_like_a_text_and_its_thumb_later(database: Database, store: FeedbackStore) -> None:
    for number in range(1, 4):
        store.give(replace(GIVEN, seq=number, at=NOON - number * 7 * DAY, comment=f"comment {number}"))
    assert store.prune(NOON - 8 * DAY) == 2
    assert [(kept.seq, kept.comment) for kept in store.read(NOON - 99 * DAY)] == [(2, None), (1, "comment 1")]
    assert "comment 2" not in everything_in(database.engine)
    assert store.prune(NOON - 8 * DAY) == 0
