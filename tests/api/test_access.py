"""Logging in: who is let in, for how long, from which pages; how guessing is stopped."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from fastapi import Depends, FastAPI, WebSocket
from fastapi.testclient import TestClient
from starlette.testclient import WebSocketDenialResponse, WebSocketTestSession

from api.access.account import Staff
from api.access.at_hand import AccessAtHand, require
from api.access.audit import Act
from api.access.role import Role
from tests.api.office import NEW_PASSWORD, PASSWORD, Office, new_app, opened_office
from tests.api.test_http import assert_problem

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

ADMITTED = {role: Depends(require(role)) for role in Role}
AGENT = ADMITTED[Role.AGENT]


@pytest.fixture(scope="module")
def app(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    app = new_app(engine, tmp_path_factory.mktemp("service"))
    add_calls(app)
    return app


@pytest.fixture
def office(app: FastAPI, tmp_path: Path) -> Iterator[Office]:
    with opened_office(app, tmp_path) as office:
        office.add("黄小梅", Role.AGENT)
        yield office


def everything_stored(url: str) -> str:
    """Return every value of the office's tables."""
    engine = sa.create_engine(url, future=True)
    tables = sa.inspect(engine).get_table_names()
    with engine.connect() as connection:
        rows = [row for table in tables for row in connection.exec_driver_sql(f"SELECT * FROM {table}")]
    engine.dispose()
    return "\n".join(map(str, rows))


# ---------------------------------------------------------------- in and out


def test_name_and_password_let_in(office: Office) -> None:
    browser = office.browser()
    data = browser.log_in("黄小梅").json()
    assert (data["name"], data["role"]) == ("黄小梅", "agent")
    assert browser.get("me").json() == data


@pytest.mark.parametrize("typed", ["HUANG.mei", "huang.MEI", "ｈuang.mei"])
def test_a_name_is_the_same_in_large_small_and_wide_letters(office: Office, typed: str) -> None:
    office.add("Huang.Mei")
    assert office.browser().log_in(typed).json()["name"] == "Huang.Mei"


def test_nobody_is_logged_in_without_a_cookie(office: Office) -> None:
    data = assert_problem(office.browser().get("me"), 401)
    assert data["code"] == "login_needed"


def test_a_made_up_token_is_nobodys(office: Office) -> None:
    browser = office.browser()
    browser.client.cookies.set("staff", "A" * 43)
    assert not browser.is_in


def test_wrong_password_and_unknown_name_are_told_alike(office: Office) -> None:
    wrong = office.browser().log_in("黄小梅", "a wrong password")
    unknown = office.browser().log_in("nobody", "a wrong password")
    assert_problem(wrong, 401)
    assert wrong.json() == unknown.json()


@pytest.mark.parametrize("name", ["\ud800", "a\0b", "' OR 1=1 --", "é" * 64, "/../"])
def test_whatever_is_typed_as_a_name_is_just_a_wrong_name(office: Office, name: str) -> None:
    body = json.dumps({"name": name, "password": PASSWORD})
    response = office.browser().client.post("/api/v1/staff/login", content=body)
    assert assert_problem(response, 401)["code"] == "wrong_login"


