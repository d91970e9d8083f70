"""How much one caller may ask for: calls, sessions, messages, bytes, seconds, sockets; and who counts as a caller."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from fastapi import FastAPI, Request, WebSocket
from fastapi.testclient import TestClient
from httpx import Response
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import WebSocketDenialResponse

from api.edge.addresses import find_address, limited_caller
from api.edge.problems import install_problems
from api.edge.security import limit, protect
from api.edge.serving import configure
from api.edge.windows import MovingWindows
from bot.settings import Settings, load_settings
from tests.api.office import new_app
from tests.api.service import eventually, serving
from tests.api.test_http import assert_problem

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

CALLER = "203.0.113.5"
OTHER = "203.0.113.6"


def small_service(**environment: str) -> FastAPI:
    """Return a service without an engine, guarded as the real one is."""
    settings = load_settings(environment)
    app = FastAPI()
    install_problems(app)
    limit(app, settings)
    protect(app, settings)

    @app.get("/api/v1/items")
    async def items(request: Request) -> dict[str, Any]:
        return {"address": str(find_address(request.scope)), "scheme": request.url.scheme}

    @app.post("/api/v1/sessions")
    async def sessions() -> None:
        return None

    @app.post("/api/v1/echo")
    @app.post("/api/v1/office/editions")
    async def echo(body: dict[str, Any]) -> int:
        return len(json.dumps(body))

    @app.post("/api/v1/raw")
    async def raw(request: Request) -> int:
        return len(await request.body())

    @app.websocket("/api/v1/live")
    async def live(live: WebSocket) -> None:
        await live.accept()
        async for text in live.iter_text():
            await live.send_text(text)

    return app


def caller(app: FastAPI, address: str = CALLER) -> TestClient:
    return TestClient(app, raise_server_exceptions=False, client=(address, 50000))


def address_of(client: TestClient, **headers: str) -> str:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    address: str = client.get("/api/v1/items", headers=given).json()["address"]
    return address


def assert_refused(response: Response, code: str) -> None:
    assert assert_problem(response, 429)["code"] == code
    assert int(response.headers["retry-after"]) >= 1


# ---------------------------------------------------------------- how often


def test_an_address_may_call_so_often_a_minute() -> None:
    client = caller(small_service(CALLS_A_MINUTE="3"))
    assert [client.get("/api/v1/items").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert_refused(client.get("/api/v1/items"), "too_many_calls")


def test_other_addresses_are_not_held_up() -> None:
    app = small_service(CALLS_A_MINUTE="1")
    for _ in range(2):
        caller(app).get("/api/v1/items")
    assert caller(app, OTHER).get("/api/v1/items").status_code == 200


def test_the_offices_people_may_call_more_often_where_they_work_and_nowhere_else() -> None:
    client = caller(small_service(CALLS_A_MINUTE="1", STAFF_CALLS_A_MINUTE="3"))
    cookie = {"Cookie": "staff=anything"}
    assert [client.get("/api/v1/search", headers=cookie).status_code for _ in range(4)] == [404, 404, 404, 429]
    assert [client.get("/api/v1/items", headers=cookie).status_code for _ in range(2)] == [200, 429]


def test_pages_and_files_are_not_counted() -> None:
    client = caller(small_service(CALLS_A_MINUTE="1"))
    assert {client.get("/a-page").status_code for _ in range(3)} == {404}


def test_the_machine_itself_is_not_counted() -> None:
    client = caller(small_service(CALLS_A_MINUTE="1"), "127.0.0.1")
    assert {client.get("/api/v1/items").status_code for _ in range(3)} == {200}


def test_an_address_may_begin_so_many_sessions_an_hour() -> None:
    client = caller(small_service(SESSIONS_AN_HOUR="2"))
    assert [client.post("/api/v1/sessions").status_code for _ in range(2)] == [200, 200]
    assert_refused(client.post("/api/v1/sessions"), "too_many_sessions")
    assert client.get("/api/v1/items").status_code == 200


def test_a_session_may_send_so_many_messages_a_minute(engine: Engine, tmp_path: Path) -> None:
    client = TestClient(new_app(engine, tmp_path, {"MESSAGES_A_MINUTE": "2"}))
    with client:
        for session, statuses in (("limited-1", [200, 200, 429]), ("limited-2", [200])):
            body = {"session_id": session, "text": "你好"}
            assert [client.post("/api/v1/chat", json=body).status_code for _ in statuses] == statuses


def test_more_turns_than_can_be_led_at_once_are_told_when_to_come_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, freed, begun = engine.turn, asyncio.Event(), []

    async def slow(*arguments: Any, **options: Any) -> dict[str, Any]:
        begun.append(arguments)
        await freed.wait()
        return await own(*arguments, **options)

    monkeypatch.setattr(engine, "turn", slow)
    settings = load_settings({})

    async def story() -> None:
        few = dataclasses.replace(settings, limits=dataclasses.replace(settings.limits, turns_at_once=2))
        async with serving(engine, few) as service:
            residents = [await service.resident() for _ in range(3)]
            first = [asyncio.create_task(service.say(resident, "你好")) for resident in residents[:2]]
            await eventually(lambda: len(begun) == 2)
            body = {"session_id": residents[2].session_id, "text": "你好", "message_id": "one"}
            refused = await service.http.post("/api/v1/chat", json=body, headers=residents[2].headers)
            assert assert_problem(refused, 503)["code"] == "too_many_turns"
            assert refused.headers["retry-after"] == "3"
            assert (await service.http.get("/healthz")).status_code == 200
            freed.set()
            await asyncio.gather(*first)
            assert (await service.say(residents[2], "你好", message_id="one"))["messages"]
            entries = (await service.poll(residents[2]))["entries"]
            assert [entry["author"] for entry in entries] == ["resident", "bot"]

    asyncio.run(story())


def test_refusals_are_counted_for_the_operator() -> None:
    app = small_service(CALLS_A_MINUTE="1")
    for _ in range(3):
        caller(app).get("/api/v1/items")
    assert b'guide_refused_total{limit="calls"} 2.0' in app.state.metrics.as_text("an edition")


class TestWindows:
    """The windows that the limits move."""

    @given(st.lists(st.floats(0, 30), max_size=60))
    def test_never_more_than_the_limit_in_any_window(self, pauses: list[float]) -> None:
        now = 0.0
        windows = MovingWindows(lambda: now)
        admitted: list[float] = []
        for pause in pauses:
            now += pause
            if windows.acquire_entry("somebody", 3, 10):
                admitted.append(now)
        for last in admitted:
            assert len([moment for moment in admitted if last - 10 < moment <= last]) <= 3

    def test_who_waits_as_long_as_told_is_admitted(self) -> None:
        now = 0.0
        windows = MovingWindows(lambda: now)
        assert windows.acquire_entry("somebody", 1, 60)
        now = 12.3
        assert not windows.acquire_entry("somebody", 1, 60)
        now += windows.wait_of("somebody")
        assert windows.acquire_entry("somebody", 1, 60)

    def test_those_who_went_away_take_no_memory(self) -> None:
        now = 0.0
        windows = MovingWindows(lambda: now)
        for number in range(1000):
            windows.acquire_entry(f"passer-by {number}", 1, 60)
        now = 121.0
        windows.acquire_entry("somebody", 1, 60)
        assert len(windows) == 1


# ---------------------------------------------------------------- who calls

PROXY = "10.0.0.1"


def behind_proxy(address: str = PROXY) -> TestClient:
    return caller(small_service(TRUSTED_PROXIES="10.0.0.0/8"), address)


def test_a_trusted_proxy_says_who_calls() -> None:
    assert address_of(behind_proxy(), x_forwarded_for=CALLER) == CALLER


def test_nobody_else_does() -> None:
    assert address_of(behind_proxy(OTHER), x_forwarded_for=CALLER) == OTHER


def test_what_a_caller_writes_in_front_is_not_believed() -> None:
    assert address_of(behind_proxy(), x_forwarded_for=f"198.51.100.1, {CALLER}") == CALLER


def test_a_chain_of_our_own_proxies_is_walked_through() -> None:
    assert address_of(behind_proxy(), x_forwarded_for=f"198.51.100.1, {CALLER}, 10.0.0.3, 10.0.0.2") == CALLER


@pytest.mark.parametrize("chain", ["", "nonsense", f"{CALLER}, nonsense", "unknown"])
def test_a_chain_that_says_nothing_leaves_the_proxy(chain: str) -> None:
    assert address_of(behind_proxy(), x_forwarded_for=chain) == PROXY


@pytest.mark.parametrize(
    ("written", "address"),
    [(f"{CALLER}:1234", CALLER), ("[2001:db8::1]:443", "2001:db8::1"), (f"::ffff:{CALLER}", CALLER)],
)
def test_an_address_is_read_as_proxies_write_it(written: str, address: str) -> None:
    assert address_of(behind_proxy(), x_forwarded_for=written) == address


def test_a_proxy_that_no_setting_names_does_not_lock_everybody_out() -> None:
    client = caller(small_service(CALLS_A_MINUTE="1"), "127.0.0.1")
    headers = {"x-forwarded-for": CALLER}
    assert {client.get("/api/v1/items", headers=headers).status_code for _ in range(3)} == {200}


def test_a_proxy_that_no_setting_names_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    client = caller(small_service(), "127.0.0.1")
    for _ in range(2):
        client.get("/api/v1/items", headers={"x-forwarded-for": CALLER})
    assert len([record for record in caplog.records if "TRUSTED_PROXIES" in record.getMessage()]) == 1


def test_a_trusted_proxy_says_that_it_was_https() -> None:
    headers = {"x-forwarded-proto": "https"}
    assert behind_proxy().get("/api/v1/items", headers=headers).json()["scheme"] == "https"
    assert behind_proxy(OTHER).get("/api/v1/items", headers=headers).json()["scheme"] == "http"


def test_a_network_of_ipv6_is_one_caller() -> None:
    one, same, other = ("2001:db8::1", "2001:db8:0:0:ffff::2", "2001:db8:0:1::1")
    callers = [limited_caller({"client": (address, 1)}) for address in (one, same, other)]
    assert callers[0] == callers[1] != callers[2]


# ---------------------------------------------------------------- how large


@pytest.mark.parametrize("path", ["echo", "raw"])
def test_a_body_over_the_limit_is_refused(path: str) -> None:
    client = caller(small_service(MAX_BODY="1000"))
    response = client.post(f"/api/v1/{path}", content=b'{"a": "' + b"x" * 1000 + b'"}')
    assert assert_problem(response, 413)["code"] == "body_too_large"


@pytest.mark.parametrize("path", ["echo", "raw"])
def test_a_body_in_chunks_is_counted_as_it_comes(path: str) -> None:
    client = caller(small_service(MAX_BODY="1000"))
    chunks = [b'{"a": "', *[b"x" * 100] * 10, b'"}']
    response = client.post(f"/api/v1/{path}", content=iter(chunks))
    assert assert_problem(response, 413)["code"] == "body_too_large"


def test_a_body_at_the_limit_is_taken() -> None:
    response = caller(small_service(MAX_BODY="1000")).post("/api/v1/raw", content=b"x" * 1000)
    assert response.json() == 1000


def test_a_guide_may_be_larger() -> None:
    client = caller(small_service(MAX_BODY="1000", MAX_UPLOAD="5000"))
    assert client.post("/api/v1/office/editions", json={"guide": "x" * 4000}).status_code == 200
    assert_problem(client.post("/api/v1/office/editions", json={"guide": "x" * 6000}), 413)


# ---------------------------------------------------------------- sockets


def test_an_address_may_open_so_many_sockets() -> None:
    app = small_service(SOCKETS_AN_ADDRESS="2")
    with ExitStack() as sockets:
        for _ in range(2):
            sockets.enter_context(caller(app).websocket_connect("/api/v1/live"))
        with pytest.raises(WebSocketDenialResponse) as refused:
            sockets.enter_context(caller(app).websocket_connect("/api/v1/live"))
        assert_refused(refused.value, "too_many_sockets")
        sockets.enter_context(caller(app, OTHER).websocket_connect("/api/v1/live"))


def test_a_socket_that_is_closed_makes_room() -> None:
    app = small_service(SOCKETS_AN_ADDRESS="1")
    for _ in range(3):
        with caller(app).websocket_connect("/api/v1/live") as live:
            live.send_text("hello")
            assert live.receive_text() == "hello"


def test_all_together_may_open_so_many_sockets() -> None:
    app = small_service(SOCKETS="2")
    with ExitStack() as sockets:
        for number in range(2):
            sockets.enter_context(caller(app, f"203.0.113.{number}").websocket_connect("/api/v1/live"))
        with pytest.raises(WebSocketDenialResponse) as refused:
            sockets.enter_context(caller(app).websocket_connect("/api/v1/live"))
        assert_problem(refused.value, 503)
        assert caller(app).get("/api/v1/items").status_code == 200


def test_opening_sockets_is_a_call_as_well() -> None:
    client = caller(small_service(CALLS_A_MINUTE="1"))
    with client.websocket_connect("/api/v1/live"):
        pass
    with pytest.raises(WebSocketDenialResponse) as refused, client.websocket_connect("/api/v1/live"):
        pass
    assert_refused(refused.value, "too_many_calls")


# ---------------------------------------------------------------- what comes slowly, or never


@contextmanager
def served(app: FastAPI, settings: Settings) -> Iterator[tuple[str, int]]:
    """Serve as the command does, on a free port."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(configure(app, settings.limits, "127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield listening.getsockname()
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    environment = {"RECEIVE_SECONDS": "1"}
    with served(small_service(**environment), load_settings(environment)) as address:
        yield address


