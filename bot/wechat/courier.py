"""The courier (客服消息): brings residents what agents say and what came too late, as far as the platform lets it.

What it may not bring waits for the resident's next message, and the agent's console says why.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from bot.desk.events import TicketEvent
from bot.settings import OFFICE_TIME
from bot.wechat.answering import Answering
from bot.wechat.arriving.incoming import openid_of
from bot.wechat.kept.people import Allowance, PeopleStore, Shown
from bot.wechat.kept.waiting import Waiting
from bot.wechat.platform.client import Platform
from bot.wechat.platform.errors import PlatformError, Trouble
from bot.wechat.stores import Stores
from bot.wording.pages import PageWording
from knowledge.store import StoreError

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

logger = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds after which the courier looks for what other processes left to be brought."""
LONGEST_PAUSE = 60
"""Seconds between attempts at a platform that is busy, at most."""
AFTER_REFUSAL = timedelta(minutes=10)
"""Until somebody may have changed the account's settings, or the day's calls are counted anew."""


class Courier:
    """One for the service; it lives in one event loop, while `running`."""

    def __init__(
        self,
        engine: Engine,
        stores: Stores,
        people: PeopleStore,
        answering: Answering,
        platform: Platform,
        wording: PageWording,
    ) -> None:
        self._engine = engine
        self._stores = stores
        self._people = people
        self._answering = answering
        self._platform = platform
        self._wording = wording
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="wechat-calls")
        self._woken = asyncio.Event()
        self._serving: dict[str, asyncio.Task[Any]] = {}
        self._refused_until: datetime | None = None

    def may_send(self) -> bool:
        """Tell whether the account may send customer-service messages, as far as is known."""
        return self._refused_until is None or self._stores.now() >= self._refused_until

    def wake(self) -> None:
        """Look now for what waits."""
        self._woken.set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Courier]:
        """Bring what waits while the block runs."""
        loop = asyncio.get_running_loop()

        def overhear(_event: TicketEvent) -> None:
            loop.call_soon_threadsafe(self.wake)

        unsubscribe = self._engine.desk.events.subscribe(overhear)
        watching = asyncio.create_task(self._watch())
        try:
            yield self
        finally:
            unsubscribe()
            watching.cancel()
            # What was handed to the platform is to be noted as brought.
            if self._serving:
                await asyncio.wait(self._serving.values(), timeout=LOOK_EVERY * 5)

    # ------------------------------------------------------------ bringing

    async def _watch(self) -> None:
        is_away = False
        while True:
            self._woken.clear()
            try:
                await self._look()
                is_away = False
            except StoreError as error:
                if not is_away:
                    logger.error("what waits for residents could not be looked for: %s", error)
                is_away = True
            except Exception:  # the update loop's catch-all: one look that fails must not be the last
                logger.exception("a look for what waits failed")
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._woken.wait(), LOOK_EVERY)

    async def _look(self) -> None:
        if not self.may_send():
            return
        sessions = await self._stores.call(self._stores.waiting.sessions_to_serve, self._stores.now())
        for session in sessions:
            if session not in self._serving:
                self._serving[session] = asyncio.create_task(self._serve(session))

    async def _serve(self, session: str) -> None:
        try:
            allowance = await self._stores.call(self._people.reserve, session, self._stores.now())
            if allowance is None:
                return
            words = await self._answering.waiting_words(session)
            if words:
                await self._send(session, words, allowance)
            else:
                await self._stores.call(self._people.give_back, session, allowance)
        except StoreError as error:
            logger.warning("what waits for a resident could not be brought yet: %s", error)
        except Exception:  # part of the same loop: one resident's trouble is nobody else's
            logger.exception("what waits for a resident could not be brought")
        finally:
            self._serving.pop(session, None)

    async def _send(self, session: str, words: Sequence[Waiting], allowance: Allowance) -> None:
        now = self._stores.now()
        person = await self._stores.call(self._people.find, session)
        reply = await self._stores.call(self._stores.replies.begin, session, f"sent-{uuid4().hex}", now)
        body = tuple(part for one in words for part in one.body)
        said = self._answering.composed(body, reply, person.shown if person else Shown(), tuple(words))
        loop = asyncio.get_running_loop()
        try:
            if said.text:
                await loop.run_in_executor(self._threads, self._platform.send, openid_of(session), said.text)
        except PlatformError as error:
            await self._note(session, words, allowance, error)
            return
        self._refused_until = None
        pages = said.pages.as_json() if said.pages else None
        await self._stores.call(self._stores.waiting.told, session, words, reply, pages, said.shown or Shown(), now)

    async def _note(self, session: str, words: Sequence[Waiting], allowance: Allowance, error: PlatformError) -> None:
        """Meet an error after its kind; the words go back to wait."""
        now = self._stores.now()
        again = now
        trouble = error.trouble
        if trouble is Trouble.GONE:
            await self._stores.call(self._people.leave, session, now)
        elif trouble in (Trouble.QUOTA, Trouble.WINDOW, Trouble.CONTENT):
            await self._stores.call(self._people.spend_all, session, trouble.value)
        else:
            await self._stores.call(self._people.give_back, session, allowance, trouble.value)
            again = now + timedelta(seconds=min(2 ** words[0].attempts, LONGEST_PAUSE))
        if trouble in (Trouble.REFUSED, Trouble.DAILY):
            again = now + AFTER_REFUSAL
            self._refused_until = again if trouble is Trouble.REFUSED else None
        if trouble is not Trouble.GONE:
            logger.warning("a text could not be sent to a resident: %s", error)
        await self._stores.call(self._stores.waiting.put_back, words, again)

    # ------------------------------------------------------------ what an agent sees

    def note_of(self, session: str) -> str | None:
        """Return what an agent should know of the way to *session*. It blocks; raises StoreError."""
        person = self._people.find(session)
        if person is None:
            return None
        now = self._stores.now()
        waits = self._stores.waiting.count(session) + len(self._engine.desk.undelivered(session))
        if person.gone is not None:
            return self._wording.say("note_waits_gone")
        if not self.may_send() or (waits and person.trouble == Trouble.REFUSED.value):
            return self._wording.say("note_waits_refused")
        if person.allowance(now) is None:
            is_over = person.words_until is None or now >= person.words_until
            is_window = is_over or person.trouble == Trouble.WINDOW.value
            return self._wording.say("note_waits_window" if is_window else "note_waits_quota")
        if waits and person.trouble is not None:
            return self._wording.say("note_waits_trouble", trouble=self._wording.say(f"trouble_{person.trouble}"))
        if person.words_until is None or now >= person.words_until:
            return None
        until = person.words_until.astimezone(OFFICE_TIME)
        moment = self._wording.say("moment", month=until.month, day=until.day, time=f"{until:%H:%M}")
        return self._wording.say("note_open", left=person.words_left, until=moment)
