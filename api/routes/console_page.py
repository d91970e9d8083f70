"""The page of the agents' console; whoever is not logged in is led to the login and back."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.access.at_hand import StaffIfAny
from api.access.role import Role
from api.at_hand import EngineAtHand
from api.console.forms import LONGEST_CANNED, LONGEST_NOTE, LONGEST_WORDS
from api.edge.problems import Refusal
from api.pages.templates import page
from api.routes.staff_page import CONSOLE, shown_of, to_login
from bot.desk.endings import Ending
from bot.query import FACET_NAMES

router = APIRouter(include_in_schema=False)


@router.api_route(CONSOLE, methods=["GET", "HEAD"])
async def console(staff: StaffIfAny, engine: EngineAtHand) -> Response:
    """Show the console."""
    if staff is None:
        return to_login(CONSOLE)
    if not staff.role.includes(Role.AGENT):
        raise Refusal(403, "role_needed", f"this is for those who are {Role.AGENT}")
    services = engine.services
    return page(
        "console.html",
        ("shared", "staff", "console"),
        ("shared", "console"),
        headers={"Cache-Control": "no-store"},
        office=services.base.document.office,
        current=CONSOLE,
        **shown_of(staff),
        is_editor=staff.role.includes(Role.EDITOR),
        endings=[ending.value for ending in Ending],
        longest_words=LONGEST_WORDS,
        longest_note=LONGEST_NOTE,
        longest_canned=LONGEST_CANNED,
        names={"facets": {name: services.wording.facet(name) for name in FACET_NAMES}},
    )
