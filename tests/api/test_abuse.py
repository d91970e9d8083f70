"""What strangers try with sockets of their own: each gets a clear answer, nobody else notices.

Slow heads and bodies, sizes and rates are in test_limits.py, tokens in test_sessions.py, origins in test_security.py
and test_live.py, markup of the guide in tests/web/test_items.py, of notes in test_notes.py.
"""

from __future__ import annotations

import itertools
import json
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fastapi import FastAPI

from api.edge.serving import SPARE_FILES, allow_files
from api.live import socket as live_socket
from bot.settings import load_settings
from tests.api.office import new_app
from tests.api.test_limits import UPGRADE, answer_to, frame, served
from tests.bot.engines import new_url, opened

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

QUESTION = "社保卡丢了怎么补"
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>"
PATIENCE = 30
SETTINGS = {"TRUSTED_PROXIES": "127.0.0.1", "SOCKETS": "1000", "SOCKETS_AN_ADDRESS": "20", "CALLS_A_MINUTE": "2000"}
SOCKETS, SOCKETS_AN_ADDRESS = 1000, 20
_neighbours = itertools.count(1)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine with records of its own."""
    with opened(new_url(tmp_path_factory.mktemp("abuse"))) as engine:
        yield engine


@pytest.fixture(scope="module")
def app(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return new_app(engine, tmp_path_factory.mktemp("service"), SETTINGS)


@pytest.fixture(scope="module")
def address(app: FastAPI) -> Iterator[tuple[str, int]]:
    """Where the service listens, as the command serves it."""
    with served(app, load_settings(SETTINGS)) as address:
        yield address


@pytest.fixture(scope="module")
def http(address: tuple[str, int]) -> Iterator[httpx.Client]:
    """A neighbour, who does nothing wrong."""
    with httpx.Client(base_url=f"http://{address[0]}:{address[1]}", timeout=PATIENCE) as http:
        yield http


def assert_unharmed(http: httpx.Client) -> None:
    """Check that the neighbour's question is answered."""
    session = f"neighbour-{next(_neighbours)}"
    reply = http.post("/api/v1/chat", json={"session_id": session, "text": QUESTION})
    assert reply.status_code == 200
    assert reply.json()["decision"] == "answer"


@dataclass(frozen=True)
class Answer:
    """One answer, as it came over the wire."""

    status: int
    headers: dict[str, str]
    body: str


def answers_to(address: tuple[str, int], *sent: bytes) -> list[Answer]:
    """Send bytes and read until the service hangs up; return all that it answered."""
    rest = answer_to(address, *sent)
    found = []
    while rest:
        head, _, rest = rest.partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        # Lengths are in bytes, and whatever is followed by something here is ASCII.
        length = int(headers.get("content-length", len(rest)))
        found.append(Answer(int(first.split()[1]), headers, rest[:length]))
        rest = rest[length:]
    return found


def assert_refused(answer: Answer, status: int) -> None:
    """Check that an answer is a problem document after which the connection is closed."""
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["connection"] == "close"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert json.loads(answer.body)["status"] == status


# ---------------------------------------------------------------- text stays text


def test_markup_in_a_message_comes_back_as_text(http: httpx.Client) -> None:
    text = MARKUP + QUESTION
    reply = http.post("/api/v1/chat", json={"session_id": "markup", "text": text})
    entries = http.get("/api/v1/sessions/markup/entries")
    assert entries.json()["entries"][0]["text"] == text
    for response in (reply, entries):
        assert response.headers["content-type"] == "application/json"
        assert response.headers["x-content-type-options"] == "nosniff"


