"""The pages of items for people and search engines: all items, one, a personal list; sitemap and robots."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from starlette.responses import Response

from api.at_hand import EngineAtHand
from api.pages.asked_lines import ForeignLinesError, LinesError
from api.pages.fresh import if_changed
from api.pages.items import index_page, item_page, list_page, since_of
from api.pages.templates import render
from bot.runtime.engine import Engine
from knowledge.model import ServiceItem

router = APIRouter(include_in_schema=False)
_READ = ["GET", "HEAD"]

_ROBOTS = """User-agent: *
Disallow: /api/
Disallow: /console
Disallow: /embed
Disallow: /staff
Disallow: /items/*/list

Sitemap: {site}/sitemap.xml
"""


@router.api_route("/items", methods=_READ)
async def items(request: Request, engine: EngineAtHand) -> Response:
    """Show all items."""
    return index_page(request, engine.services)


@router.api_route("/items/{item_id}", methods=_READ)
async def item(request: Request, item_id: str, engine: EngineAtHand) -> Response:
    """Show one item."""
    return item_page(request, engine.services, _find(engine, item_id))


@router.api_route("/items/{item_id}/list", methods=_READ)
async def personal_list(
    request: Request,
    item_id: str,
    engine: EngineAtHand,
    lines: Annotated[list[str] | None, Query()] = None,
    edition: str | None = None,
) -> Response:
    """Show the papers at the lines asked, to print or to keep."""
    found = _find(engine, item_id)
    try:
        return list_page(request, engine.services, found, lines or [], edition)
    except LinesError as error:
        raise HTTPException(422, str(error)) from error
    except ForeignLinesError as error:
        raise HTTPException(404, str(error)) from error


@router.api_route("/sitemap.xml", methods=_READ)
async def sitemap(request: Request, engine: EngineAtHand) -> Response:
    """Name every page that is worth finding."""
    since = since_of(request, engine.services)
    text = render("sitemap.xml", (), site=_site(request), items=engine.services.base.items, since=since)
    return if_changed(request, Response(text, media_type="application/xml"), since)


@router.api_route("/robots.txt", methods=_READ)
async def robots(request: Request) -> Response:
    """Tell search engines what is not for them."""
    return Response(_ROBOTS.format(site=_site(request)), media_type="text/plain")


def _site(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _find(engine: Engine, item_id: str) -> ServiceItem:
    found = engine.services.base.by_id.get(item_id)
    if found is None:
        raise HTTPException(404, "no such item")
    return found
