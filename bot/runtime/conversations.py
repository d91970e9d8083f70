"""Conversations as Rasa wants them, out of our own store: one small row a session, however long it gets."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from weakref import WeakValueDictionary

from rasa.core.lock_store import LockStore
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from bot.dialogue.thread import SLOT
from bot.records.conversations import ConversationStore
from knowledge.store import StoreError

logger = logging.getLogger(__name__)

PATIENCE = 1.0
"""Seconds that a reply waits until its conversation is stored; a store that takes longer goes on behind it."""


class StoredTrackers(TrackerStore):
    """Trackers made anew for each turn from the thread that is stored; nothing else of a turn is needed for the next.

    A store that is locked or away does not hold up the reply: what could not be stored yet is kept here, is what the
    next turn goes on from, and is stored with it.
    """

    def __init__(self, store: ConversationStore, now: Callable[[], datetime]) -> None:
        super().__init__(domain=None)
        self._store = store
        self._now = now
        self._unsaved: dict[str, dict[str, Any]] = {}
        self._changing = threading.Lock()
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="conversations")

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the conversation as it stands; None for a new one."""
        state = self._unsaved.get(sender_id)
        if state is None:
            stored = await asyncio.to_thread(self._store.load, sender_id)
            state = dict(stored or {})
        if not state:
            return None
        events = [ActionExecuted(ACTION_LISTEN_NAME), SlotSet(SLOT, state)]
        return DialogueStateTracker.from_events(sender_id, events, self.domain.slots if self.domain else None)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store where the conversation stands, and what could not be stored before."""
        with self._changing:
            self._unsaved[tracker.sender_id] = tracker.get_slot(SLOT) or {}
        writing = asyncio.get_running_loop().run_in_executor(self._writer, self._write)
        done, _ = await asyncio.wait([writing], timeout=PATIENCE)
        if not done:
            logger.warning("the store of conversations is slow; going on without it")

    def keys(self) -> Iterable[str]:
        """Return the sessions not stored yet; Rasa asks for this in its own server only."""
        return list(self._unsaved)

    def erase(self, session: str) -> None:
        """Forget a session, stored or not, after what is just being stored of it. Raises StoreError."""
        self._writer.submit(self._erase, session).result()

    def flush(self) -> None:
        """Wait until everything is stored that can be."""
        self._writer.submit(self._write).result()

    def _write(self) -> None:
        for session, state in list(self._unsaved.items()):
            try:
                self._store.save(session, state, self._now())
            except StoreError as error:
                logger.error("a conversation could not be stored yet: %s", error)
                return
            # A later turn may have put a newer state here meanwhile: that one is still to be stored.
            with self._changing:
                if self._unsaved.get(session) is state:
                    del self._unsaved[session]

    def _erase(self, session: str) -> None:
        with self._changing:
            self._unsaved.pop(session, None)
        self._store.erase(session)


class OrderedLocks(LockStore):
    """One message of a session at a time, in the order of arrival, without Rasa's polling once a second."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def lock(
        self, conversation_id: str, lock_lifetime: float = 0.0, wait_time_in_seconds: float = 0.0
    ) -> AsyncGenerator[Any, None]:
        """Wait for the messages of *conversation_id* that came before."""
        lock = self._locks.get(conversation_id)
        if lock is None:
            lock = self._locks[conversation_id] = asyncio.Lock()
        async with lock:
            yield lock
