"""Conversations as Rasa wants them: a tracker for the turn under way, and one message of a session at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakValueDictionary

from rasa.core.lock_store import LockStore
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from bot.dialogue.thread import SLOT


class TurnTrackers(TrackerStore):
    """Trackers made anew for each turn from the thread that the engine hands in; nothing else of a turn is needed
    for the next, so nothing grows, and what is stored is the engine's matter."""

    def __init__(self) -> None:
        super().__init__(domain=None)
        self._states: dict[str, Mapping[str, Any]] = {}

    def begin(self, session: str, state: Mapping[str, Any] | None) -> None:
        """Let a turn go on from *state*; None for a new conversation."""
        self._states[session] = state or {}

    def end(self, session: str) -> Mapping[str, Any]:
        """Return where the conversation stands after the turn."""
        return self._states.pop(session, {})

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the conversation as it stands; None for a new one."""
        state = self._states.get(sender_id)
        if not state:
            return None
        events = [ActionExecuted(ACTION_LISTEN_NAME), SlotSet(SLOT, state)]
        return DialogueStateTracker.from_events(sender_id, events, self.domain.slots if self.domain else None)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Take up where the conversation stands."""
        self._states[tracker.sender_id] = tracker.get_slot(SLOT) or {}

    def keys(self) -> Iterable[str]:
        """Return the sessions with a turn under way; Rasa asks for this in its own server only."""
        return list(self._states)


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
