"""Keeping turns beside the conversation: written whole, in order, and a store that is away holds up nobody."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import count, islice
from typing import Any

from bot.records.turns import KeptTurn, TurnStore
from knowledge.store import StoreError

logger = logging.getLogger(__name__)

MAX_PENDING = 100_000
"""Turns kept while the store is away; then the oldest go."""

TOGETHER = 64
"""Turns written in one transaction at most: many residents at once share a commit."""


class TurnKeeper:
    """Keeps turns in the order in which they ended; what is not stored yet is still known here.

    A reply waits *patience* seconds until its turn is stored; a store that takes longer goes on behind it.
    """

    def __init__(self, store: TurnStore, patience: float) -> None:
        self._store = store
        self._patience = patience
        self._pending: OrderedDict[int, KeptTurn] = OrderedDict()
        self._numbers: dict[int, int | None] = {}
        self._awaited: set[int] = set()
        self._tickets = count()
        self._changing = threading.Lock()
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="turns")

    async def keep(self, turn: KeptTurn) -> int | None:
        """Store *turn* and those that could not be stored before; return its entry's number, None if not yet stored."""
        ticket = next(self._tickets)
        with self._changing:
            self._pending[ticket] = turn
            self._awaited.add(ticket)
            while len(self._pending) > MAX_PENDING:
                self._pending.popitem(last=False)
        writing = asyncio.get_running_loop().run_in_executor(self._writer, self._write, ticket)
        done, _ = await asyncio.wait([writing], timeout=self._patience)
        if not done:
            logger.warning("the store of conversations is slow; going on without it")
            return None
        return writing.result()

    def find_state(self, session: str) -> Mapping[str, Any] | None:
        """Return where *session* stands by what is not stored yet; None where the store knows better."""
        for turn in self._pending_of(session):
            if turn.state is not None:
                return turn.state
        return None

    def find_reply(self, session: str, message_id: str) -> Mapping[str, Any] | None:
        """Return the reply to a message among what is not stored yet."""
        for turn in self._pending_of(session):
            if turn.message_id == message_id:
                return turn.reply
        return None

    def erase(self, session: str) -> None:
        """Forget a session, stored or not, after what is just being stored of it. Raises StoreError."""
        self._writer.submit(self._erase, session).result()

    def flush(self) -> None:
        """Wait until everything is stored that can be."""
        self._writer.submit(self._write, None).result()

    def _pending_of(self, session: str) -> list[KeptTurn]:
        """Return what is not stored yet of *session*, newest first."""
        with self._changing:
            return [turn for turn in reversed(self._pending.values()) if turn.record.session == session]

    def _write(self, wanted: int | None) -> int | None:
        """Store all that is pending, this turn's with it unless another call has done so; return its number."""
        while self._pending:
            with self._changing:
                batch = list(islice(self._pending.items(), TOGETHER))
            try:
                numbers = self._store.keep([turn for _, turn in batch])
            except StoreError as error:
                logger.error("what was said could not be stored yet: %s", error)
                break
            with self._changing:
                for (ticket, _), number in zip(batch, numbers, strict=True):
                    self._pending.pop(ticket, None)
                    if ticket in self._awaited:
                        self._numbers[ticket] = number
        if wanted is None:
            return None
        with self._changing:
            self._awaited.discard(wanted)
            return self._numbers.pop(wanted, None)

    def _erase(self, session: str) -> None:
        with self._changing:
            for ticket in [t for t, turn in self._pending.items() if turn.record.session == session]:
                del self._pending[ticket]
        self._store.erase(session)
