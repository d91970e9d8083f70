"""The office's pages for editors and admins: figures, review, guide, accounts; each for the roles that may use it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from api.access.account import Staff
from api.access.at_hand import StaffIfAny
from api.access.passwords import SHORTEST as SHORTEST_PASSWORD
from api.access.role import Role
from api.at_hand import EngineAtHand
from api.edge.problems import Refusal
from api.pages.templates import page
from api.routes.office import FiguresAtHand, OfficeWords
from api.routes.statistics import rates_of
from bot.figures.charts import has_data
from bot.figures.period import Period, PeriodError
from bot.figures.statistics import Statistics
from bot.figures.tables import lasted, tables_of
from bot.query import FACET_NAMES
from bot.review.doubts import Doubt
from bot.runtime.engine import Engine

router = APIRouter(include_in_schema=False)

_READ = ["GET", "HEAD"]
_WORDING = ("shared", "staff", "office")
_NEVER_KEPT = {"Cache-Control": "no-store"}


@dataclass(frozen=True)
class Tab:
    """One of the office's pages, and whose it is."""

    name: str
    path: str
    role: Role


TABS = (
    Tab("figures", "/office", Role.EDITOR),
    Tab("review", "/office/review", Role.EDITOR),
    Tab("guide", "/office/guide", Role.ADMIN),
    Tab("people", "/office/people", Role.ADMIN),
)
_BY_NAME = {tab.name: tab for tab in TABS}


@router.api_route(_BY_NAME["figures"].path, methods=_READ)
def figures(request: Request, staff: StaffIfAny, engine: EngineAtHand, figures: FiguresAtHand) -> Response:
    """Show figures of the days asked for; what was typed stays, also where no days can be made of it."""
    if staff is None:
        return _to_login("figures")
    _let_in(staff, "figures")
    asked = {name: request.query_params.get(name, "").strip()[:40] for name in ("from", "to", "channel")}
    today = engine.services.now().date()
    problem = None
    try:
        period = Period.parse(asked["from"], asked["to"], today, asked["channel"])
    except PeriodError as error:
        problem = error.code
        period = Period.of(None, None, today)
    words = OfficeWords(engine.services)
    found = figures.read(period, engine.services.now())
    rates = rates_of(found)
    tables = tables_of(found, words)
    return _page(
        "figures",
        staff,
        engine,
        scripts=("shared",),
        asked={**asked, **({} if problem else {"from": period.first.isoformat(), "to": period.last.isoformat()})},
        problem=problem,
        period=period,
        today=today.isoformat(),
        tables=tables,
        drawn=[table.name for table in tables if has_data(table)],
        rates=rates,
        waited=[lasted(seconds, words.say) for seconds in (rates.waited_median, rates.waited_ninety)],
        channels={name: words.channel(name) for name in _channels(found)},
    )


@router.api_route(_BY_NAME["review"].path, methods=_READ)
def review(staff: StaffIfAny, engine: EngineAtHand) -> Response:
    """Show the review."""
    if staff is None:
        return _to_login("review")
    _let_in(staff, "review")
    return _page("review", staff, engine, doubts=[doubt.value for doubt in Doubt])


@router.api_route(_BY_NAME["guide"].path, methods=_READ)
def guide(staff: StaffIfAny, engine: EngineAtHand) -> Response:
    """Show the editions of the guide."""
    if staff is None:
        return _to_login("guide")
    _let_in(staff, "guide")
    return _page("guide", staff, engine)


@router.api_route(_BY_NAME["people"].path, methods=_READ)
def people(staff: StaffIfAny, engine: EngineAtHand) -> Response:
    """Show accounts and the audit log."""
    if staff is None:
        return _to_login("people")
    _let_in(staff, "people")
    roles = [role.value for role in Role]
    return _page("people", staff, engine, roles=roles, shortest_password=SHORTEST_PASSWORD)


def _channels(found: Statistics) -> list[str]:
    """Return those that can be chosen: of the period, and the one that was chosen."""
    return sorted({*found.volumes.channels, *filter(None, [found.period.channel])})


def _to_login(tab: str) -> Response:
    return RedirectResponse(f"/login?next={_BY_NAME[tab].path}", 303, _NEVER_KEPT)


def _let_in(staff: Staff, tab: str) -> None:
    if not staff.role.includes(_BY_NAME[tab].role):
        raise Refusal(403, "role_needed", f"this is for those who are {_BY_NAME[tab].role}")


def _page(name: str, staff: Staff, engine: Engine, scripts: tuple[str, ...] = _WORDING, **context: Any) -> Response:
    """Return the page of a tab, in the frame that all pages of the office share."""
    return page(
        f"office_{name}.html",
        _WORDING,
        scripts,
        headers=_NEVER_KEPT,
        office=engine.services.base.document.office,
        me={"name": staff.name, "role": staff.role.value, "csrf": staff.csrf},
        is_agent=staff.role.includes(Role.AGENT),
        current=_BY_NAME["figures"].path,
        tab=name,
        tabs=[tab for tab in TABS if staff.role.includes(tab.role)],
        is_admin=staff.role.includes(Role.ADMIN),
        facet_names={facet: engine.services.wording.facet(facet) for facet in FACET_NAMES},
        **context,
    )
