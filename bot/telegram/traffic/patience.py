"""Patience with the database (耐心): what must be kept is tried until it is; somebody notices how long that takes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from knowledge.store import StoreError

logger = logging.getLogger(__name__)

TRY_AGAIN = 0.5
"""Seconds until the database is asked again."""

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Patient:
    """Asks the stores in a thread of its own: a database that hangs holds up nothing else. It lives in one loop."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="telegram")
        self._away_since: float | None = None

    @property
    def away_for(self) -> float:
        """For how many seconds the database has been away; 0 while it is there."""
        return 0.0 if self._away_since is None else asyncio.get_running_loop().time() - self._away_since

    async def once(self, ask: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Ask once. Raises StoreError."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            answer = await loop.run_in_executor(self._thread, lambda: ask(*args, **kwargs))
        except StoreError as error:
            if self._away_since is None:
                logger.error("the database is away; nothing is lost meanwhile: %s", error)
                self._away_since = began
            raise
        if self._away_since is not None:
            logger.info("the database is there again")
            self._away_since = None
        return answer

    async def until_done(self, ask: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Ask until there is an answer."""
        while True:
            try:
                return await self.once(ask, *args, **kwargs)
            except StoreError:
                await asyncio.sleep(TRY_AGAIN)

    def close(self) -> None:
        """Give the thread back when it is done."""
        self._thread.shutdown(wait=False)
