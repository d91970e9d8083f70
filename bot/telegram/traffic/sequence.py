"""The sequence of updates (次序): calls may overtake each other; what is early waits a moment for what is missing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from bot.telegram.traffic.records import KeptUpdate

SETTLE = 0.4
"""Seconds that an update waits for those numbered before it."""


class InOrder:
    """Hands updates on in the order of their numbers, as far as they come in time. It lives in one event loop."""

    def __init__(self, hand_on: Callable[[Sequence[KeptUpdate]], None], settle: float = SETTLE) -> None:
        self._hand_on = hand_on
        self._settle = settle
        self._early: dict[int, KeptUpdate] = {}
        self._expected: int | None = None
        self._timer: asyncio.TimerHandle | None = None

    def add(self, updates: Sequence[KeptUpdate]) -> None:
        """Hand *updates* on as soon as it is their turn; one that comes too late goes on at once."""
        self._early.update({update.id: update for update in updates})
        expected = self._expected
        ready = [update for number, update in self._early.items() if expected is not None and number < expected]
        while expected is not None and expected in self._early:
            ready.append(self._early[expected])
            expected += 1
        self._go_on(ready)
        if self._early and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._settle, self._give_up)

    def close(self) -> None:
        """Hand nothing on any more."""
        if self._timer is not None:
            self._timer.cancel()

    def _give_up(self) -> None:
        """Go on without what is missing: there may never have been such an update."""
        self._timer = None
        self._go_on(sorted(self._early.values(), key=lambda update: update.id))

    def _go_on(self, ready: Sequence[KeptUpdate]) -> None:
        for update in ready:
            del self._early[update.id]
            self._expected = max(self._expected or 0, update.id + 1)
        if ready:
            self._hand_on(ready)
