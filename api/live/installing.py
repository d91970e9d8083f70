"""Putting the live part into the service: its hub, feedback beside the engine's records, its calls."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from fastapi import FastAPI

from api.live.hub import Hub
from api.routes import feedback, live, sessions
from bot.records.feedback import FeedbackStore
from bot.runtime.engine import Engine
from bot.settings import Settings


def install_live(app: FastAPI, engine: Engine, settings: Settings) -> None:
    """Let *app* keep residents' sessions and push what happens in them; the hub runs while the service does.

    The app's state must have the service's secret (app.state.secret) and the limits of calls (app.state.call_limits).
    """
    hub = app.state.hub = Hub(engine)
    longer = max(0, settings.keep_outcomes_days - settings.keep_conversations_days)
    app.state.feedback = FeedbackStore(engine.database, timedelta(days=longer))
    engine.keep_beside(app.state.feedback)
    for part in (sessions, live, feedback):
        app.include_router(part.router)
    before = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(within: Any) -> AsyncIterator[Any]:
        async with before(within) as state, hub.running():
            yield state

    app.router.lifespan_context = lifespan