def answer_to(address: tuple[str, int], *parts: bytes) -> str:
    """Send *parts*, wait, and return all that is answered until the service hangs up."""
    with socket.create_connection(address, timeout=10) as connection:
        for part in parts:
            connection.sendall(part)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer.decode()


HEAD = b"POST /api/v1/raw HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n"
WHOLE = b"GET /api/v1/items HTTP/1.1\r\nHost: a\r\n\r\n"
SLOW = {
    "nothing at all": b"",
    "half a line": b"GET /api",
    "half a head": b"GET /api/v1/items HTTP/1.1\r\nHost: a\r\n",
    "half a body": HEAD + b"\r\n12345",
    "no chunk": HEAD.replace(b"Content-Length: 10", b"Transfer-Encoding: chunked") + b"\r\n",
    "half a second head": WHOLE + b"GET /api",
}


@pytest.mark.parametrize("sent", SLOW.values(), ids=SLOW)
def test_what_does_not_come_to_its_end_is_answered_and_hung_up(address: tuple[str, int], sent: bytes) -> None:
    answer = answer_to(address, sent)
    last = answer[answer.rindex("HTTP/1.1") :]
    assert last.startswith("HTTP/1.1 408")
    assert "application/problem+json" in last
    assert json.loads(last.partition("\r\n\r\n")[2])["status"] == 408


