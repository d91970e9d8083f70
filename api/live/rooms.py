"""A room: the tabs of one session that are open now, and up to where they have been told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from api.live.events import NOBODY, DeskState, ResidentEvent
from api.live.listeners import Ending, Listener
from bot.records.transcripts import Entry

ResidentListener = Listener[ResidentEvent]

TYPING_SECONDS = 6.0
"""How long a sign that an agent is writing holds."""

GRACE_SECONDS = 6.0
"""How long a resident still counts as being there with no tab open: between two polls, while a page loads anew."""


class Room:
    """What is known of one session while its resident is there; *now* is always the event loop's time."""

    def __init__(self, session: str, now: float) -> None:
        self.session = session
        self.listeners: set[ResidentListener] = set()
        self.reading = asyncio.Lock()
        """Held by whoever reads the transcript for all: what is new is told once and in order."""
        self.told: int | None = None
        """The number of the entry up to which all have been told; None while nobody listens."""
        self.is_owed = False
        """Something was said that the store does not have yet."""
        self.last_answer = NOBODY
        """The desk as the last poll was told: what changes between two polls must not be missed."""
        self._desk = NOBODY
        self._left = now
        self._agent_types_until = 0.0
        self._resident_typed = 0.0

    # ------------------------------------------------------------ who is there

    def enter(self) -> ResidentListener:
        """Add somebody who hears all that is told from now on."""
        listener = ResidentListener()
        self.listeners.add(listener)
        return listener

    def leave(self, listener: ResidentListener, now: float) -> None:
        """Take somebody out."""
        self.listeners.discard(listener)
        if not self.listeners:
            self.told = None
            self._left = now

    def is_deserted(self, now: float) -> bool:
        """Tell whether the resident is gone for good."""
        return not self.listeners and now - self._left > GRACE_SECONDS

    def end(self, ending: Ending) -> None:
        """Let nobody hear anything more."""
        for listener in self.listeners:
            listener.end(ending)

    # ------------------------------------------------------------ what is told

    def tell(self, event: ResidentEvent) -> None:
        """Tell everybody."""
        for listener in self.listeners:
            listener.tell(event)

    def tell_entries(self, entries: Sequence[Entry]) -> None:
        """Tell everybody what has been said."""
        for entry in entries:
            self.tell(entry)
            self.told = entry.seq
            self.is_owed = False

    def tell_desk(self, desk: DeskState) -> None:
        """Tell everybody where the session stands at the desk, if that is news."""
        if desk != self._desk:
            self._desk = desk
            self.tell(desk)

    # ------------------------------------------------------------ who is writing

    def agent_types(self, now: float) -> None:
        """Note that the agent is writing."""
        self._agent_types_until = now + TYPING_SECONDS

    def agent_has_spoken(self) -> None:
        """Note that what the agent was writing is there."""
        self._agent_types_until = 0.0

    def is_agent_typing(self, now: float) -> bool:
        """Tell whether the agent is writing."""
        return now < self._agent_types_until

    def resident_types(self, now: float) -> bool:
        """Note that the resident is writing; tell whether that is worth passing on: once a second will do."""
        is_news = now - self._resident_typed >= 1.0
        if is_news:
            self._resident_typed = now
        return is_news
