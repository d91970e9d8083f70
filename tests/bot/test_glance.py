"""A glance at the open tickets shows all that can change of them, in one cheap query."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.desk.glance import OpenTicket, glance_at
from bot.desk.store import TicketStore
from bot.desk.ticket import Author, Reason, TicketState
from bot.records.database import Database
from tests.bot.databases import KINDS, new_database, scanned_tables

OFFICE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 26, 12, 0, tzinfo=OFFICE)
MINUTE = timedelta(minutes=1)


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with new_database(request.param, tmp_path) as url:
        database = Database.open(url)
        yield database
        database.close()


@pytest.fixture
def store(database: Database) -> TicketStore:
    return TicketStore(database, OFFICE)


def open_ticket(store: TicketStore, session: str = "s", reason: Reason = Reason.WISH, at: datetime = NOON) -> str:
    return store.open(session, "web", reason, ["问：工伤认定要什么材料"], at).number


def test_an_empty_desk_shows_nothing(database: Database) -> None:
    glance = glance_at(database)
    assert not (glance.by_number or glance.by_session or glance.places)


def test_a_ticket_that_waits(database: Database, store: TicketStore) -> None:
    number = open_ticket(store)
    wanted = OpenTicket(number, "s", TicketState.WAITING, Reason.WISH, NOON)
    glance = glance_at(database)
    assert (glance.by_number, glance.by_session, glance.places) == ({number: wanted}, {"s": wanted}, {number: 1})


def test_a_ticket_in_an_agents_hands_has_no_place(database: Database, store: TicketStore) -> None:
    number = open_ticket(store)
    store.leave_contact(number, "微信 abc", NOON)
    store.take(number, "李敏", NOON)
    glance = glance_at(database)
    ticket = glance.by_number[number]
    assert (ticket.state, ticket.agent, ticket.has_contact) == (TicketState.TAKEN, "李敏", True)
    assert not glance.places


def test_places_are_those_of_the_queue(database: Database, store: TicketStore) -> None:
    for minute, reason in enumerate((Reason.WISH, Reason.ANGER, Reason.CRISIS, Reason.WISH)):
        open_ticket(store, str(minute), reason, NOON - minute * MINUTE)
    waiting = [ticket.number for ticket in store.waiting()]
    assert glance_at(database).places == {number: place for place, number in enumerate(waiting, 1)}


def test_what_is_said_shows_and_whether_it_has_arrived(database: Database, store: TicketStore) -> None:
    number = open_ticket(store)
    store.take(number, "李敏", NOON)
    store.say(number, Author.RESIDENT, None, "在吗", NOON)
    before = glance_at(database).by_number[number]
    store.say(number, Author.AGENT, "李敏", "在", NOON)
    after = glance_at(database).by_number[number]
    assert 0 < before.said < after.said
    assert (before.has_undelivered, after.has_undelivered) == (False, True)
    store.deliver("s", lambda _connection, message: message)
    assert not glance_at(database).by_number[number].has_undelivered


def test_a_ticket_that_has_ended_is_out_of_sight(database: Database, store: TicketStore) -> None:
    open_ticket(store)
    store.call_off("s", NOON)
    assert not glance_at(database).by_number


def test_a_glance_walks_through_no_table(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path}/service.db")
    with scanned_tables(database.engine) as scans:
        glance_at(database)
    database.close()
    assert not scans
