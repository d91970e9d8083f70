"""Signs of life (动静): a button that stops waiting, "typing" while a reply is made; nobody misses one that is lost."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Coroutine
from typing import Any

from telegram import Bot
from telegram.constants import ChatAction
from telegram.error import TelegramError

logger = logging.getLogger(__name__)

TYPING_AFTER, TYPING_EVERY = 0.3, 4.0
"""Seconds after which a reply is seen to be on its way, and after which Telegram has to be told again."""


class Signs:
    """Gives signs of life beside everything else. It lives in one event loop."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._tasks: set[asyncio.Task[None]] = set()

    def answer(self, query: str, text: str | None, in_the_way: bool = False) -> None:
        """Let a pressed button stop waiting; a *text* is shown for a moment, or *in_the_way* until it is put away."""
        self._give(self._bot.answer_callback_query(query, text, show_alert=in_the_way))

    @contextlib.asynccontextmanager
    async def typing(self, chat: int) -> AsyncIterator[None]:
        """Let the resident see that a reply is on its way, should the block take a moment."""

        async def show() -> None:
            await asyncio.sleep(TYPING_AFTER)
            while True:
                self._give(self._bot.send_chat_action(chat, ChatAction.TYPING))
                await asyncio.sleep(TYPING_EVERY)

        showing = asyncio.create_task(show())
        try:
            yield
        finally:
            showing.cancel()

    async def close(self) -> None:
        """Give no more."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _give(self, call: Coroutine[Any, Any, Any]) -> None:
        async def give() -> None:
            try:
                await call
            except TelegramError as error:
                logger.debug("a sign of life did not arrive: %s", error)

        task = asyncio.create_task(give())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
