"""The web service: its parts, wired around a running engine."""

from __future__ import annotations

from fastapi import FastAPI

from api.problems import install_problems
from api.routes import chat, guide
from bot.runtime.engine import Engine
from bot.settings import Settings


def create_app(engine: Engine, settings: Settings) -> FastAPI:
    """Wire the service around a running engine."""
    app = FastAPI(title="Social insurance guide", version="1", docs_url=None, redoc_url=None)
    app.state.engine = engine
    app.state.settings = settings
    install_problems(app)
    for part in (chat, guide):
        app.include_router(part.router)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        """Tell that the process is alive."""
        return {"status": "ok"}

    return app
