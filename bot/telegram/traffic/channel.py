"""The channel's update loop (收发): each update kept, answered and marked as dealt with, in order within its chat."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from telegram import Bot, Update, User
from telegram.error import TelegramError

from bot.lookup.edition import Lookup
from bot.runtime.engine import Engine
from bot.telegram.conversing import Conversing, Reply
from bot.telegram.incoming import Incoming, InlineAsked, Nothing, read_update
from bot.telegram.letters.inline import CACHE_SECONDS, all_items_button, inline_results
from bot.telegram.traffic.patience import TRY_AGAIN, Patient
from bot.telegram.traffic.records import KeptUpdate, TelegramRecords
from bot.telegram.traffic.sending import Sender
from bot.telegram.traffic.sequence import InOrder
from knowledge.store import StoreError

logger = logging.getLogger(__name__)

GRACE = 3.0
"""Seconds in which what is under way may come to its end when the bot stops."""
SAY_AWAY_AFTER = 5.0
"""Seconds that the database may be away until those who write are told that it takes longer."""


class Channel:
    """Takes updates from wherever they come and sees them through. It lives in one event loop."""

    def __init__(
        self,
        engine: Engine,
        bot: Bot,
        me: User,
        records: TelegramRecords,
        patient: Patient,
        sender: Sender,
        conversing: Conversing,
        settle: float = 0.0,
    ) -> None:
        """*settle* is how long an update waits for those before it, where updates may overtake each other."""
        self._engine = engine
        self._bot = bot
        self._me = me
        self._records = records
        self._patient = patient
        self._sender = sender
        self._conversing = conversing
        self._lookup = Lookup(engine.services.ground.ways, engine.services.glossary)
        self._waiting: dict[int, deque[Incoming]] = {}
        self._lanes: dict[int, asyncio.Task[None]] = {}
        self._aside: set[asyncio.Task[None]] = set()
        self._comforted: set[int] = set()
        self._in_order = InOrder(self._hand_out, settle) if settle else None

    async def begin(self) -> None:
        """Go on with what was not dealt with before."""
        self._hand_out(await self._patient.until_done(self._records.unfinished))

    async def take(self, updates: Sequence[Mapping[str, Any]]) -> None:
        """Keep what came and answer it; what came before is no news. Raises StoreError: then it is to come again."""
        came = [KeptUpdate(int(update["update_id"]), json.dumps(dict(update))) for update in updates]
        try:
            fresh = await self._patient.once(self._records.take, came, self._engine.services.now())
        except StoreError:
            if self._patient.away_for >= SAY_AWAY_AFTER:
                self._comfort(came)
            raise
        self._comforted.clear()
        (self._in_order.add if self._in_order else self._hand_out)(fresh)

    async def stop(self) -> None:
        """Stop; what cannot be dealt with in a moment is when the bot starts again."""
        if self._in_order is not None:
            self._in_order.close()
        tasks = [*self._lanes.values(), *self._aside]
        if tasks:
            await asyncio.wait(tasks, timeout=GRACE)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # ------------------------------------------------------------ one after another

    def _hand_out(self, updates: Sequence[KeptUpdate]) -> None:
        for update in updates:
            incoming = self._read(update)
            if isinstance(incoming.what, InlineAsked):
                self._go_aside(self._offer(incoming, incoming.what))
                continue
            # What belongs to no chat waits for nobody but its like.
            chat = incoming.chat or 0
            self._waiting.setdefault(chat, deque()).append(incoming)
            if chat not in self._lanes:
                self._lanes[chat] = asyncio.create_task(self._run(chat))

    def _read(self, update: KeptUpdate) -> Incoming:
        """Return what an update means; one that cannot be read means nothing, and holds up nobody."""
        try:
            return read_update(Update.de_json(json.loads(update.payload), self._bot), self._me)
        except Exception:  # the update loop's catch-all: Telegram may send what its library does not know
            logger.exception("update %s could not be read", update.id)
            return Incoming(update.id, Nothing())

    async def _run(self, chat: int) -> None:
        waiting = self._waiting[chat]
        while waiting:
            await self._deal_with(waiting.popleft())
        del self._waiting[chat], self._lanes[chat]

    async def _deal_with(self, incoming: Incoming) -> None:
        reply = await self._reply_to(incoming)
        now = self._engine.services.now()
        await self._patient.until_done(
            self._records.finish, incoming.update, incoming.chat, reply.letters, reply.state, now
        )
        if incoming.chat is not None and reply.letters:
            self._sender.wake(incoming.chat)

    async def _reply_to(self, incoming: Incoming) -> Reply:
        while True:
            try:
                return await self._conversing.reply(incoming)
            except StoreError:
                await asyncio.sleep(TRY_AGAIN)
            except Exception:  # the update loop's catch-all: whatever broke, the resident is told
                logger.exception("update %s could not be dealt with", incoming.update)
                return self._conversing.apology()

    # ------------------------------------------------------------ beside the chats

    async def _offer(self, incoming: Incoming, asked: InlineAsked) -> None:
        """Offer items to somebody who types behind the bot's name; who has typed on is answered by the next."""
        voice = self._conversing.voice
        try:
            index = await self._lookup.at(voice.services.base)
            results = inline_results(asked.text, index, voice, self._me.username or "")
            await self._bot.answer_inline_query(
                asked.query, results, cache_time=CACHE_SECONDS, is_personal=False, button=all_items_button(voice)
            )
        except TelegramError as error:
            logger.debug("an offer did not arrive: %s", error)
        except Exception:  # the update loop's catch-all once more, for what is not in a chat's turn
            logger.exception("update %s could not be dealt with", incoming.update)
        await self._patient.until_done(
            self._records.finish, incoming.update, None, (), None, self._engine.services.now()
        )

    def _comfort(self, updates: Sequence[KeptUpdate]) -> None:
        """Tell those who write while the database is away that they will be answered; once."""
        for update in updates:
            incoming = self._read(update)
            if incoming.chat is None or not incoming.expects_answer or incoming.chat in self._comforted:
                continue
            self._comforted.add(incoming.chat)
            self._go_aside(self._sender.send_unkept(incoming.chat, self._conversing.comfort()))

    def _go_aside(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(doing)
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)
