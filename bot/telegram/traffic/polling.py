"""Long polling (轮询): updates fetched from Telegram, which forgets them when the next fetch says that we keep them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from telegram import Bot
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.telegram.incoming import ALLOWED_UPDATES
from bot.telegram.traffic.sending import LONGEST_WAIT, seconds_of
from knowledge.store import StoreError

logger = logging.getLogger(__name__)

POLL_SECONDS = 25
"""How long Telegram may wait for something to come before it answers."""
AFTER_CONFLICT = 5.0
"""Seconds until another try where another process fetches the same bot's updates."""

RawUpdate = Mapping[str, Any]
Take = Callable[[Sequence[RawUpdate]], Awaitable[None]]


class PollingBot(Bot):
    """A bot that gets its updates as Telegram sends them: one that its library cannot read must not hold up all."""

    async def fetch(self, offset: int | None, seconds: int) -> list[RawUpdate]:
        """Return the updates from *offset* on; all before it are forgotten. Raises TelegramError."""
        wanted = {"offset": offset, "timeout": seconds, "allowed_updates": list(ALLOWED_UPDATES)}
        found: list[RawUpdate] = await self._post("getUpdates", wanted, read_timeout=seconds + 10)
        return found


async def poll(bot: PollingBot, take: Take, try_again: float = 1.0) -> None:
    """Fetch updates and hand them to *take*, for ever. Raises InvalidToken.

    What *take* cannot keep is fetched again: Telegram keeps it for a day.
    """
    offset: int | None = None
    wait = try_again
    is_kept, is_alone = True, True
    while True:
        try:
            found = await bot.fetch(offset, POLL_SECONDS if is_kept else 0)
        except InvalidToken:
            raise
        except Conflict as error:
            if is_alone:
                logger.error("another process fetches this bot's updates, or a webhook is set; stop it: %s", error)
            is_alone = False
            await asyncio.sleep(AFTER_CONFLICT)
            continue
        except RetryAfter as error:
            await asyncio.sleep(seconds_of(error))
            continue
        except TelegramError as error:
            logger.warning("updates could not be fetched; trying again: %s", error)
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)
            continue
        wait, is_alone = try_again, True
        if not found:
            continue
        try:
            await take(found)
        except StoreError:
            is_kept = False
            await asyncio.sleep(try_again)
        else:
            is_kept = True
            offset = max(int(update["update_id"]) for update in found) + 1
