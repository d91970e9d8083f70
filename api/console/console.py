"""What the console keeps beside the desk: presence, canned replies, endings; and the watch over lost agents."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta

from api.live.events import OfficeEventKind
from api.live.hub import Hub
from api.live.listeners import ListenerEndedError
from bot.desk.canned import CannedStore
from bot.desk.endings import EndingStore
from bot.desk.presence import PresenceStore
from bot.runtime.engine import Engine
from knowledge.store import StoreError

logger = logging.getLogger(__name__)

LOOK_EVERY = 15.0
"""Seconds after which the watch looks again whose tickets go back."""

TYPING_SECONDS = 6.0
"""How long a sign that a resident is writing holds."""

MOST_REMEMBERED = 2000
"""Messages of which it is remembered that they were said."""

ChannelNote = Callable[[str], str | None]
"""Returns what an agent should know of the way to a session, such as until when a channel still takes words."""


class Console:
    """One for the service; it lives in one event loop, while `running`.

    *lost_after* is how long nothing may be seen of an agent until the agent's tickets wait again.
    """

    def __init__(self, engine: Engine, hub: Hub, lost_after: timedelta) -> None:
        self.presence = PresenceStore(engine.database)
        self.canned = CannedStore(engine.database)
        self.endings = EndingStore(engine.database)
        self.channel_notes: dict[str, ChannelNote] = {}
        """By channel; a channel with conditions of its own puts its note here."""
        self._engine = engine
        self._hub = hub
        self._lost_after = lost_after
        self._listening: dict[object, Callable[[], None]] = {}
        self._said: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._saying = threading.Lock()
        self._typed: dict[str, float] = {}

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Console]:
        """Watch over lost agents and over who is writing while the block runs."""
        tasks = [asyncio.create_task(self._watch()), asyncio.create_task(self._overhear())]
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    # ------------------------------------------------------------ lost agents

    def release_lost(self) -> None:
        """Let the tickets of lost agents wait again. Raises StoreError."""
        self._engine.desk.release_lost(self._engine.services.now() - self._lost_after)

    async def _watch(self) -> None:
        # While the service was down nobody could give a sign: agents get the whole time to come back.
        await asyncio.sleep(self._lost_after.total_seconds())
        while True:
            try:
                await asyncio.to_thread(self.release_lost)
            except StoreError as error:
                logger.error("tickets of lost agents could not be released yet: %s", error)
            await asyncio.sleep(LOOK_EVERY)

    # ------------------------------------------------------------ who is writing

    def is_typing(self, number: str) -> bool:
        """Tell whether the resident of the ticket is writing."""
        return asyncio.get_running_loop().time() < self._typed.get(number, 0.0)

    async def _overhear(self) -> None:
        loop = asyncio.get_running_loop()
        with self._hub.office() as listener, contextlib.suppress(ListenerEndedError):
            while True:
                event = await listener.next()
                if event.kind is OfficeEventKind.TYPING:
                    self._typed[event.ticket] = loop.time() + TYPING_SECONDS
                else:
                    self._typed.pop(event.ticket, None)

    # ------------------------------------------------------------ what pages share

    @contextlib.contextmanager
    def listening(self, wake: Callable[[], None]) -> Iterator[None]:
        """Call *wake*, in the event loop, whenever somebody's presence has changed."""
        key = object()
        self._listening[key] = wake
        try:
            yield
        finally:
            del self._listening[key]

    def presence_changed(self) -> None:
        """Tell all pages to look again who is there."""
        for wake in list(self._listening.values()):
            wake()

    @contextlib.contextmanager
    def once(self, agent: str, message_id: str | None) -> Iterator[bool]:
        """Tell whether the message is new; one sent again, since its answer was lost on the way, is not said twice.

        What fails in the block was not said.
        """
        if message_id is None:
            yield True
            return
        key = (agent, message_id)
        with self._saying:
            is_new = key not in self._said
            if is_new:
                self._said[key] = None
                while len(self._said) > MOST_REMEMBERED:
                    self._said.popitem(last=False)
        try:
            yield is_new
        except BaseException:
            if is_new:
                with self._saying:
                    self._said.pop(key, None)
            raise
