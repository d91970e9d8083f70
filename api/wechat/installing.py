"""Putting the WeChat channel into the service, where the account is set."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from api.edge.limits import TooMany
from api.wechat import route
from bot.runtime.engine import Engine
from bot.settings import Settings
from bot.wechat.arriving.incoming import CHANNEL
from bot.wechat.doors import open_doors

logger = logging.getLogger(__name__)


def install_wechat(app: FastAPI, engine: Engine, settings: Settings) -> None:
    """Let *app* answer the platform's calls; without an account the channel is off, which is logged.

    The app's state must have the limits of calls (app.state.call_limits) and the console (app.state.console).
    """
    if settings.wechat is None:
        logger.warning("WeChat is off: no WECHAT_ variable is set (docs/wechat.md)")
        return

    def admit(session: str) -> bool:
        try:
            app.state.call_limits.count_message(session)
        except TooMany:
            return False
        return True

    doors = app.state.wechat = open_doors(engine, settings.wechat, settings.max_text, admit)
    app.state.console.channel_notes[CHANNEL] = doors.courier.note_of
    app.include_router(route.router)
    before = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(within: Any) -> AsyncIterator[Any]:
        async with before(within) as state, doors.running():
            yield state

    app.router.lifespan_context = lifespan