def test_a_head_that_is_too_large_is_refused(address: tuple[str, int]) -> None:
    answer = answer_to(address, b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 20_000)
    assert answer.startswith("HTTP/1.1 400")


def test_while_some_are_slow_others_are_answered(address: tuple[str, int]) -> None:
    with ExitStack() as slow:
        for _ in range(50):
            slow.enter_context(socket.create_connection(address)).sendall(HEAD + b"\r\n1")
        answer = answer_to(address, WHOLE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert answer.startswith("HTTP/1.1 200")


def test_a_connection_goes_on_being_of_use(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=10) as connection:
        for _ in range(3):
            connection.sendall(WHOLE)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200")
            time.sleep(0.6)


UPGRADE = (
    b"GET /api/v1/live HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
)


def frame(text: bytes) -> bytes:
    """Return a text frame as a browser sends it, its mask all zeros."""
    length = bytes([0x80 | len(text)]) if len(text) < 126 else bytes([0xFE]) + len(text).to_bytes(2, "big")
    return b"\x81" + length + bytes(4) + text


def test_a_socket_outlives_the_wait_for_a_head(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(UPGRADE)
        assert connection.recv(65536).startswith(b"HTTP/1.1 101")
        time.sleep(1.3)
        connection.sendall(frame(b"hello"))
        assert connection.recv(65536) == b"\x81\x05hello"


def test_a_frame_that_is_too_large_closes_its_socket(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(UPGRADE)
        connection.recv(65536)
        connection.sendall(frame(b"x" * 20_000))
        closing = connection.recv(65536)
    assert closing[0] == 0x88
    assert int.from_bytes(closing[2:4], "big") == 1009
