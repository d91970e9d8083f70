"""How the service listens: uvicorn, with limits on what comes before a call is one."""

from __future__ import annotations

import asyncio
import json
import resource
import signal
from contextlib import suppress
from functools import partial
from typing import Any

import h11
import uvicorn
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.wsproto_impl import WSProtocol
from wsproto.connection import ConnectionState
from wsproto.events import CloseConnection

from api.edge.problems import MEDIA_TYPE, problem, title_of
from bot.settings import Limits

LARGEST_HEAD = 16 * 1024
LARGEST_FRAME = 16 * 1024
"""Bytes of a WebSocket message: whatever a page has to say is far smaller."""
KEEP_ALIVE_SECONDS = 15
GRACE_SECONDS = 5
"""How long calls under way may go on when the service stops."""
SPARE_FILES = 256
"""For the database, the model, the log."""
TRY_AGAIN_SECONDS = 5
"""When a call that found every connection taken may try again."""
_SAFE = {"X-Content-Type-Options": "nosniff"}


class PatientProtocol(H11Protocol):  # type: ignore[misc]  # uvicorn is not type-checked
    """HTTP as uvicorn speaks it; but a call whose head does not come to its end is answered 408, not waited for.

    What never reaches the app is answered with a problem document as well.
    """

    def __init__(self, *arguments: Any, head_seconds: int, most: int, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._head_seconds = head_seconds
        self._most = most
        self._waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what comes; as long as it is no whole head, go on waiting."""
        # Told at the first call, not when the connection opens: whoever still writes would not read it.
        self.app = _too_many if len(self.connections) > self._most else self.config.loaded_app
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._wait_no_more()
        elif self._waiting is None and not self.transport.is_closing():
            # The first bytes of a further call on a connection that was kept.
            self._wait()

    def on_response_complete(self) -> None:
        """Go on to the next call, of which something may have come already."""
        super().on_response_complete()
        has_begun = self.conn.their_state is h11.IDLE and bool(self.conn.trailing_data[0])
        if has_begun and self._waiting is None and not self.transport.is_closing():
            self._wait()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hand the connection over; from now on another protocol looks after it."""
        self._wait_no_more()
        super().handle_websocket_upgrade(event)

    def send_400_response(self, msg: str) -> None:
        """Hang up on what is no HTTP, with an answer unless one is under way."""
        del msg
        self._wait_no_more()
        self._hang_up(400, "no_http")

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(self._head_seconds, self._give_up)

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._waiting = None
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self._hang_up(408, "head_too_slow")

    def _hang_up(self, status: int, code: str) -> None:
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            self.transport.write(_last_answer(status, code))
        self.transport.close()


class FrankProtocol(WSProtocol):  # type: ignore[misc]  # uvicorn is not type-checked
    """WebSocket as uvicorn speaks it; but who breaks its rules is told so before the socket is closed."""

    def handle_close(self, event: CloseConnection) -> None:
        """Say goodbye, also where nobody has said so but what came was no frame."""
        if self.conn.state is ConnectionState.OPEN:
            self.transport.write(self.conn.send(event))
        super().handle_close(event)


def configure(app: FastAPI, limits: Limits, host: str, port: int) -> uvicorn.Config:
    """Return how uvicorn is to serve *app*."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        # Rasa pins a websockets too old for uvicorn; wsproto comes with Rasa as well.
        ws=FrankProtocol,
        http=partial(PatientProtocol, head_seconds=limits.receive_seconds, most=limits.connections),
        # Whose word is believed is a setting of ours, see api/edge/addresses.py.
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        h11_max_incomplete_event_size=LARGEST_HEAD,
        ws_max_size=LARGEST_FRAME,
        # Frames are small, and what is packed could be anything once it is unpacked.
        ws_per_message_deflate=False,
    )


def serve(app: FastAPI, limits: Limits, host: str, port: int) -> None:
    """Serve *app* until the process is stopped, and return, so that what is not stored yet can be stored."""
    allow_files(limits.connections + SPARE_FILES)
    # When uvicorn has stopped, it sends itself the signal once more, of which the process would die on the spot.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        uvicorn.Server(configure(app, limits, host, port)).run()


def allow_files(wanted: int) -> None:
    """Let the process have so many files and connections open, as far as the machine lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))


async def _too_many(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a call for which there is no place."""
    response = problem(503, detail="all connections are taken", code="too_many_connections")
    response.headers.update({"Retry-After": str(TRY_AGAIN_SECONDS), "Connection": "close", **_SAFE})
    await response(scope, receive, send)


def _last_answer(status: int, code: str) -> bytes:
    """Return the answer to what does not reach the app, as a problem document like every other error."""
    members = {"type": "about:blank", "title": title_of(status), "status": status, "code": code}
    body = json.dumps(members).encode()
    headers = {"Content-Type": MEDIA_TYPE, "Content-Length": str(len(body)), "Connection": "close", **_SAFE}
    lines = [f"HTTP/1.1 {status} {title_of(status)}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body
