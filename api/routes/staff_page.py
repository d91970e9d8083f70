"""The office's own pages: logging in, the staff lookup, one's account; and the short addresses that clerks send."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query
from starlette.responses import RedirectResponse, Response

from api.access.account import LONGEST_NAME, Staff
from api.access.at_hand import StaffIfAny
from api.access.passwords import SHORTEST as SHORTEST_PASSWORD
from api.access.role import Role
from api.at_hand import EngineAtHand
from api.pages.short_links import LENGTH, PREFIX, find_by_code
from api.pages.templates import page
from api.routes.notes import LONGEST_NOTE
from api.routes.sheets import find_item
from bot.runtime.engine import Engine
from knowledge.model import Facet

router = APIRouter(include_in_schema=False)

LOOKUP, CONSOLE, ACCOUNT = "/staff", "/console", "/account"
OFFICE = ("/office", "/office/review", "/office/guide", "/office/people")
AFTER_LOGIN = (LOOKUP, CONSOLE, ACCOUNT, *OFFICE)
"""Where a login may lead: an address that somebody else wrote into the link leads nowhere."""
_READ = ["GET", "HEAD"]
_WORDING = ("shared", "staff")
_NEVER_KEPT = {"Cache-Control": "no-store"}

Next = Annotated[str, Query(alias="next", max_length=100)]


@router.api_route("/login", methods=_READ)
async def login(staff: StaffIfAny, engine: EngineAtHand, after: Next = LOOKUP) -> Response:
    """Show the form to log in; who is logged in goes on."""
    after = after if after in AFTER_LOGIN else LOOKUP
    if staff is not None:
        return RedirectResponse(after, 303, _NEVER_KEPT)
    return _page("login.html", engine, after=after, longest_name=2 * LONGEST_NAME)


@router.api_route(LOOKUP, methods=_READ)
async def lookup(staff: StaffIfAny, engine: EngineAtHand) -> Response:
    """Show the staff lookup."""
    if staff is None:
        return to_login(LOOKUP)
    wording = engine.services.wording
    return _page(
        "staff.html",
        engine,
        **shown_of(staff),
        current=LOOKUP,
        count=len(engine.services.base.items),
        facets=[(facet.value, wording.facet(facet.value)) for facet in Facet],
        longest_note=LONGEST_NOTE,
    )


@router.api_route(ACCOUNT, methods=_READ)
async def account(staff: StaffIfAny, engine: EngineAtHand) -> Response:
    """Show one's account: password, and where one is logged in."""
    if staff is None:
        return to_login(ACCOUNT)
    return _page("staff_account.html", engine, **shown_of(staff), current=ACCOUNT, shortest_password=SHORTEST_PASSWORD)


@router.api_route(PREFIX + "{code}", methods=_READ)
async def short_address(engine: EngineAtHand, code: Annotated[str, Path(max_length=LENGTH)]) -> Response:
    """Lead from a short message to the item's page."""
    found = find_by_code(engine.services.base, code)
    if found is None:
        raise HTTPException(404, "no such item")
    return RedirectResponse(f"/items/{find_item(engine, found.id).id}", 302)


def to_login(after: str) -> Response:
    """Lead to the form to log in, and from there to *after*, one of AFTER_LOGIN."""
    return RedirectResponse(f"/login?next={after}", 303, _NEVER_KEPT)


def shown_of(staff: Staff) -> dict[str, Any]:
    """Return what the head of an office's page (staff_top.html) shows of who is logged in."""
    return {
        "me": {"name": staff.name, "role": staff.role.value, "csrf": staff.csrf},
        "is_agent": staff.role.includes(Role.AGENT),
    }


def _page(template: str, engine: Engine, **context: Any) -> Response:
    office = engine.services.base.document.office
    return page(template, _WORDING, headers=_NEVER_KEPT, office=office, **context)
