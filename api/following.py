"""Following the edition in force: pages, items and lookup show another one within a second, nobody need speak first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from fastapi import FastAPI

from bot.lookup.edition import Lookup
from bot.runtime.engine import EDITION_CHECK, Engine


def install_following(app: FastAPI, engine: Engine) -> None:
    """Let *app* look for another edition while it runs, its index of items made before anybody asks."""
    lookup = app.state.lookup = Lookup(engine.services.ground.ways, engine.services.glossary)
    before = app.router.lifespan_context

    async def follow() -> None:
        while True:
            await engine.look_for_edition()
            await lookup.at(engine.services.base)
            await asyncio.sleep(EDITION_CHECK)

    @asynccontextmanager
    async def lifespan(within: Any) -> AsyncIterator[Any]:
        async with before(within) as state:
            following = asyncio.create_task(follow())
            try:
                yield state
            finally:
                following.cancel()
                with suppress(asyncio.CancelledError):
                    await following

    app.router.lifespan_context = lifespan
