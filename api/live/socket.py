"""One live socket of a resident's tab: hello, what was missed, and then everything as it happens, in order and once."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from api.live.events import DeskState, Erased
from api.live.forms import entry_json
from api.live.frames import FrameError, Hello, parse_hello, parse_typing
from api.live.hub import Hub
from api.live.listeners import ListenerEndedError
from api.live.rooms import ResidentListener
from api.problems import REFUSED, Refusal
from api.residents import session_of
from bot.records.transcripts import Entry, TranscriptStore
from knowledge.store import StoreError

HELLO_SECONDS = 10.0
"""How long a socket may be open without saying whose it is."""

CLOSE_SECONDS = 5.0
"""How long a tab that does not read is waited for when its socket is closed."""

FRAMES = 200
"""Frames that a tab may send in FRAMES_SECONDS; somebody who types sends a few a second."""
FRAMES_SECONDS = 10.0

PAGE = 500
"""Entries read at a time."""

TRY_AGAIN = 1013
DONE = 1000


class ClosingError(Exception):
    """The socket is to be closed, with WebSocket's code and a reason for whoever wrote the page."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


async def serve(websocket: WebSocket, hub: Hub, transcripts: TranscriptStore, secret: bytes) -> None:
    """Lead an accepted socket to its end."""
    try:
        hello = await _hello(websocket)
        await _live(websocket, hub, transcripts, _session_of(hello, secret), hello.after)
    except WebSocketDisconnect:
        return
    except FrameError as error:
        closing = ClosingError(REFUSED, str(error))
    except StoreError:
        closing = ClosingError(TRY_AGAIN, "what was said cannot be read at the moment: connect again")
    except ClosingError as error:
        closing = error
    # Whoever does not read does not read this either: the service goes on without waiting for it.
    with contextlib.suppress(asyncio.TimeoutError, WebSocketDisconnect):
        await asyncio.wait_for(websocket.close(closing.code, closing.reason), CLOSE_SECONDS)


async def _hello(websocket: WebSocket) -> Hello:
    try:
        return parse_hello(await asyncio.wait_for(_receive(websocket), HELLO_SECONDS))
    except asyncio.TimeoutError as error:
        raise ClosingError(REFUSED, f"no hello within {HELLO_SECONDS:.0f} s") from error


def _session_of(hello: Hello, secret: bytes) -> str:
    try:
        return session_of(hello.session_id, hello.token, secret)
    except Refusal as error:
        raise ClosingError(REFUSED, str(error.detail)) from error


async def _live(websocket: WebSocket, hub: Hub, transcripts: TranscriptStore, session: str, after: int) -> None:
    """Send and receive until one of both ends; always raises what ended it."""
    async with hub.join(session) as listener:
        tasks = [
            asyncio.create_task(work)
            for work in (
                _Sender(websocket, session, after).run(hub, transcripts, listener),
                _receive_all(websocket, hub, session),
                _wait_for_end(listener),
            )
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            task.result()


async def _receive(websocket: WebSocket) -> dict[str, Any]:
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", DONE))
    return dict(message)


async def _receive_all(websocket: WebSocket, hub: Hub, session: str) -> None:
    """Pass on that the resident is writing; a page has nothing else to say here."""
    loop = asyncio.get_running_loop()
    since, count = loop.time(), 0
    while True:
        message = await _receive(websocket)
        if loop.time() - since > FRAMES_SECONDS:
            since, count = loop.time(), 0
        count += 1
        if count > FRAMES:
            raise ClosingError(REFUSED, f"more than {FRAMES} frames in {FRAMES_SECONDS:.0f} s")
        parse_typing(message)
        hub.resident_types(session)


async def _wait_for_end(listener: ResidentListener) -> None:
    ending = await listener.over()
    raise ClosingError(ending.code, ending.reason)


class _Sender:
    """Sends entries in the order of their numbers, none twice, and the desk whenever it is another."""

    def __init__(self, websocket: WebSocket, session: str, after: int) -> None:
        self._websocket = websocket
        self._session = session
        self._sent = after
        self._desk: DeskState | None = None

    async def run(self, hub: Hub, transcripts: TranscriptStore, listener: ResidentListener) -> None:
        """Send what was missed, then what is told; always raises what ended it."""
        if not await self._catch_up(transcripts):
            await self._erased()
        await self._send_desk(await hub.desk(self._session))
        while True:
            try:
                event = await listener.next()
            except ListenerEndedError as error:
                raise ClosingError(error.ending.code, error.ending.reason) from error
            if isinstance(event, Entry):
                await self._send_entry(event)
            elif isinstance(event, DeskState):
                await self._send_desk(event)
            else:
                assert isinstance(event, Erased)
                await self._erased()

    async def _catch_up(self, transcripts: TranscriptStore) -> bool:
        """Send what is behind the number that the page has; False where that number is not known any more."""
        after = self._sent
        while entries := await asyncio.to_thread(transcripts.read, self._session, self._sent, PAGE):
            for entry in entries:
                await self._send_entry(entry)
            if len(entries) < PAGE:
                return True
        return self._sent > after or await asyncio.to_thread(transcripts.last_seq, self._session) >= after

    async def _send_entry(self, entry: Entry) -> None:
        # What was told while the transcript was read is in both.
        if entry.seq > self._sent:
            self._sent = entry.seq
            await self._websocket.send_json({"type": "entry", "entry": entry_json(entry)})

    async def _send_desk(self, desk: DeskState) -> None:
        if desk != self._desk:
            self._desk = desk
            await self._websocket.send_json({"type": "desk", "desk": desk.as_json()})

    async def _erased(self) -> None:
        await self._websocket.send_json({"type": "erased"})
        raise ClosingError(DONE, "the session was erased")
