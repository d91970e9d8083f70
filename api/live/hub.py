"""The hub: who is connected to this process, and what they are told of the moment it happens.

It stores nothing. What was said is in the transcripts and how tickets stand is in the desk's store; the hub looks
there when something of this process happened and once a second for what others wrote, and tells what is new.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Coroutine, Iterator
from typing import Any

from api.live.events import (
    DeskState,
    Erased,
    OfficeEvent,
    OfficeEventKind,
    changes,
    desk_state,
    ended,
    how_ended,
)
from api.live.listeners import Ending, Listener
from api.live.rooms import ResidentListener, Room
from bot.desk.events import TicketEvent, TicketEventKind
from bot.desk.glance import Glance, glance_at
from bot.runtime.engine import Engine
from knowledge.store import StoreError

logger = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds after which the hub looks for what other processes wrote."""

PAGE = 50
"""Entries told at a time; a tab that reads has taken them by the time the next are there."""

OfficeListener = Listener[OfficeEvent]


class Hub:
    """Tells a session's tabs and the office's people what happens. It lives in one event loop, while `running`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._rooms: dict[str, Room] = {}
        self._office: set[OfficeListener] = set()
        self._glance = Glance.of([])
        self._has_looked = False
        self._is_desk_away = False
        self._is_running = False
        self._noticed = 0
        """How often something was noticed that a look must show, and how much of that the last look showed."""
        self._shown = 0
        self._looking = asyncio.Lock()
        self._woken = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Hub]:
        """Watch the desk while the block runs; whoever still listens afterwards is told to connect again."""
        loop = asyncio.get_running_loop()

        def overhear(event: TicketEvent) -> None:
            # In the thread that wrote; by the time its call returns in our loop, the glance is known to be stale.
            loop.call_soon_threadsafe(self._notice, event)

        unsubscribe = self._engine.desk.events.subscribe(overhear)
        # What is there at the start is no news; everything later is.
        await self._look_again()
        watching = asyncio.create_task(self._watch())
        self._is_running = True
        try:
            yield self
        finally:
            self._is_running = False
            unsubscribe()
            for room in self._rooms.values():
                room.end(Ending.STOPPING)
            for listener in self._office:
                listener.end(Ending.STOPPING)
            for task in (watching, *self._tasks):
                task.cancel()
            await asyncio.gather(watching, *self._tasks, return_exceptions=True)

    # ------------------------------------------------------------ residents

    @contextlib.asynccontextmanager
    async def join(self, session: str) -> AsyncIterator[ResidentListener]:
        """Let a tab of *session* hear what happens; whatever agents have said meanwhile is brought. Raises StoreError.

        Who reads the transcript after joining misses nothing: what is said later is told.
        """
        room = self._room(session)
        listener = room.enter()
        try:
            async with room.reading:
                if room.told is None:
                    room.told = await asyncio.to_thread(self._engine.transcripts.last_seq, session)
            await self.bring(session)
            yield listener
        finally:
            room.leave(listener, self._now())

    async def desk(self, session: str) -> DeskState:
        """Return where *session* stands at the desk, and let its room know. Raises StoreError."""
        if not self._is_running:
            self._wake()
        wanted = self._noticed
        if self._shown < wanted:
            async with self._looking:
                if self._shown < wanted:
                    await self._look()
        state = self._desk_of(session)
        if room := self._rooms.get(session):
            # A room younger than the last look was told nothing by it: unless it knows what its tabs are shown now, a
            # ticket that ends before the next look is no news to it, and they show it for ever.
            room.tell_desk(state)
        return state

    async def bring(self, session: str) -> None:
        """Take what agents have said to *session* into its transcript, and tell the tabs."""
        try:
            brought = await self._engine.deliver(session)
        except StoreError as error:
            # Nothing is lost: the words wait at the desk for the next time.
            logger.warning("what an agent said could not be delivered yet: %s", error)
            return
        if brought:
            if room := self._rooms.get(session):
                room.agent_has_spoken()
            self._wake()
            self.stir(session)

    def stir(self, session: str, is_stored: bool = True) -> None:
        """Tell the tabs of *session* what is new in its transcript; what *is_stored* later is looked for until then."""
        room = self._rooms.get(session)
        if room is not None and room.listeners:
            room.is_owed = room.is_owed or not is_stored
            self._begin(self._read_on(room))

    def erased(self, session: str) -> None:
        """Tell the tabs of *session* that nothing of it is kept any more."""
        if room := self._rooms.get(session):
            room.tell(Erased())

    def resident_types(self, session: str) -> None:
        """Tell the office that the resident is writing."""
        room = self._rooms.get(session)
        if room is not None and room.resident_types(self._now()):
            self._tell_office_of(session, OfficeEventKind.TYPING)

    def is_news(self, session: str, desk: DeskState) -> bool:
        """Tell whether a poll that finds *desk* should be answered at once, since the last one was told otherwise."""
        return self._room(session).last_answer != desk

    def answered(self, session: str, desk: DeskState) -> None:
        """Note what a poll was told."""
        self._room(session).last_answer = desk

    # ------------------------------------------------------------ the office

    @contextlib.contextmanager
    def office(self) -> Iterator[OfficeListener]:
        """Let one of the office's people hear what happens on all tickets."""
        listener = OfficeListener()
        self._office.add(listener)
        try:
            yield listener
        finally:
            self._office.discard(listener)

    def agent_types(self, session: str) -> None:
        """Show the resident that the agent is writing, for some seconds or until the words come."""
        if room := self._rooms.get(session):
            room.agent_types(self._now())
            room.tell_desk(self._desk_of(session))

    def is_connected(self, session: str) -> bool:
        """Tell whether the resident has a page open now."""
        return session in self._rooms

    # ------------------------------------------------------------ telling

    def _room(self, session: str) -> Room:
        room = self._rooms.get(session)
        if room is None:
            room = self._rooms[session] = Room(session, self._now())
            self._tell_office_of(session, OfficeEventKind.CAME)
        return room

    def _desk_of(self, session: str) -> DeskState:
        room = self._rooms.get(session)
        return desk_state(self._glance, session, room is not None and room.is_agent_typing(self._now()))

    def _tell_office(self, event: OfficeEvent) -> None:
        for listener in self._office:
            listener.tell(event)

    def _tell_office_of(self, session: str, kind: OfficeEventKind) -> None:
        if ticket := self._glance.by_session.get(session):
            self._tell_office(OfficeEvent(kind, ticket.number, session))

    async def _read_on(self, room: Room) -> None:
        """Tell a room's tabs what is new in the transcript."""
        async with room.reading:
            try:
                while room.told is not None:
                    entries = await asyncio.to_thread(self._engine.transcripts.read, room.session, room.told, PAGE)
                    if room.listeners:
                        room.tell_entries(entries)
                    if len(entries) < PAGE:
                        return
            except StoreError as error:
                room.is_owed = True
                logger.warning("a transcript could not be read yet: %s", error)

    # ------------------------------------------------------------ looking

    def _notice(self, event: TicketEvent) -> None:
        if event.kind is TicketEventKind.ERASED and event.number not in self._glance.by_number:
            # It had ended, so that no glance shows that it is gone; somebody may have it on the screen.
            self._tell_office(OfficeEvent(OfficeEventKind.ERASED, event.number, event.session))
        self._wake()

    def _wake(self) -> None:
        self._noticed += 1
        self._woken.set()

    async def _watch(self) -> None:
        while True:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._woken.wait(), LOOK_EVERY)
            self._woken.clear()
            await self._look_again()
            self._tidy()

    async def _look_again(self) -> None:
        try:
            async with self._looking:
                await self._look()
            self._is_desk_away = False
        except StoreError as error:
            if not self._is_desk_away:
                logger.error("the desk could not be looked at: %s", error)
            self._is_desk_away = True
        except Exception:  # the update loop's catch-all: one look that fails must not be the last
            logger.exception("a look at the desk failed")

    async def _look(self) -> None:
        """Look at all open tickets; tell the office what changed, each tab where it stands, and bring agents' words."""
        noticed = self._noticed
        after = await asyncio.to_thread(glance_at, self._engine.database)
        gone = ended(self._glance, after)
        found = [await asyncio.to_thread(self._engine.desk.find, ticket.number) for ticket in gone]
        before, self._glance = self._glance, after
        if self._has_looked:
            for event in changes(before, after):
                self._tell_office(event)
            for ticket, now in zip(gone, found, strict=True):
                self._tell_office(OfficeEvent(how_ended(now.state if now else None), ticket.number, ticket.session))
        self._has_looked = True
        self._shown = noticed
        for ticket in gone:
            # The last words before a ticket was closed; the ticket itself is out of sight now.
            self._bring_to(ticket.session)
        for ticket in after.by_number.values():
            if ticket.has_undelivered:
                self._bring_to(ticket.session)
        for room in self._rooms.values():
            room.tell_desk(self._desk_of(room.session))

    def _bring_to(self, session: str) -> None:
        """Bring agents' words to a resident who is there to see them; to others when they come."""
        room = self._rooms.get(session)
        if room is not None and room.listeners:
            self._begin(self.bring(session))

    def _tidy(self) -> None:
        """Look for what is owed, and forget who is gone."""
        now = self._now()
        for room in list(self._rooms.values()):
            if room.is_owed and room.listeners:
                self._begin(self._read_on(room))
            if room.is_deserted(now):
                del self._rooms[room.session]
                self._tell_office_of(room.session, OfficeEventKind.LEFT)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
