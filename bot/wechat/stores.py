"""The channel's stores as the event loop sees them: in threads of their own, with patience, under a lease."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, TypeVar

from bot.wechat.arriving.incoming import CHANNEL
from bot.wechat.kept.replies import ReplyStore
from bot.wechat.kept.waiting import WaitingStore
from knowledge.store import StoreError

logger = logging.getLogger(__name__)

AGAIN_EVERY = 0.25
"""Seconds between attempts at a database that is away."""
PATIENCE = 60.0
"""Seconds for which that goes on."""
THREADS = 4
HOLD_EVERY = 2.0
"""Seconds between signs of life: a good deal less than a lease."""

_T = TypeVar("_T")


class Stores:
    """Each call runs in a thread of the channel's own: one that waits holds up nobody else's."""

    def __init__(
        self, replies: ReplyStore, waiting: WaitingStore, now: Callable[[], datetime], threads: int = 4
    ) -> None:
        self.replies = replies
        self.waiting = waiting
        self.now = now
        self._threads = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix=CHANNEL)

    async def call(self, function: Callable[..., _T], *arguments: Any) -> _T:
        """Return what *function* returns, which may block."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: function(*arguments))

    async def patiently(self, function: Callable[..., _T], *arguments: Any) -> _T:
        """Return what *function* returns; while the database is away, again and again. Raises StoreError in the end."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return await self.call(function, *arguments)
            except StoreError as error:
                if time.monotonic() > end:
                    raise
                logger.warning("the database is away, once more: %s", error)
            await asyncio.sleep(AGAIN_EVERY)

    @contextlib.asynccontextmanager
    async def holding(self, reply: int) -> AsyncIterator[None]:
        """Let other workers know, while the block runs, that the one that answers this message is alive."""

        async def hold() -> None:
            while True:
                await asyncio.sleep(HOLD_EVERY)
                with contextlib.suppress(StoreError):
                    await self.call(self.replies.hold, reply, self.now())

        task = asyncio.create_task(hold())
        try:
            yield
        finally:
            task.cancel()
