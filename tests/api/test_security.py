"""What protects every answer: headers, other sites' scripts, host names, and how failures end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI, WebSocket
from fastapi.testclient import TestClient
from httpx import Response
from starlette.websockets import WebSocketDisconnect

from tests.api.office import new_app
from tests.api.test_http import assert_problem

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
OTHER = "https://www.example.org"
SETTINGS = {
    "ALLOWED_ORIGINS": OTHER,
    "WIDGET_HOSTS": "https://www.example.org, *.example.net",
    "ALLOWED_HOSTS": "guide.example.org, *.guide.example.org",
}


@pytest.fixture(scope="module")
def app(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The service as strange things happen in it."""
    app = new_app(engine, tmp_path_factory.mktemp("service"))

    @app.get("/fails")
    async def fails() -> None:
        raise RuntimeError("450702199001011234")

    @app.websocket("/fails")
    async def socket_fails(socket: WebSocket) -> None:
        await socket.accept()
        raise RuntimeError("450702199001011234")

    return app


@pytest.fixture(scope="module")
def open_app(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return new_app(engine, tmp_path_factory.mktemp("open-service"), SETTINGS)


def browser(app: FastAPI, url: str = "http://testserver") -> TestClient:
    return TestClient(app, base_url=url, raise_server_exceptions=False)


def open_browser(app: FastAPI) -> TestClient:
    return browser(app, "http://guide.example.org")


# ---------------------------------------------------------------- headers

ANSWERS = ["/healthz", "/api/v1/items", "/nowhere", "/fails", "/api/v1/staff/me", "/openapi.json"]


@pytest.mark.parametrize("path", ANSWERS)
def test_every_answer_says_what_browsers_must_not_do(app: FastAPI, path: str) -> None:
    headers = browser(app).get(path).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    assert "geolocation=()" in headers["permissions-policy"]


def test_nobody_frames_the_widget_unless_a_setting_says_so(app: FastAPI) -> None:
    assert browser(app).get("/embed").headers["content-security-policy"].endswith("frame-ancestors 'self'")


def test_the_widget_is_framed_by_the_hosts_of_the_setting(open_app: FastAPI) -> None:
    headers = open_browser(open_app).get("/embed").headers
    assert headers["content-security-policy"].endswith("frame-ancestors 'self' https://www.example.org *.example.net")
    assert "x-frame-options" not in headers


def test_only_the_widget_is_framed(open_app: FastAPI) -> None:
    for path in ("/", "/embedded", "/staff"):
        assert open_browser(open_app).get(path).headers["content-security-policy"] == POLICY


@pytest.mark.parametrize("path", ["/widget.js", "/demo", "/embed"])
def test_what_is_made_for_other_sites_can_be_loaded_there(app: FastAPI, path: str) -> None:
    assert browser(app).get(path).headers["cross-origin-resource-policy"] == "cross-origin"


def test_only_https_is_told_to_stay_https(app: FastAPI) -> None:
    assert "strict-transport-security" not in browser(app).get("/healthz").headers
    assert "max-age=" in browser(app, "https://testserver").get("/healthz").headers["strict-transport-security"]


@pytest.mark.parametrize(
    "path", ["/api/v1/staff/me", "/api/v1/console", "/api/v1/office/x", "/api/v1/sessions/x/entries", "/api/v1/chat"]
)
def test_what_is_personal_is_stored_nowhere(app: FastAPI, path: str) -> None:
    assert browser(app).get(path).headers["cache-control"] == "no-store"


def test_what_is_public_may_be_stored(app: FastAPI) -> None:
    assert browser(app).get("/api/v1/items").headers.get("cache-control") != "no-store"


# ---------------------------------------------------------------- other sites' scripts


def preflight(app: FastAPI, path: str, origin: str = OTHER) -> Response:
    headers = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
    }
    return open_browser(app).options(path, headers=headers)


@pytest.mark.parametrize("path", ["chat", "sessions", "sessions/x/entries", "suggest", "items/card_replace", "search"])
def test_scripts_of_an_allowed_site_may_chat_and_look_up(open_app: FastAPI, path: str) -> None:
    response = preflight(open_app, f"/api/v1/{path}")
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == OTHER
    assert "access-control-allow-credentials" not in response.headers


@pytest.mark.parametrize("path", ["staff/me", "staff/login", "console", "office"])
def test_the_offices_calls_are_for_our_pages_alone(open_app: FastAPI, path: str) -> None:
    assert "access-control-allow-origin" not in preflight(open_app, f"/api/v1/{path}").headers


@pytest.mark.parametrize("origin", ["https://evil.example", "http://www.example.org", f"{OTHER}.evil.example", "null"])
def test_other_sites_may_not(open_app: FastAPI, origin: str) -> None:
    assert "access-control-allow-origin" not in preflight(open_app, "/api/v1/chat", origin).headers


def test_an_allowed_site_can_read_why_it_is_refused(open_app: FastAPI) -> None:
    response = open_browser(open_app).post("/api/v1/chat", json={}, headers={"origin": OTHER})
    assert_problem(response, 422)
    assert response.headers["access-control-allow-origin"] == OTHER


def test_without_a_setting_no_other_site_may(app: FastAPI) -> None:
    response = browser(app).get("/api/v1/items", headers={"origin": OTHER})
    assert "access-control-allow-origin" not in response.headers


# ---------------------------------------------------------------- host names


@pytest.mark.parametrize("host", ["guide.example.org", "GUIDE.example.org:8000", "www.guide.example.org"])
def test_the_service_answers_to_its_names(open_app: FastAPI, host: str) -> None:
    assert open_browser(open_app).get("/api/v1/items", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "example.org", "evilguide.example.org.evil.example", "127.0.0.1", ""])
def test_it_does_not_answer_to_others(open_app: FastAPI, host: str) -> None:
    response = open_browser(open_app).get("/api/v1/items", headers={"host": host})
    assert assert_problem(response, 421)["code"] == "wrong_host"


def test_monitors_may_call_it_anything(open_app: FastAPI) -> None:
    assert browser(open_app, "http://10.0.0.7").get("/healthz").status_code == 200


def test_without_a_setting_any_name_will_do(app: FastAPI) -> None:
    assert browser(app).get("/api/v1/items", headers={"host": "anything.example"}).status_code == 200


# ---------------------------------------------------------------- failures


def test_a_failure_is_a_problem_that_says_nothing_of_itself(app: FastAPI) -> None:
    response = browser(app).get("/fails")
    assert_problem(response, 500)
    assert "450702199001011234" not in response.text


def test_a_failure_is_logged_once_with_its_place(app: FastAPI, caplog: pytest.LogCaptureFixture) -> None:
    browser(app).get("/fails")
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [record.getMessage() for record in errors] == ["GET /fails failed"]
    assert errors[0].exc_info


def test_a_failing_socket_is_closed_with_its_code(app: FastAPI) -> None:
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        browser(app).websocket_connect("/fails") as socket,
    ):
        socket.receive_text()
    assert closed.value.code == 1011
