"""Moving windows for the limits library, kept in memory: what is over is forgotten, by no thread of its own."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from limits.storage import Storage
from limits.storage.base import MovingWindowSupport

SWEEP_SECONDS = 60.0
"""How often windows in which nothing is left are forgotten, so that passers-by take no memory."""


@dataclass
class _Window:
    expiry: float
    moments: deque[float] = field(default_factory=deque)

    def drop_old(self, now: float) -> None:
        while self.moments and self.moments[0] <= now - self.expiry:
            self.moments.popleft()


class MovingWindows(Storage, MovingWindowSupport):
    """The moments of each key's hits.

    The library's own storage in memory keeps every key for ever and walks over all hits a hundred times a second.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._windows: dict[str, _Window] = {}
        self._swept = clock()

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count *amount* hits, unless that were more than *limit* in *expiry* seconds."""
        with self.lock:
            now = self._clock()
            self._sweep(now)
            window = self._windows.setdefault(key, _Window(expiry))
            window.drop_old(now)
            if len(window.moments) + amount > limit:
                return False
            window.moments.extend([now] * amount)
            return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[int, int]:
        """Return when the window of *key* begins, and how many hits are in it; *limit* is the library's wish."""
        del limit
        with self.lock:
            window = self._windows.get(key, _Window(expiry))
            window.drop_old(self._clock())
            return int(window.moments[0] if window.moments else self._clock()), len(window.moments)

    def wait_of(self, key: str) -> int:
        """Return after how many seconds, 1 at least, the oldest hit of *key* leaves its window."""
        with self.lock:
            window = self._windows.get(key)
            if window is None or not window.moments:
                return 1
            return max(1, round(window.moments[0] + window.expiry - self._clock() + 0.5))

    def clear(self, key: str) -> None:
        """Forget the hits of *key*."""
        with self.lock:
            self._windows.pop(key, None)

    def reset(self) -> None:
        """Forget everything."""
        with self.lock:
            self._windows.clear()

    def check(self) -> bool:
        """Tell that memory is there."""
        return True

    def get(self, key: str) -> int:
        """Return how many hits are in the window of *key*."""
        return self.get_moving_window(key, 0, 0)[1]

    def get_expiry(self, key: str) -> int:
        """Return when the window of *key* is over."""
        return int(self._clock()) + self.wait_of(key)

    def incr(self, key: str, expiry: int, elastic_expiry: bool = False, amount: int = 1) -> int:
        """Refuse: these windows only move, they are never fixed."""
        raise NotImplementedError("fixed windows are not kept here")

    def __len__(self) -> int:
        return len(self._windows)

    def _sweep(self, now: float) -> None:
        if now - self._swept < SWEEP_SECONDS:
            return
        self._swept = now
        for key, window in list(self._windows.items()):
            window.drop_old(now)
            if not window.moments:
                del self._windows[key]
