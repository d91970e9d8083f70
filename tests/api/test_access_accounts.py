"""Accounts: what an admin can do to them, what nobody can, and that all of it is in the log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import FastAPI

from api.access.audit import Act
from api.access.role import Role
from tests.api.office import NEW_PASSWORD, PASSWORD, Browser, Office, new_app, opened_office
from tests.api.test_http import assert_problem

if TYPE_CHECKING:
    from bot.runtime.engine import Engine


@pytest.fixture(scope="module")
def app(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return new_app(engine, tmp_path_factory.mktemp("service"))


@pytest.fixture
def office(app: FastAPI, tmp_path: Path) -> Iterator[Office]:
    with opened_office(app, tmp_path) as office:
        office.add("主任", Role.ADMIN)
        yield office


@pytest.fixture
def admin(office: Office) -> Browser:
    return office.logged_in("主任")


def new(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "password": PASSWORD, **more}


CALLS = [
    ("GET", "accounts"),
    ("POST", "accounts"),
    ("PATCH", "accounts/主任"),
    ("DELETE", "accounts/主任/sessions"),
    ("GET", "audit"),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_accounts_are_an_admins_matter(office: Office, method: str, path: str) -> None:
    office.add("编辑", Role.EDITOR)
    body = new("李四") if method == "POST" else {"disabled": True}
    response = office.logged_in("编辑").send(method, path, None if method == "GET" else body)
    assert assert_problem(response, 403)["code"] == "role_needed"


def test_an_admin_makes_an_account(office: Office, admin: Browser) -> None:
    response = admin.send("POST", "accounts", new("李四", role="agent"))
    assert response.status_code == 201
    assert (response.json()["name"], response.json()["role"], response.json()["disabled"]) == ("李四", "agent", False)
    assert office.browser().log_in("李四").json()["role"] == "agent"


def test_a_new_account_can_do_little(admin: Browser) -> None:
    assert admin.send("POST", "accounts", new("李四")).json()["role"] == "clerk"


@pytest.mark.parametrize("name", ["阿不都·热合曼", "Li Si", "li.si-2", "é" * 32, "e\u0301" * 32])
def test_names_as_people_have_them_are_admitted(admin: Browser, name: str) -> None:
    assert admin.send("POST", "accounts", new(name)).status_code == 201


@pytest.mark.parametrize(
    "name", ["李", "a" * 33, " 李四", "李四 ", "李/四", "..", "李\u200b四", "李\n四", "<b>李四", "__", "李四\u202e"]
)
def test_what_is_no_name_is_refused(admin: Browser, name: str) -> None:
    assert assert_problem(admin.send("POST", "accounts", new(name)), 422)["code"] == "bad_name"


@pytest.mark.parametrize("name", ["主任", "HUANG", "ｈuang"])
def test_a_name_is_given_once(office: Office, admin: Browser, name: str) -> None:
    office.add("huang")
    assert assert_problem(admin.send("POST", "accounts", new(name)), 409)["code"] == "name_taken"


def test_a_weak_password_makes_no_account(admin: Browser) -> None:
    response = admin.send("POST", "accounts", {"name": "李四", "password": "1234567890"})
    assert assert_problem(response, 422)["code"] == "password_too_common"
    assert [account["name"] for account in admin.get("accounts").json()["accounts"]] == ["主任"]


def test_a_role_that_is_none_is_refused_without_repeating_the_password(admin: Browser) -> None:
    response = admin.send("POST", "accounts", new("李四", role="king"))
    assert_problem(response, 422)
    assert PASSWORD not in response.text


def test_the_list_tells_who_is_logged_in_how_often(office: Office, admin: Browser) -> None:
    office.add("李四")
    office.logged_in("李四")
    office.logged_in("李四")
    accounts = admin.get("accounts").json()["accounts"]
    assert {account["name"]: account["sessions"] for account in accounts} == {"主任": 1, "李四": 2}


def test_disabling_shows_somebody_the_door(office: Office, admin: Browser) -> None:
    office.add("李四")
    browser = office.logged_in("李四")
    assert admin.send("PATCH", "accounts/李四", {"disabled": True}).json()["disabled"] is True
    assert not browser.is_in
    admin.send("PATCH", "accounts/李四", {"disabled": False})
    assert not browser.is_in
    assert office.browser().log_in("李四").status_code == 200


def test_a_forgotten_password_is_replaced(office: Office, admin: Browser) -> None:
    office.add("李四")
    browser = office.logged_in("李四")
    for _ in range(5):
        office.browser().log_in("李四", "a wrong password")
    assert admin.send("PATCH", "accounts/李四", {"password": NEW_PASSWORD}).status_code == 200
    assert not browser.is_in
    assert office.browser().log_in("李四", NEW_PASSWORD).status_code == 200


def test_a_new_role_keeps_the_session(office: Office, admin: Browser) -> None:
    office.add("李四")
    browser = office.logged_in("李四")
    assert admin.send("PATCH", "accounts/李四", {"role": "editor"}).json()["role"] == "editor"
    assert browser.get("me").json()["role"] == "editor"


def test_an_admin_logs_somebody_out_everywhere(office: Office, admin: Browser) -> None:
    office.add("李四")
    browsers = [office.logged_in("李四"), office.logged_in("李四")]
    assert admin.send("DELETE", "accounts/李四/sessions").json() == {"ended": 2}
    assert not any(browser.is_in for browser in browsers)


@pytest.mark.parametrize(("method", "path"), [("PATCH", "accounts/nobody"), ("DELETE", "accounts/nobody/sessions")])
def test_an_account_that_is_not_there_is_not_found(admin: Browser, method: str, path: str) -> None:
    response = admin.send(method, path, {"role": "clerk"})
    assert assert_problem(response, 404)["code"] == "no_such_account"


@pytest.mark.parametrize("change", [{"disabled": True}, {"role": "editor"}])
def test_the_last_admin_stays(office: Office, admin: Browser, change: dict[str, Any]) -> None:
    office.add("前主任", Role.ADMIN)
    office.access.change_account("前主任", disabled=True)
    response = admin.send("PATCH", "accounts/主任", change)
    assert assert_problem(response, 409)["code"] == "last_admin"
    assert admin.get("me").json()["role"] == "admin"


def test_one_of_two_admins_can_go(office: Office, admin: Browser) -> None:
    office.add("副主任", Role.ADMIN)
    assert admin.send("PATCH", "accounts/主任", {"role": "editor"}).status_code == 200


def test_every_change_of_an_account_is_in_the_log(office: Office, admin: Browser) -> None:
    admin.send("POST", "accounts", new("李四"))
    admin.send("PATCH", "accounts/李四", {"role": "agent", "disabled": True, "password": NEW_PASSWORD})
    admin.send("PATCH", "accounts/李四", {"disabled": False})
    admin.send("DELETE", "accounts/李四/sessions")
    entries = admin.get("audit").json()["entries"]
    assert [(entry["what"], entry["about"]) for entry in entries[:6]] == [
        ("sessions_ended", "李四"),
        ("account_enabled", "李四"),
        ("password_reset", "李四"),
        ("account_disabled", "李四"),
        ("role_changed", "李四 (agent)"),
        ("account_added", "李四 (clerk)"),
    ]
    assert {entry["who"] for entry in entries[:6]} == {"主任"}
    assert {entry["address"] for entry in entries[:6]} == {"203.0.113.5"}


def test_the_log_is_read_page_by_page(office: Office, admin: Browser) -> None:
    for number in range(5):
        office.access.audit.add(office.clock(), "主任", Act.ROLE_CHANGED, str(number))
    first = admin.get("audit?limit=3").json()
    second = admin.get(f"audit?limit=3&before={first['next']}").json()
    assert [entry["about"] for entry in first["entries"] + second["entries"]][:5] == ["4", "3", "2", "1", "0"]
    ids = [entry["id"] for entry in first["entries"] + second["entries"]]
    assert ids == sorted(set(ids), reverse=True)


def test_the_last_page_of_the_log_says_so(admin: Browser) -> None:
    assert admin.get("audit").json()["next"] is None


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "before=0", "before=x", f"before={2**64}"])
def test_a_page_that_is_none_is_refused(admin: Browser, query: str) -> None:
    assert_problem(admin.get(f"audit?{query}"), 422)
