"""The residents' chat: its page, the same for a frame, the widget that other sites include, and how it looks there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.at_hand import EngineAtHand
from api.pages.fresh import if_changed
from api.pages.static import FOLDER
from api.pages.templates import page
from bot.door import Services
from bot.wording.pages import load_page_wording
from knowledge.model import Facet
from knowledge.vocabulary.ways_on import Event, Step

router = APIRouter(include_in_schema=False)
_READ = ["GET", "HEAD"]

FIRST_EVENTS = (
    "retiring",
    "lost_card",
    "losing_a_job",
    "hurt_at_work",
    "resident_pension",
    "moving_city",
    "death_in_the_family",
    "records_and_certificates",
)
"""The life events that most residents come with; the others follow behind a fold."""

WANTED = (
    "retirement_normal",
    "card_replace",
    "benefit_eligibility_confirm",
    "unemployment_benefit_claim",
    "personal_enrollment_certificate",
    "enterprise_pension_transfer",
)
"""The items that most residents ask for."""

AMBIGUOUS_TITLES = frozenset({"personal_info_change", "unemployment_death_benefit"})
"""Items whose own title could mean another one too: plain words ask for them without being asked back."""

_FIRST_MODULES = (
    "resident/calls",
    "resident/composer",
    "resident/connection",
    "resident/desk",
    "resident/frame",
    "resident/guide",
    "resident/kept",
    "resident/late",
    "resident/outbox",
    "resident/page",
    "resident/session",
    "resident/start",
    "resident/status",
    "resident/suggestions",
    "resident/thread",
    "resident/transcript",
    "shared/dom",
)
"""What the page runs on before anything is said; the rest comes with the first words."""


@router.api_route("/", methods=_READ)
async def resident(request: Request, engine: EngineAtHand) -> Response:
    """Show the chat page."""
    return _chat_page("resident.html", request, engine.services)


@router.api_route("/embed", methods=_READ)
async def embed(request: Request, engine: EngineAtHand) -> Response:
    """Show the chat page as it stands in the widget's frame."""
    return _chat_page("embed.html", request, engine.services)


@router.api_route("/widget.js", methods=_READ)
async def widget(request: Request) -> Response:
    """Return the script that puts the chat into another site's page."""
    return if_changed(request, Response(_widget_script(), media_type="text/javascript; charset=utf-8"))


@router.api_route("/demo-host", methods=_READ)
async def demo_host(request: Request, side: str = "right") -> Response:
    """Show how the widget looks on another site's page."""
    said = load_page_wording("widget")
    site = str(request.base_url).rstrip("/")
    title = said.say("demo_widget_title")
    tag = f'<script src="{site}/widget.js" defer data-title="{title}" data-side="right"></script>'
    shown = page("demo_host.html", ("widget",), tag=tag, side="left" if side == "left" else "right")
    return if_changed(request, shown)


def _chat_page(template: str, request: Request, services: Services) -> Response:
    base = services.base
    first, more = _events(services)
    shown = page(
        template,
        ("shared", "resident"),
        office=base.document.office,
        city=services.office.city,
        edition=base.document.edition,
        site=str(request.base_url).rstrip("/"),
        count=len(base.items),
        wanted=_known(services, [Step(id_, services.ground.ways.says.get(id_, "")) for id_ in WANTED]),
        events=first,
        more_events=more,
        guide={
            "questions": questions(services),
            "facets": {facet.value: services.wording.facet(facet.value) for facet in Facet},
        },
        modules=_FIRST_MODULES,
        is_framed=template == "embed.html",
    )
    return if_changed(request, shown)


def questions(services: Services) -> dict[str, str]:
    """Return what to ask to be answered about each item."""
    says = services.ground.ways.says
    return {item.id: says[item.id] if item.id in AMBIGUOUS_TITLES & set(says) else item.title for item in services.base}


def _events(services: Services) -> tuple[list[tuple[Event, list[Step]]], list[tuple[Event, list[Step]]]]:
    """Return the life events with the items of this edition, the commonest apart from the others."""
    shown = [(event, _known(services, event.steps)) for event in services.ground.ways.events]
    by_name = {event.name: (event, steps) for event, steps in shown if steps}
    first = [by_name[name] for name in FIRST_EVENTS if name in by_name]
    return first, [found for name, found in by_name.items() if name not in FIRST_EVENTS]


def _known(services: Services, steps: Sequence[Step]) -> list[Step]:
    return [step for step in steps if step.item in services.base.by_id and step.say]


@cache
def _widget_script() -> str:
    """Return the widget's function, called with its words: the host's page gets no global name of ours."""
    source = (FOLDER / "widget" / "widget.js").read_text(encoding="utf-8").strip()
    words = {key: text for key, text in load_page_wording("widget").sentences(("widget",)).items() if "widget_" in key}
    return f"{source}({json.dumps(words, ensure_ascii=False)});\n"
