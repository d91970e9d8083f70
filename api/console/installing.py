"""Putting the agents' console into the service: its calls, its page, the watch over lost agents."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from fastapi import FastAPI

from api.console.console import Console
from api.routes import console, console_live, console_page, console_tools
from bot.runtime.engine import Engine
from bot.settings import Settings


def install_console(app: FastAPI, engine: Engine, settings: Settings) -> None:
    """Let *app* have the console; the watch runs while the service does.

    The app's state must have the hub (install_live) and the office's people (app.state.access).
    """
    desk = app.state.console = Console(engine, app.state.hub, timedelta(minutes=settings.agent_lost_minutes))
    for part in (console, console_tools, console_live, console_page):
        app.include_router(part.router)
    before = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(within: Any) -> AsyncIterator[Any]:
        async with before(within) as state, desk.running():
            yield state

    app.router.lifespan_context = lifespan