def test_a_disabled_account_is_not_let_in(office: Office) -> None:
    office.access.change_account("黄小梅", disabled=True)
    assert_problem(office.browser().log_in("黄小梅"), 401)


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(office: Office) -> None:
    cookie = office.browser().log_in("黄小梅").headers["set-cookie"]
    assert cookie.startswith("staff=")
    assert {"HttpOnly", "SameSite=strict", "Path=/", "Max-Age=43200"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


def test_over_https_the_cookie_stays_on_https(office: Office) -> None:
    cookie = office.browser(url="https://testserver").log_in("黄小梅").headers["set-cookie"]
    assert "; Secure" in cookie


def test_a_setting_keeps_the_cookie_on_https_behind_any_proxy(engine: Engine, tmp_path: Path) -> None:
    with opened_office(new_app(engine, tmp_path, {"SECURE_COOKIES": "1"}), tmp_path) as office:
        office.add("黄小梅")
        assert "; Secure" in office.browser().log_in("黄小梅").headers["set-cookie"]


def test_neither_token_nor_password_can_be_read_in_the_database(office: Office) -> None:
    browser = office.logged_in("黄小梅")
    stored = everything_stored(office.url)
    assert "黄小梅" in stored
    assert browser.client.cookies["staff"] not in stored
    assert browser.csrf not in stored
    assert PASSWORD not in stored


def test_logging_out_ends_the_session_itself(office: Office) -> None:
    browser = office.logged_in("黄小梅")
    token = browser.client.cookies["staff"]
    assert browser.send("POST", "logout").status_code == 204
    browser.client.cookies.set("staff", token)
    assert not browser.is_in


def test_logging_in_again_ends_the_session_before(office: Office) -> None:
    browser = office.logged_in("黄小梅")
    before = browser.client.cookies["staff"]
    browser.log_in("黄小梅")
    other = office.browser()
    other.client.cookies.set("staff", before)
    assert browser.is_in
    assert not other.is_in


def test_a_session_is_over_after_twelve_hours_of_work(office: Office) -> None:
    browser = office.logged_in("黄小梅")
    for _ in range(14):
        office.clock.go_on(minutes=50)
        assert browser.is_in
    office.clock.go_on(minutes=50)
    assert not browser.is_in


def test_a_session_is_over_after_an_hour_without_a_call(office: Office) -> None:
    browser = office.logged_in("黄小梅")
    office.clock.go_on(minutes=59)
    assert browser.is_in
    office.clock.go_on(minutes=60)
    assert not browser.is_in


def test_a_role_is_what_it_is_now(office: Office) -> None:
    browser = office.logged_in("黄小梅")
    office.access.change_account("黄小梅", role=Role.CLERK)
    assert browser.get("me").json()["role"] == "clerk"


# ---------------------------------------------------------------- one's own sessions and password


def test_one_sees_where_one_is_logged_in(office: Office) -> None:
    office.logged_in("黄小梅")
    sessions = office.logged_in("黄小梅").get("sessions").json()["sessions"]
    assert [session["current"] for session in sessions] == [True, False]
    assert sessions[0]["address"] == "203.0.113.5"
    assert sessions[0]["browser"] == "testclient"


def test_one_of_ones_own_sessions_can_be_ended(office: Office) -> None:
    first, second = office.logged_in("黄小梅"), office.logged_in("黄小梅")
    other = second.get("sessions").json()["sessions"][1]["id"]
    assert second.send("DELETE", f"sessions/{other}").status_code == 204
    assert (first.is_in, second.is_in) == (False, True)


def test_nobody_elses_session_can_be_ended(office: Office) -> None:
    office.add("李四")
    theirs = office.logged_in("李四")
    number = theirs.get("sessions").json()["sessions"][0]["id"]
    assert_problem(office.logged_in("黄小梅").send("DELETE", f"sessions/{number}"), 404)
    assert theirs.is_in


def test_all_other_sessions_can_be_ended_at_once(office: Office) -> None:
    others = [office.logged_in("黄小梅"), office.logged_in("黄小梅")]
    browser = office.logged_in("黄小梅")
    assert browser.send("POST", "sessions/end-others").json() == {"ended": 2}
    assert browser.is_in
    assert not any(other.is_in for other in others)


def test_a_new_password_ends_every_session_but_the_new_one(office: Office) -> None:
    other, browser = office.logged_in("黄小梅"), office.logged_in("黄小梅")
    before = browser.client.cookies["staff"]
    response = browser.send("PUT", "password", {"password": PASSWORD, "new_password": NEW_PASSWORD})
    assert response.status_code == 200
    assert browser.client.cookies["staff"] != before
    assert (browser.is_in, other.is_in) == (True, False)
    assert browser.get("me").json() == response.json()
    assert office.browser().log_in("黄小梅", NEW_PASSWORD).status_code == 200
    assert_problem(office.browser().log_in("黄小梅", PASSWORD), 401)


def test_a_new_password_needs_the_present_one(office: Office) -> None:
    browser = office.logged_in("黄小梅")
    response = browser.send("PUT", "password", {"password": "a wrong password", "new_password": NEW_PASSWORD})
    assert assert_problem(response, 403)["code"] == "wrong_password"
    assert browser.is_in


def test_the_present_password_cannot_be_guessed_in_an_open_session(office: Office) -> None:
    browser = office.logged_in("黄小梅")
    body = {"password": "a wrong password", "new_password": NEW_PASSWORD}
    statuses = [browser.send("PUT", "password", body).status_code for _ in range(6)]
    assert statuses == [403] * 5 + [429]


WEAK = {
    "password_too_short": "九个字的密码不够长",
    "password_too_long": "长短高低不一" * 22,
    "password_too_common": "Password123",
    "password_is_name": "Huang Xiaomei",
}


@pytest.mark.parametrize("code", WEAK)
def test_a_weak_password_is_refused_by_its_reason(office: Office, code: str) -> None:
    office.add("huang xiaomei")
    browser = office.logged_in("huang xiaomei")
    response = browser.send(
        "PUT", "password", {"password": PASSWORD, "new_password": WEAK[code] + "！" * (code == "x")}
    )
    assert assert_problem(response, 422)["code"] == code


def test_few_characters_over_and_over_is_too_common(office: Office) -> None:
    body = {"password": PASSWORD, "new_password": "天天学" * 5}
    response = office.logged_in("黄小梅").send("PUT", "password", body)
    assert assert_problem(response, 422)["code"] == "password_too_common"


# ---------------------------------------------------------------- guessing


def test_after_five_wrong_passwords_not_even_the_right_one_is_heard(office: Office) -> None:
    for _ in range(5):
        assert_problem(office.browser().log_in("黄小梅", "a wrong password"), 401)
    response = office.browser().log_in("黄小梅")
    assert assert_problem(response, 429)["code"] == "too_many_tries"
    assert 0 < int(response.headers["retry-after"]) <= 15 * 60 + 1


def test_a_name_that_nobody_has_is_stopped_likewise(office: Office) -> None:
    statuses = [office.browser().log_in("nobody", "a wrong password").status_code for _ in range(6)]
    assert statuses == [401] * 5 + [429]


def test_after_a_quarter_of_an_hour_one_is_heard_again(office: Office) -> None:
    for _ in range(5):
        office.browser().log_in("黄小梅", "a wrong password")
    office.clock.go_on(minutes=15, seconds=1)
    assert office.browser().log_in("黄小梅").status_code == 200


def test_the_right_password_makes_good_for_wrong_ones(office: Office) -> None:
    for _ in range(3):
        for _ in range(4):
            office.browser().log_in("黄小梅", "a wrong password")
        assert office.browser().log_in("黄小梅").status_code == 200


def test_an_address_cannot_try_many_names(office: Office) -> None:
    browser = office.browser("198.51.100.7")
    for number in range(20):
        assert_problem(browser.log_in(f"name-{number}", "a wrong password"), 401)
    assert_problem(browser.log_in("黄小梅"), 429)
    assert office.browser("198.51.100.8").log_in("黄小梅").status_code == 200


def test_a_network_of_ipv6_is_one_address(office: Office) -> None:
    for number in range(20):
        office.browser(f"2001:db8::{number + 1:x}").log_in(f"name-{number}", "a wrong password")
    assert_problem(office.browser("2001:db8::ffff").log_in("黄小梅"), 429)
    assert office.browser("2001:db8:0:1::1").log_in("黄小梅").status_code == 200


# ---------------------------------------------------------------- other sites' pages


@pytest.mark.parametrize("given", ["", "0" * 64, "é"])
def test_a_change_without_the_sessions_csrf_value_is_refused(office: Office, given: str) -> None:
    browser = office.logged_in("黄小梅")
    headers = [(b"X-CSRF-Token", given.encode())] if given else []
    response = browser.client.post("/api/v1/staff/logout", headers=headers)
    assert assert_problem(response, 403)["code"] == "csrf"
    assert browser.is_in


def test_the_csrf_value_of_another_session_is_none(office: Office) -> None:
    browser, other = office.logged_in("黄小梅"), office.logged_in("黄小梅")
    browser.csrf = other.csrf
    assert_problem(browser.send("POST", "logout"), 403)


FOREIGN = [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}]