def test_markup_in_a_search_comes_back_as_text(http: httpx.Client) -> None:
    found = http.get("/api/v1/search", params={"q": MARKUP[:25]})
    assert found.json()["query"] == MARKUP[:25]
    assert found.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "path", [f"/{MARKUP}", f"/items/{MARKUP}", f"/login?next={MARKUP}", f"/demo-host?side={MARKUP}"]
)
def test_no_page_repeats_an_address_as_markup(http: httpx.Client, path: str) -> None:
    page = http.get(path + MARKUP, headers={"Accept": "text/html"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "alert(1)" not in page.text


HALF = {
    "/api/v1/understand": {"text": "\ud800 a\0b"},
    "/api/v1/chat": {"session_id": "half", "text": "\ud800 a\0b"},
    "/api/v1/feedback": {"session_id": "half", "seq": 1, "thumb": "down", "comment": "\ud800\0"},
}


@pytest.mark.parametrize("path", HALF)
def test_half_a_character_and_a_zero_byte_break_nothing(http: httpx.Client, path: str) -> None:
    headers = {"Content-Type": "application/json"}
    assert http.post(path, content=json.dumps(HALF[path]), headers=headers).status_code in {200, 404}


def test_half_a_character_does_not_hide_what_was_said(http: httpx.Client) -> None:
    headers = {"Content-Type": "application/json"}
    http.post("/api/v1/chat", content=json.dumps({"session_id": "half-2", "text": "\ud800卡"}), headers=headers)
    assert http.get("/api/v1/sessions/half-2/entries").json()["entries"][0]["text"] == "?卡"


class Inline(HTMLParser):
    """Gathers what a strict policy does not let a page do by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        is_data = (given.get("type") or "").endswith("json")
        if tag == "style" or (tag == "script" and "src" not in given and not is_data):
            self.found.append(tag)
        self.found += [name for name in given if name.startswith("on") or name == "style"]
        self.found += [value for value in given.values() if value and value.strip().lower().startswith("javascript:")]


PAGES = ["/", "/embed", "/items", "/items/card_replace", "/items/card_replace/list", "/login", "/demo-host", "/nowhere"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_does_nothing_that_the_policy_forbids(http: httpx.Client, path: str) -> None:
    page = http.get(path, headers={"Accept": "text/html"})
    inline = Inline()
    inline.feed(page.text)
    assert inline.found == []
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]


# ---------------------------------------------------------------- addresses


PATHS = [
    "/static/../app.py",
    "/static/x/../../app.py",
    "/static/x/%2e%2e/%2e%2e/app.py",
    "/static/x/..%2f..%2fapp.py",
    "/static/x/..%5c..%5capp.py",
    "/static/x//etc/passwd",
    "/static/x/%2fetc%2fpasswd",
    "/static/x/%00",
    "/static/x/shared/base.css%00.html",
    "/static/x/" + "a" * 5000,
    "/static/x/" + "a/" * 2000,
    "/items/%00",
    "/items/%ff%fe",
    "/items/" + "%F0%9F%92%A9" * 1000,
    "/api/v1/items/%00",
    "/api/v1/items/..%2f..%2fguide.db",
    "/a/%00",
    "/%",
    "/" + "a" * 10_000,
    "//evil.example/",
]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[:40])
def test_an_address_that_leads_nowhere_is_not_found(address: tuple[str, int], path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    (answer,) = answers_to(address, request.encode())
    assert answer.status in {404, 405, 422}
    assert json.loads(answer.body)["status"] == answer.status


def test_an_address_beyond_all_measure_is_refused(address: tuple[str, int]) -> None:
    (answer,) = answers_to(address, b"GET /" + b"a" * 20_000)
    assert_refused(answer, 400)


def test_a_flood_of_headers_is_refused(address: tuple[str, int], http: httpx.Client) -> None:
    flood = b"".join(b"X-%d: %d\r\n" % (number, number) for number in range(5000))
    answers = answers_to(address, b"GET /healthz HTTP/1.1\r\nHost: a\r\n" + flood)
    assert_refused(answers[0], 400)
    assert_unharmed(http)


# ---------------------------------------------------------------- one call or two


CHAT = b"POST /api/v1/understand HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
BODY = json.dumps({"text": "a"}).encode()
HIDDEN = b"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
CHUNKED = CHAT + b"Transfer-Encoding: chunked\r\n"
DOUBTFUL = {
    "two lengths": CHAT + b"Content-Length: 3\r\nContent-Length: 12\r\n\r\n" + BODY,
    "a length and chunks": CHUNKED + b"Content-Length: 4\r\n\r\n0\r\n\r\n",
    "a length below zero": CHAT + b"Content-Length: -1\r\n\r\n",
    "a length with a sign": CHAT + b"Content-Length: +12\r\n\r\n" + BODY,
    "a length in hex": CHAT + b"Content-Length: 0xc\r\n\r\n" + BODY,
    "a length in words": CHAT + b"Content-Length: many\r\n\r\n" + BODY,
    "a length that nobody can read": CHAT + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
    "a coding that is none": CHAT + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunks twice": CHUNKED + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a chunk of no size": CHUNKED + b"\r\nzz\r\n",
    "a chunk of minus one": CHUNKED + b"\r\n-1\r\n",
    "a chunk as large as the world": CHUNKED + b"\r\n" + b"f" * 40 + b"\r\n",
    "a chunk that is longer than it says": CHUNKED + b"\r\n1\r\naaaa\r\n0\r\n\r\n",
    "a blank before the colon": b"GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length : 10\r\n\r\n",
    "a line that goes on": b"GET /healthz HTTP/1.1\r\n Host: a\r\n\r\n",
    "no host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "a zero byte": b"GET /healthz HTTP/1.1\r\nHost: a\0b\r\n\r\n",
    "another protocol": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
}


@pytest.mark.parametrize("name", DOUBTFUL)
def test_what_could_be_read_in_two_ways_is_not_read_at_all(
    address: tuple[str, int], http: httpx.Client, name: str
) -> None:
    answers = answers_to(address, DOUBTFUL[name] + HIDDEN)
    assert len(answers) == 1
    assert answers[0].status in {400, 413}
    assert_refused(answers[0], answers[0].status)
    assert_unharmed(http)


def test_two_calls_that_are_two_are_answered_in_order(address: tuple[str, int]) -> None:
    first = CHAT + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
    last = b"GET /api/v1/nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    assert [answer.status for answer in answers_to(address, first + last)] == [200, 404]


def test_who_goes_away_in_the_middle_is_no_failure(
    address: tuple[str, int], http: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        for _ in range(5):
            with socket.create_connection(address, timeout=PATIENCE) as connection:
                connection.sendall(CHAT + b"Content-Length: 100\r\n\r\n{")
        assert_unharmed(http)
    assert caplog.records == []


# ---------------------------------------------------------------- frames


def masked(first: int, payload: bytes = b"") -> bytes:
    """Return a frame with that first byte, as a browser masks it."""
    return bytes([first, 0x80 | len(payload)]) + bytes(4) + payload


BROKEN = {
    "without a mask": b"\x81\x05hello",
    "of an unknown kind": masked(0x83, b"a"),
    "of an unknown kind of control": masked(0x8B, b"a"),
    "with a reserved bit": masked(0xC1, b"a"),
    "packed though nothing was agreed": masked(0xF1, b"a"),
    "that goes on with nothing": masked(0x80, b"a"),
    "that begins in the middle of another": masked(0x01, b"a") + masked(0x81, b"b"),
    "a ping in parts": masked(0x09, b"a"),
    "a ping that is too long": b"\x89\xfe\x00\x80" + bytes(4) + b"a" * 128,
    "half a character": masked(0x81, b"\xe7\xa4"),
    "no character": masked(0x81, b"\xff\xfe"),
    "a farewell of one byte": masked(0x88, b"\x03"),
    "a farewell with a code that is none": masked(0x88, (5000).to_bytes(2, "big") + b"\xff"),
    "as large as the world": b"\x81\xff" + (2**62).to_bytes(8, "big") + bytes(4) + b"a" * 20_000,
    "of a length below zero": b"\x81\xff" + b"\xff" * 8 + bytes(4),
    "in endless parts": masked(0x01, b"a" * 125) + masked(0x00, b"a" * 125) * 200,
}


def closing_of(address: tuple[str, int], *sent: bytes) -> int:
    """Open a live socket, send bytes, and return the code with which the service closes it."""
    with socket.create_connection(address, timeout=PATIENCE) as connection:
        connection.sendall(UPGRADE)
        assert connection.recv(65536).startswith(b"HTTP/1.1 101")
        for part in sent:
            connection.sendall(part)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    assert answer[:1] == b"\x88", answer
    return int.from_bytes(answer[2:4], "big")


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_frame_closes_its_socket_with_a_reason(
    address: tuple[str, int], http: httpx.Client, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    with caplog.at_level(logging.ERROR):
        assert closing_of(address, BROKEN[name]) in {1002, 1007, 1009}
        assert_unharmed(http)
    assert caplog.records == []


HANDSHAKES = {
    "no key": b"Sec-WebSocket-Version: 13\r\n",
    "a version of tomorrow": b"Sec-WebSocket-Version: 99\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n",
    "nothing": b"",
}


@pytest.mark.parametrize("name", HANDSHAKES)
def test_a_broken_handshake_is_refused(
    address: tuple[str, int], http: httpx.Client, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    upgrade = b"GET /api/v1/live HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    with caplog.at_level(logging.ERROR):
        answer = answer_to(address, upgrade + HANDSHAKES[name] + b"\r\n")
        assert answer.split()[1] in {"400", "426"}
        assert_unharmed(http)
    assert caplog.records == []


def test_a_socket_to_nowhere_is_refused(address: tuple[str, int]) -> None:
    answer = answer_to(address, UPGRADE.replace(b"/api/v1/live", b"/api/v1/nowhere"))
    assert answer.split()[1] in {"403", "404"}


# ---------------------------------------------------------------- a thousand at once


def upgrade_from(caller: str) -> bytes:
    """Return the handshake of a caller behind our proxy."""
    return UPGRADE.replace(b"Host: a", f"Host: a\r\nX-Forwarded-For: {caller}".encode())


def caller_of(number: int) -> str:
    """Return the address of the one who opens socket *number*: as many from each as are admitted."""
    return f"203.0.113.{number // SOCKETS_AN_ADDRESS + 1}"


def open_socket(stack: ExitStack, address: tuple[str, int], caller: str) -> tuple[socket.socket, bytes]:
    """Connect and shake hands; return the connection and what came back."""
    connection = stack.enter_context(socket.create_connection(address, timeout=PATIENCE))
    connection.sendall(upgrade_from(caller))
    return connection, connection.recv(65536)


def hello(session: str) -> bytes:
    return frame(json.dumps({"type": "hello", "session_id": session, "after": 0}).encode())


def test_a_thousand_sockets_are_served_and_no_more(
    address: tuple[str, int], http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_socket, "HELLO_SECONDS", 300.0)
    allow_files(2 * SOCKETS + SPARE_FILES)
    with ExitStack() as stack:
        opened_now = []
        for number in range(SOCKETS):
            connection, answer = open_socket(stack, address, caller_of(number))
            assert answer.startswith(b"HTTP/1.1 101"), (number, answer)
            opened_now.append(connection)
            if number == SOCKETS_AN_ADDRESS - 1:
                _, greedy = open_socket(stack, address, caller_of(0))
                assert greedy.startswith(b"HTTP/1.1 429")
                assert b"too_many_sockets" in greedy
        _, late = open_socket(stack, address, "198.51.100.1")
        assert late.startswith(b"HTTP/1.1 503")
        assert b"application/problem+json" in late
        assert b"retry-after" in late.lower()
        assert_unharmed(http)
        opened_now[-1].sendall(hello("the-last-one"))
        assert b'"desk"' in opened_now[-1].recv(65536)


def test_a_thousand_connections_that_say_nothing_hold_nobody_up(address: tuple[str, int], http: httpx.Client) -> None:
    allow_files(2 * SOCKETS + SPARE_FILES)
    with ExitStack() as stack:
        for _ in range(1000):
            stack.enter_context(socket.create_connection(address, timeout=PATIENCE))
        assert_unharmed(http)


def test_a_connection_too_many_is_told_so_and_may_come_again() -> None:
    with served(FastAPI(), load_settings({"CONNECTIONS": "20"})) as address, ExitStack() as stack:
        idle = [stack.enter_context(socket.create_connection(address, timeout=PATIENCE)) for _ in range(20)]
        request = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        (refused,) = answers_to(address, request)
        assert_refused(refused, 503)
        assert int(refused.headers["retry-after"]) > 0
        for connection in idle[:5]:
            connection.close()
        assert any(answers_to(address, request)[0].status == 404 for _ in range(100))


def test_a_crowd_that_asks_at_once_is_answered_each_its_own(address: tuple[str, int]) -> None:
    texts = ["工伤认定要多久", "社保卡丢了怎么补", "失业金怎么领", "退休要什么材料"]
    replies: dict[int, dict[str, Any]] = {}

    def ask(number: int) -> None:
        with httpx.Client(base_url=f"http://{address[0]}:{address[1]}", timeout=PATIENCE) as http:
            body = {"session_id": f"crowd-{number}", "text": texts[number % 4]}
            replies[number] = http.post("/api/v1/chat", json=body).json()

    asking = [threading.Thread(target=ask, args=(number,)) for number in range(40)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(PATIENCE)
    assert [replies[number]["session_id"] for number in range(40)] == [f"crowd-{number}" for number in range(40)]
    about = [[item["id"] for item in replies[number]["items"]] for number in range(40)]
    assert about == about[:4] * 10
