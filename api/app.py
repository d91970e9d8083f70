"""The web service: its parts, wired around a running engine."""

from __future__ import annotations

from fastapi import FastAPI

from api.access.secrets import load_secret
from api.access.staff import StaffAccess
from api.console.installing import install_console
from api.description import install_description
from api.edge.problems import ANY_CALL, described, install_problems
from api.edge.security import limit, protect
from api.following import install_following
from api.live.installing import install_live
from api.pages.installing import install_pages
from api.routes import chat, chat_pages, editions, guide, health, notes, pages, sheets, staff, staff_page
from api.routes.office import install_office
from api.wechat.installing import install_wechat
from bot.door import office_now
from bot.runtime.engine import Engine
from bot.settings import Settings


def create_app(engine: Engine, settings: Settings) -> FastAPI:
    """Wire the service around a running engine."""
    app = FastAPI(
        title="Social insurance guide", version="1", docs_url=None, redoc_url=None, responses=described(*ANY_CALL)
    )
    app.state.engine = engine
    app.state.settings = settings
    app.state.secret = load_secret(settings)
    app.state.access = StaffAccess(engine.database, settings, office_now)
    install_problems(app)
    limit(app, settings)
    install_pages(app)
    protect(app, settings)
    for part in (chat, chat_pages, editions, guide, health, notes, pages, sheets, staff, staff_page):
        app.include_router(part.router)
    install_following(app, engine)
    install_live(app, engine, settings)
    install_console(app, engine, settings)
    install_office(app, engine, settings)
    install_wechat(app, engine, settings)
    install_description(app)
    return app
