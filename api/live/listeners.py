"""One who listens: what is told waits in line until it is taken, in order, and the line has an end."""

from __future__ import annotations

import asyncio
from collections import deque
from enum import Enum
from typing import Generic, TypeVar

T = TypeVar("T")

LONGEST_LINE = 200
"""Events that wait for one listener; who lets more come is too slow."""


class Ending(Enum):
    """Why a listener hears no more: WebSocket's code for it, and the reason in words."""

    TOO_SLOW = (1013, "too slow: connect again and ask for what you missed")
    STOPPING = (1012, "the service stops: connect again")

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason


class ListenerEndedError(Exception):
    """Nothing more comes."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.reason)
        self.ending = ending


class Listener(Generic[T]):
    """A line of events. Everything here happens in the thread of one event loop."""

    def __init__(self, longest: int = LONGEST_LINE) -> None:
        self._longest = longest
        self._line: deque[T] = deque()
        self._changed = asyncio.Event()
        self._over = asyncio.Event()
        self._ending: Ending | None = None

    def tell(self, event: T) -> None:
        """Put *event* at the end of the line; a line that is full ends the listener."""
        if self._ending is not None:
            return
        if len(self._line) >= self._longest:
            self.end(Ending.TOO_SLOW)
            return
        self._line.append(event)
        self._changed.set()

    def end(self, ending: Ending) -> None:
        """Let nothing more come, what waits in line included."""
        self._ending = self._ending or ending
        self._line.clear()
        self._changed.set()
        self._over.set()

    async def next(self) -> T:
        """Return the next event as soon as there is one. Raises ListenerEndedError."""
        while not self._line:
            if self._ending is not None:
                raise ListenerEndedError(self._ending)
            self._changed.clear()
            await self._changed.wait()
        return self._line.popleft()

    async def over(self) -> Ending:
        """Return why nothing more comes, as soon as that is so: also to who is busy with an event and asks for none."""
        await self._over.wait()
        assert self._ending is not None
        return self._ending