@pytest.mark.parametrize("headers", [*FOREIGN, {"origin": "null"}])
def test_a_page_of_another_site_can_neither_change_anything_nor_log_in(office: Office, headers: dict[str, str]) -> None:
    browser = office.logged_in("黄小梅")
    browser.client.headers.update(headers)
    assert assert_problem(browser.send("POST", "logout"), 403)["code"] == "foreign_page"
    assert assert_problem(browser.log_in("黄小梅"), 403)["code"] == "foreign_page"


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "same-origin"}, {"origin": "http://testserver"}])
def test_our_own_pages_can(office: Office, headers: dict[str, str]) -> None:
    browser = office.browser()
    browser.client.headers.update(headers)
    assert browser.log_in("黄小梅").status_code == 200
    assert browser.send("POST", "logout").status_code == 204


# ---------------------------------------------------------------- roles, on sockets as well


@pytest.mark.parametrize("role", Role)
def test_a_role_can_do_what_those_before_it_can(office: Office, role: Role) -> None:
    office.add("某人", role)
    browser = office.logged_in("某人")
    statuses = [browser.client.get(f"/for/{other}").status_code for other in Role]
    admitted = list(Role).index(role) + 1
    assert statuses == [200] * admitted + [403] * (len(Role) - admitted)


def test_a_socket_knows_who_opens_it(office: Office) -> None:
    with office.logged_in("黄小梅").client.websocket_connect("/socket") as socket:
        assert socket.receive_text() == "黄小梅"


