"""The channel against the stand-in: one event loop a test, an engine of the module's own, its records in a file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from bot.settings import load_settings
from bot.telegram.account import TelegramAccount, Webhook
from bot.telegram.running import serve
from bot.telegram.traffic.pace import Rate, Rates
from tests.telegram.stand_in import TOKEN, BotApi, bot_api

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

FAST = Rates(Rate(1000, 0.001), Rate(1000, 0.001), Rate(1000, 0.001))
"""No test waits for the pace, but those about it."""
LIMIT = 120.0
"""Seconds after which what a test waits for will not come."""


def run(test: Coroutine[Any, Any, None]) -> None:
    """Run a test to its end."""

    async def limited() -> None:
        await asyncio.wait_for(test, LIMIT)

    asyncio.run(limited())


@asynccontextmanager
async def serving(
    engine: Engine, api: BotApi, rates: Rates = FAST, patience: float = 1.0, webhook: Webhook | None = None
) -> AsyncIterator[asyncio.Task[None]]:
    """Let the channel run while the block runs, and stop it as a signal does; give its task."""
    stop = asyncio.Event()
    account = TelegramAccount(TOKEN, webhook, api.address)
    task = asyncio.create_task(serve(engine, load_settings(), account, stop, rates, patience=patience, try_again=0.05))
    try:
        yield task
    finally:
        stop.set()
        if task.cancelled() or (task.done() and task.exception()):
            pass
        else:
            await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def open_channel(engine: Engine, **options: Any) -> AsyncIterator[BotApi]:
    """Open the stand-in and the channel; in the end nothing that the bot called was refused."""
    async with bot_api() as api:
        async with serving(engine, api, **options):
            await api.until(lambda: bool(api.called("setMyDescription")))
            yield api
        assert not api.refused
