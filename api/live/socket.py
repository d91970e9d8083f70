"""One live socket of a resident's tab: hello, what was missed, and then everything as it happens, in order and once."""

from __future__ import annotations

import asyncio

from starlette.websockets import WebSocket

from api.edge.problems import REFUSED, Refusal
from api.live.closing import DONE, ClosingError, FrameCount, lead_to_its_end, receive, until_one_ends
from api.live.events import DeskState, Erased
from api.live.forms import entry_json
from api.live.frames import Hello, parse_hello, parse_typing
from api.live.hub import Hub
from api.live.listeners import ListenerEndedError
from api.live.rooms import ResidentListener
from api.residents import session_of
from bot.records.transcripts import Entry, TranscriptStore

HELLO_SECONDS = 10.0
"""How long a socket may be open without saying whose it is."""

PAGE = 500
"""Entries read at a time."""


async def serve(websocket: WebSocket, hub: Hub, transcripts: TranscriptStore, secret: bytes) -> None:
    """Lead an accepted socket to its end."""
    talk = _talk(websocket, hub, transcripts, secret)
    await lead_to_its_end(websocket, talk, "what was said cannot be read at the moment: connect again")


async def _talk(websocket: WebSocket, hub: Hub, transcripts: TranscriptStore, secret: bytes) -> None:
    hello = await _hello(websocket)
    await _live(websocket, hub, transcripts, _session_of(hello, secret), hello.after)


async def _hello(websocket: WebSocket) -> Hello:
    try:
        return parse_hello(await asyncio.wait_for(receive(websocket), HELLO_SECONDS))
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
        await until_one_ends(
            _Sender(websocket, session, after).run(hub, transcripts, listener),
            _receive_all(websocket, hub, session),
            _wait_for_end(listener),
        )


async def _receive_all(websocket: WebSocket, hub: Hub, session: str) -> None:
    """Pass on that the resident is writing; a page has nothing else to say here."""
    frames = FrameCount()
    while True:
        message = await receive(websocket)
        frames.add()
        parse_typing(message)
        hub.resident_types(session)


async def _wait_for_end(listener: ResidentListener) -> None:
    raise ListenerEndedError(await listener.over())


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
            event = await listener.next()
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
