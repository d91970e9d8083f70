"""What one console page is told as it happens: the board, who is there, what is said on the tickets it follows."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from starlette.websockets import WebSocket

from api.access.account import Staff
from api.access.role import Role
from api.access.staff import StaffAccess
from api.console.console import Console
from api.console.frames import Here, Watch, parse_frame
from api.console.views import NoSuchTicket, Views, entries_json
from api.edge.problems import REFUSED
from api.live.closing import ClosingError, FrameCount, lead_to_its_end, receive, until_one_ends
from api.live.events import OfficeEvent, OfficeEventKind
from api.live.hub import PAGE, Hub, OfficeListener
from bot.desk.ticket import TicketState
from bot.runtime.engine import Engine

SILENCE_SECONDS = 60.0
"""How long a page may give no sign: three times as long as it waits between two."""

TICK = 1.0
"""Seconds after which followed conversations are read again: a channel elsewhere tells nobody what was said."""
EAGER_TICK, EAGER_SECONDS = 0.15, 2.0
"""The same while something just happened: the desk hears of words a moment before the transcript has them."""

OVERVIEW_EVERY = 15.0
"""Seconds after which board and colleagues are read again: time alone changes hours and presence."""


class Feed:
    """One socket of one agent, whose cookie was checked already."""

    def __init__(
        self, websocket: WebSocket, staff: Staff, engine: Engine, hub: Hub, console: Console, access: StaffAccess
    ) -> None:
        self._websocket = websocket
        self._staff = staff
        self._engine = engine
        self._hub = hub
        self._console = console
        self._access = access
        self._views = Views(engine, hub, console, access)
        self._woken = asyncio.Event()
        self._watched: str | None = None
        self._read_up_to = 0
        """The number that the page has read up to on the ticket watched."""
        self._cursors: dict[str, tuple[str, int]] = {}
        """The tickets followed: session, and the number up to which its entries were sent."""
        self._sent: dict[str, Any] = {}
        self._stale = {"overview"}
        self._typing: list[str] = []
        self._eager_until = 0.0
        self._looked = 0.0

    async def serve(self) -> None:
        """Lead the accepted socket to its end."""
        await lead_to_its_end(self._websocket, self._live(), "a store cannot be reached: connect again")

    async def _live(self) -> None:
        """Send and receive until one of both ends; always raises what ended it."""
        await self._is_here(is_active=True)
        with self._hub.office() as listener, self._console.listening(lambda: self._wake("overview")):
            try:
                await until_one_ends(self._receive_all(), self._hear(listener), self._send_all())
            finally:
                self._console.presence_changed()

    # ------------------------------------------------------------ from the page

    async def _receive_all(self) -> None:
        frames = FrameCount()
        while True:
            try:
                message = await asyncio.wait_for(receive(self._websocket), SILENCE_SECONDS)
            except asyncio.TimeoutError as error:
                raise ClosingError(REFUSED, f"no sign of life for {SILENCE_SECONDS:.0f} s") from error
            frames.add()
            await self._obey(message)

    async def _obey(self, message: dict[str, Any]) -> None:
        frame = parse_frame(message)
        if isinstance(frame, Here):
            await self._is_here(frame.active)
        elif isinstance(frame, Watch):
            self._watched, self._read_up_to = frame.ticket, frame.after
            # Whatever was sent of it before: what the page has now is older or newer.
            self._cursors.pop(frame.ticket or "", None)
            self._sent.pop("ticket", None)
            self._wake("overview", *([frame.ticket] if frame.ticket else []))
        else:
            await self._types(frame.ticket)

    async def _is_here(self, is_active: bool) -> None:
        """Take a sign of life: who may not be here any more is told to log in again."""
        found = await self._access.find_again(self._staff, is_active)
        if found is None or not found.role.includes(Role.AGENT):
            raise ClosingError(REFUSED, "log in again")
        was = await asyncio.to_thread(self._views.presence_of, self._staff.name)
        await asyncio.to_thread(self._engine.desk.seen, self._staff.name, self._engine.services.now())
        if await asyncio.to_thread(self._views.presence_of, self._staff.name) is not was:
            self._console.presence_changed()

    async def _types(self, number: str) -> None:
        ticket = await asyncio.to_thread(self._engine.desk.find, number)
        if ticket and ticket.state is TicketState.TAKEN and ticket.agent == self._staff.name:
            self._hub.agent_types(ticket.session)

    # ------------------------------------------------------------ from the office

    async def _hear(self, listener: OfficeListener) -> None:
        loop = asyncio.get_running_loop()
        while True:
            event: OfficeEvent = await listener.next()
            if event.kind is OfficeEventKind.TYPING:
                if event.ticket in self._cursors and event.ticket not in self._typing:
                    self._typing.append(event.ticket)
                self._woken.set()
            else:
                self._eager_until = loop.time() + EAGER_SECONDS
                self._wake("overview", event.ticket)

    def _wake(self, *stale: str) -> None:
        self._stale.update(stale)
        self._woken.set()

    # ------------------------------------------------------------ to the page

    async def _send_all(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._woken.clear()
            if loop.time() - self._looked >= OVERVIEW_EVERY:
                self._stale.add("overview")
            stale, self._stale = self._stale, set()
            if "overview" in stale:
                self._looked = loop.time()
                await self._send_overview()
            await self._send_entries()
            if self._watched in stale and self._watched is not None:
                await self._send_ticket(self._watched)
            typing, self._typing = self._typing, []
            for number in typing:
                await self._websocket.send_json({"type": "typing", "ticket": number})
            tick = EAGER_TICK if loop.time() < self._eager_until else TICK
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._woken.wait(), tick)

    async def _send_overview(self) -> None:
        board, colleagues = await asyncio.to_thread(self._views.overview, self._staff.name)
        await self._follow(await asyncio.to_thread(self._views.sessions_of, self._staff.name))
        if self._is_news("board", {**board, "now": None}):
            await self._websocket.send_json({"type": "board", "board": board})
        if self._is_news("colleagues", colleagues):
            await self._websocket.send_json({"type": "colleagues", "colleagues": colleagues})

    async def _follow(self, sessions: dict[str, str]) -> None:
        """Follow the agent's own tickets and the one on the screen, each from now on."""
        wanted = dict(sessions)
        if self._watched is not None and self._watched not in wanted:
            ticket = await asyncio.to_thread(self._engine.desk.find, self._watched)
            if ticket is not None and ticket.is_open:
                wanted[ticket.number] = ticket.session
        for number in set(self._cursors) - set(wanted):
            # What was said before the end is still to be told.
            await self._send_entries_of(number)
            self._cursors.pop(number, None)
        for number in set(wanted) - set(self._cursors):
            session = wanted[number]
            is_watched = number == self._watched
            last = (
                self._read_up_to if is_watched else await asyncio.to_thread(self._engine.transcripts.last_seq, session)
            )
            self._cursors[number] = (session, last)

    async def _send_entries(self) -> None:
        for number in list(self._cursors):
            await self._send_entries_of(number)

    async def _send_entries_of(self, number: str) -> None:
        following = self._cursors.get(number)
        if following is None:
            return  # another ticket was put on the screen meanwhile
        session, last = following
        entries = await asyncio.to_thread(self._engine.transcripts.read, session, last, PAGE)
        if entries and self._cursors.get(number) == following:
            self._cursors[number] = (session, entries[-1].seq)
        for told in entries_json(number, entries):
            await self._websocket.send_json({"type": "entry", **told})

    async def _send_ticket(self, number: str) -> None:
        try:
            ticket = await asyncio.to_thread(self._views.ticket, number, self._staff.name)
        except NoSuchTicket:
            await self._websocket.send_json({"type": "gone", "ticket": number})
            return
        if self._is_news("ticket", {**ticket, "read_at": None}):
            await self._websocket.send_json({"type": "ticket", "ticket": ticket})

    def _is_news(self, what: str, told: Any) -> bool:
        is_news = bool(self._sent.get(what) != told)
        self._sent[what] = told
        return is_news
