"""The channel: each message is answered once, in time, and a retry with the very same words.

The platform hangs up after five seconds and comes back, three times in all. So a message is worked on beside the call
that brought it: a call that must be answered before the work is done gets `success`, and the reply follows as a
customer-service message; a retry joins the work under way, or finds its answer kept. While the database is away
nothing would be remembered: a call is held until the platform hangs up, for its next attempt may find us whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakValueDictionary

from bot.wechat.answering import Answering, Said
from bot.wechat.arriving.envelope import ForgedError, Stamp
from bot.wechat.arriving.incoming import Incoming
from bot.wechat.kept.people import Person
from bot.wechat.kept.replies import Arrival, Finished, Orphan, about
from bot.wechat.stores import Stores
from bot.wording.pages import PageWording
from knowledge.store import StoreError

logger = logging.getLogger(__name__)

ATTEMPTS = 3
"""How often the platform brings a message."""
AFTERWARDS = 0.3
"""How much longer a call is held that cannot be answered, as a share of the time for an answer."""
REMEMBERED = 60.0
"""Seconds for which answers are at hand without the database: longer than any retry takes."""
STORED_WITHIN = 1.0
"""Seconds that an answer waits until it is stored; a store that takes longer goes on behind it."""
_LOOK_EVERY = 0.1


class AwayError(Exception):
    """The call cannot be answered: the platform is to come again."""


@dataclass
class _Work:
    """A message that is being answered, or was a moment ago."""

    ready: asyncio.Future[str]
    begun: float = field(default_factory=time.monotonic)
    attempts: int = 0
    listening: int = 0
    """Calls that wait for the answer now."""
    has_arrived: bool = False
    early: str | None = None
    """What a call was answered with before the work was done; the reply follows by another way."""
    decided: str | None = None
    """The answer, perhaps not stored yet."""


class Channel:
    """Answers the platform's calls. It lives in one event loop, while `running`.

    *may_send* tells whether the account can send customer-service messages at all, *wake* lets what waits be sent.
    """

    def __init__(
        self,
        stores: Stores,
        answering: Answering,
        wording: PageWording,
        may_send: Callable[[], bool],
        wake: Callable[[], None],
        answer_within: float,
    ) -> None:
        self._stores = stores
        self._answering = answering
        self._wording = wording
        self._may_send = may_send
        self._wake = wake
        self._answer_within = answer_within
        self._works: OrderedDict[tuple[str, str], _Work] = OrderedDict()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[Any]] = set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Channel]:
        """Look for messages that were left unanswered while the block runs."""
        task = asyncio.create_task(self._look_for_orphans())
        try:
            yield self
        finally:
            task.cancel()
            pending = [task, *self._tasks]
            # Replies under way are for somebody who waits.
            await asyncio.wait(pending, timeout=self._answer_within)

    # ------------------------------------------------------------ a call

    async def greet(self, stamp: Stamp) -> None:
        """Note that the platform has checked the address. Raises ForgedError, StoreError."""
        await self._stores.call(self._stores.replies.use, stamp, "echo")

    async def answer(self, incoming: Incoming, stamp: Stamp) -> str:
        """Return the text to answer with, empty for none. Raises ForgedError, AwayError."""
        self._forget_old_works()
        key = (incoming.session, incoming.key)
        work = self._works.get(key)
        if work is None:
            work = self._works[key] = _Work(asyncio.get_running_loop().create_future())
            self._begin(self._lead(key, work, incoming, stamp))
        else:
            self._begin(self._remember(stamp, incoming))
            if work.early is not None:
                return work.early
        work.attempts += 1
        work.listening += 1
        try:
            return await self._in_time(work)
        finally:
            work.listening -= 1

    async def _in_time(self, work: _Work) -> str:
        if await _is_done(work.ready, self._answer_within):
            return work.ready.result()
        if work.decided is not None:
            return work.decided
        if not work.has_arrived and work.attempts < ATTEMPTS:
            if await _is_done(work.ready, self._answer_within * AFTERWARDS):
                return work.ready.result()
            raise AwayError
        if work.early is None:
            can_follow = work.has_arrived and self._may_send()
            work.early = "" if can_follow else self._wording.say("still_working")
        return work.early

    async def _remember(self, stamp: Stamp, incoming: Incoming) -> None:
        """Let the stamp of a retry be good for nothing else; that of the first attempt came with the message."""
        with contextlib.suppress(ForgedError, StoreError):
            await self._stores.call(self._stores.replies.use, stamp, about(incoming))

    # ------------------------------------------------------------ the work

    async def _lead(self, key: tuple[str, str], work: _Work, incoming: Incoming, stamp: Stamp) -> None:
        reply: int | None = None
        try:
            # What time it is then: a lease that was over before it began would be no lease.
            arrival: Arrival = await self._stores.patiently(
                lambda: self._stores.replies.arrive(incoming, stamp, self._stores.now())
            )
            work.has_arrived = True
            answer = arrival.answer
            if answer is None and not arrival.is_ours:
                answer = await self._answer_of_another(arrival.reply)
            if answer is None:
                reply = arrival.reply
                async with self._stores.holding(reply), self._turn_of(incoming.session):
                    said = await self._answering.respond(incoming, reply, arrival.person, arrival.has_words)
                    answer = await self._finish(key, work, reply, said)
            work.ready.set_result(answer)
        except ForgedError as error:
            self._works.pop(key, None)
            work.ready.set_exception(error)
        except Exception:  # the channel's catch-all: whatever broke, the resident gets a sentence and a number to call
            logger.exception("a message could not be answered")
            said = Said(self._wording.say("trouble"))
            with contextlib.suppress(StoreError):
                if reply is not None:
                    await self._stores.call(
                        self._stores.replies.finish,
                        incoming.session,
                        reply,
                        Finished(said.text, True, ()),
                        self._stores.now(),
                    )
            if not work.ready.done():
                work.ready.set_result(said.text)
        finally:
            # Of an error that nobody waits for the loop would complain.
            if work.ready.done() and not work.ready.cancelled():
                work.ready.exception()

    async def _finish(self, key: tuple[str, str], work: _Work, reply: int, said: Said) -> str:
        """Keep what is answered; return it."""
        if work.early is not None:
            finished = Finished(work.early, True, (), told=said.told, late=said.body or None)
        else:
            work.decided = said.text
            is_given = work.listening > 0 or not said.body
            finished = Finished(said.text, is_given, said.body, said.pages, said.shown, said.told)
            if not is_given:
                # The next attempt is to ask the store, where it says that it was there.
                self._works.pop(key, None)
        now = self._stores.now()
        storing: asyncio.Task[str] = self._begin(
            self._stores.patiently(self._stores.replies.finish, key[0], reply, finished, now)
        )
        done, _ = await asyncio.wait({storing}, timeout=STORED_WITHIN)
        if finished.late:
            self._wake()
        if not done:
            logger.warning("the database is slow; going on without it")
            return finished.answer
        return storing.result()

    async def _answer_of_another(self, reply: int) -> str | None:
        """Return what another worker answers; None where it has died and the message is ours."""
        while True:
            answer, is_ours = await self._stores.patiently(lambda: self._stores.replies.look(reply, self._stores.now()))
            if answer is not None or is_ours:
                return answer
            await asyncio.sleep(_LOOK_EVERY)

    # ------------------------------------------------------------ what was left

    async def collect(self) -> None:
        """Answer what nobody has answered, and let wait what nobody came for. Raises StoreError."""
        orphans = await self._stores.call(self._stores.replies.collect, self._stores.now())
        for orphan in orphans:
            await self._answer_late(orphan)
        self._wake()

    async def _answer_late(self, orphan: Orphan) -> None:
        session = orphan.incoming.session
        async with self._stores.holding(orphan.reply), self._turn_of(session):
            said = await self._answering.respond(orphan.incoming, orphan.reply, Person(session))
            finished = Finished("", True, (), told=said.told, late=said.body or None)
            now = self._stores.now()
            await self._stores.call(self._stores.replies.finish, session, orphan.reply, finished, now)

    async def _look_for_orphans(self) -> None:
        while True:
            try:
                await self.collect()
            except StoreError as error:
                logger.warning("unanswered messages could not be looked for: %s", error)
            except Exception:  # the update loop's catch-all: one look that fails must not be the last
                logger.exception("an unanswered message could not be answered")
            await asyncio.sleep(self._answer_within)

    # ------------------------------------------------------------ order, memory

    @contextlib.asynccontextmanager
    async def _turn_of(self, session: str) -> AsyncIterator[None]:
        """Wait for the messages of *session* that came before."""
        lock = self._turns.get(session)
        if lock is None:
            lock = self._turns[session] = asyncio.Lock()
        async with lock:
            yield

    def _forget_old_works(self) -> None:
        now = time.monotonic()
        while self._works:
            key, work = next(iter(self._works.items()))
            if not work.ready.done() or now - work.begun < REMEMBERED:
                return
            del self._works[key]

    def _begin(self, work: Any) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _is_done(ready: asyncio.Future[str], seconds: float) -> bool:
    done, _ = await asyncio.wait({ready}, timeout=seconds)
    return bool(done)