@pytest.mark.parametrize(
    ("name", "headers", "status"),
    [(None, {}, 401), ("李四", {}, 403), ("黄小梅", {"origin": "https://evil.example"}, 403)],
)
def test_a_socket_is_refused_before_it_is_open(
    office: Office, name: str | None, headers: dict[str, str], status: int
) -> None:
    office.add("李四", Role.CLERK)
    browser = office.logged_in(name) if name else office.browser()
    with (
        pytest.raises(WebSocketDenialResponse) as refused,
        browser.client.websocket_connect("/socket", headers=headers),
    ):
        pass
    assert_problem(refused.value, status)


def test_an_open_socket_learns_that_its_session_is_over(office: Office) -> None:
    browser = office.logged_in("黄小梅")
    with browser.client.websocket_connect("/socket") as socket:
        socket.receive_text()
        assert ask(socket) == "黄小梅"
        office.access.change_account("黄小梅", disabled=True)
        assert ask(socket) == "over"


def test_who_only_listens_on_a_socket_is_logged_out_after_an_hour(office: Office) -> None:
    with office.logged_in("黄小梅").client.websocket_connect("/socket") as socket:
        socket.receive_text()
        office.clock.go_on(minutes=40)
        assert ask(socket, "active") == "黄小梅"
        office.clock.go_on(minutes=40)
        assert ask(socket, "idle") == "黄小梅"
        office.clock.go_on(minutes=40)
        assert ask(socket, "idle") == "over"


def add_calls(app: FastAPI) -> None:
    """Add calls to the service such as other parts of it have."""
    for role, admitted in ADMITTED.items():
        app.get(f"/for/{role}")(_naming(admitted))

    @app.websocket("/socket")
    async def socket(socket: WebSocket, access: AccessAtHand, agent: Staff = AGENT) -> None:
        await socket.accept()
        await socket.send_text(agent.name)
        async for asked in socket.iter_text():
            found = await access.find_again(agent, is_active=asked == "active")
            await socket.send_text(found.name if found else "over")


def _naming(admitted: Any) -> Callable[[Staff], Awaitable[str]]:
    async def name(staff: Staff = admitted) -> str:
        return staff.name

    return name


def ask(socket: WebSocketTestSession, how: str = "idle") -> str:
    socket.send_text(how)
    answer: str = socket.receive_text()
    return answer


# ---------------------------------------------------------------- the log


def test_coming_and_going_is_in_the_log(office: Office) -> None:
    office.browser().log_in("黄小梅", "a wrong password")
    office.logged_in("黄小梅").send("POST", "logout")
    acts = [(entry.what, entry.who, entry.about, entry.address) for entry in office.log[:3]]
    assert acts == [
        (Act.LOGGED_OUT, "黄小梅", None, "203.0.113.5"),
        (Act.LOGGED_IN, "黄小梅", None, "203.0.113.5"),
        (Act.LOGIN_FAILED, None, "黄小梅", "203.0.113.5"),
    ]


def test_a_password_typed_into_the_name_is_not_kept(office: Office) -> None:
    office.browser().log_in(PASSWORD, "黄小梅")
    assert office.log[0].what is Act.LOGIN_FAILED
    assert PASSWORD not in everything_stored(office.url)


def test_that_a_name_is_blocked_is_in_the_log_once(office: Office) -> None:
    for _ in range(8):
        office.browser().log_in("黄小梅", "a wrong password")
    assert [entry.what for entry in office.log].count(Act.LOGIN_BLOCKED) == 1


def test_the_log_forgets_what_is_older_than_the_setting_keeps_it(engine: Engine, tmp_path: Path) -> None:
    with opened_office(new_app(engine, tmp_path, {"KEEP_AUDIT_DAYS": "30"}), tmp_path) as office:
        office.add("黄小梅")
        office.clock.go_on(days=31)
        office.logged_in("黄小梅")
        assert [entry.what for entry in office.log] == [Act.LOGGED_IN]


def test_without_a_database_a_login_is_put_off(office: Office, tmp_path: Path) -> None:
    from tests.bot.engines import refusing_writes

    with refusing_writes(office.url, "staff_sessions"):
        response = office.browser().log_in("黄小梅")
    assert assert_problem(response, 503)["code"] == "store_away"


def test_api_docs_name_the_cookie(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    scheme = document["components"]["securitySchemes"]["staffSession"]
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "cookie", "staff")
    assert document["paths"]["/api/v1/staff/audit"]["get"]["security"] == [{"staffSession": []}]
