"""The office's notes on items, and pins: who may write, change and delete them, and what is kept of it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI

from api.access.audit import Act
from api.access.role import Role
from bot.records.database import Database
from bot.records.notes import MOST_NOTES, MOST_PINS, NoteStore, PinStore
from bot.settings import OFFICE_TIME
from knowledge.model import Facet
from tests.api.office import Browser, Office, new_app, opened_office
from tests.api.test_http import assert_problem
from tests.bot.engines import refusing_writes

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

ITEM, OTHER, THIRD = "card_replace", "card_loss_report", "retirement_normal"
TEXT = "每月25日后到窗口，当月来不及办。"
MARKUP = "<script>document.title=1</script>"
NOW = datetime(2024, 3, 4, 9, 0, tzinfo=OFFICE_TIME)


@pytest.fixture(scope="module")
def app(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return new_app(engine, tmp_path_factory.mktemp("service"))


@pytest.fixture
def office(app: FastAPI, tmp_path: Path) -> Iterator[Office]:
    with opened_office(app, tmp_path) as office:
        database = Database.open(office.url)
        app.state.notes, app.state.pins = NoteStore(database), PinStore(database)
        office.add("黄小梅")
        office.add("李四")
        office.add("韦编辑", Role.EDITOR)
        yield office
        database.close()


@pytest.fixture
def clerk(office: Office) -> Browser:
    return office.logged_in("黄小梅")


def write(browser: Browser, text: str = TEXT, item: str = ITEM, facet: str | None = None) -> dict[str, Any]:
    response = browser.send("POST", f"items/{item}/notes", {"text": text, "facet": facet})
    assert response.status_code == 201, response.text
    note: dict[str, Any] = response.json()
    return note


def notes_on(browser: Browser, item: str = ITEM) -> list[dict[str, Any]]:
    notes: list[dict[str, Any]] = browser.get(f"items/{item}/notes").json()["notes"]
    return notes


def pins_of(browser: Browser) -> list[str]:
    return [pin["id"] for pin in browser.get("pins").json()["pins"]]


# ---------------------------------------------------------------- notes


def test_a_note_is_there_for_everybody_with_its_author(office: Office, clerk: Browser) -> None:
    written = write(clerk, facet="materials")
    (read,) = notes_on(office.logged_in("李四"))
    assert (read["text"], read["author"], read["facet"]) == (TEXT, "黄小梅", "materials")
    assert read["written"] == written["written"]


def test_notes_belong_to_their_item(clerk: Browser) -> None:
    write(clerk)
    assert notes_on(clerk, OTHER) == []


def test_notes_come_in_the_order_in_which_they_were_written(clerk: Browser) -> None:
    for text in "一二三":
        write(clerk, text)
    assert [note["text"] for note in notes_on(clerk)] == ["一", "二", "三"]


def test_a_note_says_what_its_reader_may_do_with_it(office: Office, clerk: Browser) -> None:
    write(clerk)
    may = {
        name: (note["may_change"], note["may_delete"])
        for name in ("黄小梅", "李四", "韦编辑")
        for note in notes_on(office.logged_in(name))
    }
    assert may == {"黄小梅": (True, True), "李四": (False, False), "韦编辑": (False, True)}


def test_its_author_changes_a_note(clerk: Browser) -> None:
    note = write(clerk)
    response = clerk.send("PUT", f"notes/{note['id']}", {"text": "改过了", "facet": "fee"})
    assert response.status_code == 200
    (read,) = notes_on(clerk)
    assert (read["text"], read["facet"]) == ("改过了", "fee")
    assert read["changed"] is not None


@pytest.mark.parametrize("name", ["李四", "韦编辑"])
def test_nobody_else_changes_a_note(office: Office, clerk: Browser, name: str) -> None:
    note = write(clerk)
    response = office.logged_in(name).send("PUT", f"notes/{note['id']}", {"text": "改过了"})
    assert assert_problem(response, 403)["code"] == "not_yours"
    assert notes_on(clerk)[0]["text"] == TEXT


@pytest.mark.parametrize(("name", "status"), [("黄小梅", 204), ("韦编辑", 204), ("李四", 403)])
def test_its_author_and_editors_delete_a_note(office: Office, clerk: Browser, name: str, status: int) -> None:
    note = write(clerk)
    assert office.logged_in(name).send("DELETE", f"notes/{note['id']}").status_code == status
    assert len(notes_on(clerk)) == (status == 403)


def test_a_deleted_note_is_gone(clerk: Browser) -> None:
    note = write(clerk)
    clerk.send("DELETE", f"notes/{note['id']}")
    assert assert_problem(clerk.send("DELETE", f"notes/{note['id']}"), 404)["code"] == "no_such_note"
    assert_problem(clerk.send("PUT", f"notes/{note['id']}", {"text": TEXT}), 404)


@pytest.mark.parametrize("number", ["110101199003074514", "6222021234567890123", "13812345678"])
def test_personal_numbers_in_a_note_are_not_kept(clerk: Browser, number: str) -> None:
    assert number not in write(clerk, f"张三 {number}")["text"]
    assert number not in notes_on(clerk)[0]["text"]


def test_markup_in_a_note_stays_as_it_was_written(clerk: Browser) -> None:
    assert write(clerk, MARKUP)["text"] == MARKUP


@pytest.mark.parametrize(
    "body", [{}, {"text": ""}, {"text": " \n "}, {"text": "长" * 501}, {"text": 7}, {"text": TEXT, "facet": "colour"}]
)
def test_what_is_no_note_is_refused(clerk: Browser, body: dict[str, Any]) -> None:
    assert_problem(clerk.send("POST", f"items/{ITEM}/notes", body), 422)
    assert notes_on(clerk) == []


def test_an_item_has_only_so_many_notes(office: Office, app: FastAPI, clerk: Browser) -> None:
    for number in range(MOST_NOTES):
        app.state.notes.add(ITEM, None, str(number), "李四", NOW)
    response = clerk.send("POST", f"items/{ITEM}/notes", {"text": TEXT})
    assert assert_problem(response, 409)["code"] == "too_many_notes"
    assert len(notes_on(clerk)) == MOST_NOTES


def test_notes_that_come_at_once_are_all_kept(app: FastAPI, clerk: Browser) -> None:
    def add(number: int) -> None:
        app.state.notes.add(ITEM, Facet.FEE, str(number), "李四", NOW)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(add, range(24)))
    assert sorted(int(note["text"]) for note in notes_on(clerk)) == list(range(24))


def test_what_is_done_with_notes_is_in_the_log(office: Office, clerk: Browser) -> None:
    note = write(clerk)
    clerk.send("PUT", f"notes/{note['id']}", {"text": "改过了"})
    office.logged_in("韦编辑").send("DELETE", f"notes/{note['id']}")
    acts = [(entry.what, entry.who, entry.about) for entry in office.log if entry.about]
    about = f"{ITEM} {note['id']}"
    assert acts[:3] == [
        (Act.NOTE_DELETED, "韦编辑", about),
        (Act.NOTE_CHANGED, "黄小梅", about),
        (Act.NOTE_ADDED, "黄小梅", about),
    ]


def test_what_a_note_says_is_not_in_the_log(office: Office, clerk: Browser) -> None:
    write(clerk)
    assert not [entry for entry in office.log if TEXT in str(entry)]


def test_without_its_table_a_note_is_put_off(office: Office, clerk: Browser) -> None:
    with refusing_writes(office.url, "staff_notes"):
        response = clerk.send("POST", f"items/{ITEM}/notes", {"text": TEXT})
    assert assert_problem(response, 503)["code"] == "store_away"


# ---------------------------------------------------------------- pins


def test_pins_come_in_the_order_in_which_they_were_set(clerk: Browser) -> None:
    for item in (OTHER, ITEM, THIRD):
        assert clerk.send("PUT", f"pins/{item}", {}).status_code == 200
    assert pins_of(clerk) == [OTHER, ITEM, THIRD]


def test_a_pin_set_again_stays_where_it_is(clerk: Browser) -> None:
    for item in (OTHER, ITEM, OTHER):
        clerk.send("PUT", f"pins/{item}", {})
    assert pins_of(clerk) == [OTHER, ITEM]


@pytest.mark.parametrize(
    ("place", "order"), [(0, [THIRD, OTHER, ITEM]), (1, [OTHER, THIRD, ITEM]), (9, [OTHER, ITEM, THIRD])]
)
def test_a_pin_is_moved_to_a_place(clerk: Browser, place: int, order: list[str]) -> None:
    for item in (OTHER, ITEM, THIRD):
        clerk.send("PUT", f"pins/{item}", {})
    response = clerk.send("PUT", f"pins/{THIRD}", {"place": place})
    assert [pin["id"] for pin in response.json()["pins"]] == order
    assert pins_of(clerk) == order


def test_a_pin_is_taken_away(clerk: Browser) -> None:
    for item in (OTHER, ITEM):
        clerk.send("PUT", f"pins/{item}", {})
    clerk.send("DELETE", f"pins/{OTHER}")
    assert pins_of(clerk) == [ITEM]


def test_everybody_has_pins_of_their_own(office: Office, clerk: Browser) -> None:
    clerk.send("PUT", f"pins/{ITEM}", {})
    assert pins_of(office.logged_in("李四")) == []


def test_an_account_has_only_so_many_pins(engine: Engine, clerk: Browser) -> None:
    ids = [item.id for item in engine.services.base]
    for item in ids[:MOST_PINS]:
        clerk.send("PUT", f"pins/{item}", {})
    response = clerk.send("PUT", f"pins/{ids[MOST_PINS]}", {})
    assert assert_problem(response, 409)["code"] == "too_many_pins"
    assert pins_of(clerk) == ids[:MOST_PINS]


def test_a_pin_of_an_item_that_the_edition_does_not_have_is_not_shown(app: FastAPI, clerk: Browser) -> None:
    app.state.pins.pin("黄小梅", "gone_with_the_last_edition")
    clerk.send("PUT", f"pins/{ITEM}", {})
    assert pins_of(clerk) == [ITEM]


# ---------------------------------------------------------------- who, and of what

CHANGES = [
    ("POST", f"items/{ITEM}/notes", {"text": TEXT}),
    ("PUT", "notes/1", {"text": TEXT}),
    ("DELETE", "notes/1", None),
    ("PUT", f"pins/{ITEM}", {}),
    ("DELETE", f"pins/{ITEM}", None),
]


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
def test_nobody_changes_anything_without_a_session(
    office: Office, method: str, path: str, body: dict[str, Any] | None
) -> None:
    assert assert_problem(office.browser().send(method, path, body), 401)["code"] == "login_needed"


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
def test_a_change_needs_the_sessions_csrf_value(
    clerk: Browser, method: str, path: str, body: dict[str, Any] | None
) -> None:
    clerk.csrf = "0" * 64
    assert assert_problem(clerk.send(method, path, body), 403)["code"] == "csrf"


@pytest.mark.parametrize("path", [f"items/{ITEM}/notes", "pins"])
def test_nobody_reads_notes_or_pins_without_a_session(office: Office, path: str) -> None:
    assert_problem(office.browser().get(path), 401)


@pytest.mark.parametrize(
    ("method", "path", "body"), [("POST", "items/none/notes", {"text": TEXT}), ("PUT", "pins/none", {})]
)
def test_there_is_nothing_to_say_of_an_unknown_item(
    clerk: Browser, method: str, path: str, body: dict[str, Any]
) -> None:
    assert assert_problem(clerk.send(method, path, body), 404)["code"] == "no_such_item"
