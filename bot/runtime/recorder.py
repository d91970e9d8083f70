"""Writing down how turns ended, beside the conversation: a store that is away loses nothing and holds up nobody."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from concurrent.futures import ThreadPoolExecutor

from bot.records.outcomes import OutcomeStore, TurnRecord
from knowledge.store import StoreError

logger = logging.getLogger(__name__)

PATIENCE = 0.5
"""Seconds that a turn waits for its record to be written."""

MAX_PENDING = 100_000
"""Records kept while the store is away; then the oldest go."""


class Recorder:
    """Keeps records in order until the store has them."""

    def __init__(self, store: OutcomeStore) -> None:
        self.store = store
        self._pending: deque[TurnRecord] = deque(maxlen=MAX_PENDING)
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="outcomes")

    async def add(self, record: TurnRecord) -> None:
        """Write *record*, and those that could not be written before."""
        self._pending.append(record)
        writing = asyncio.get_running_loop().run_in_executor(self._writer, self._write)
        await asyncio.wait([writing], timeout=PATIENCE)

    def erase(self, session: str) -> None:
        """Forget the records of a session, written or not. Raises StoreError."""
        self._writer.submit(self._erase, session).result()

    def flush(self) -> None:
        """Wait until everything is written that can be."""
        self._writer.submit(self._write).result()

    def _write(self) -> None:
        while self._pending:
            try:
                self.store.add(self._pending[0])
            except StoreError as error:
                logger.error("how a turn ended could not be written yet: %s", error)
                return
            self._pending.popleft()

    def _erase(self, session: str) -> None:
        # Once round, so that a record added meanwhile neither disturbs nor is lost.
        for _ in range(len(self._pending)):
            record = self._pending.popleft()
            if record.session != session:
                self._pending.append(record)
        self.store.erase(session)
