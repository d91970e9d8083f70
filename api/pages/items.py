"""The pages of items, of all and of one, and a personal list: what their templates show of the guide."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fastapi import Request
from starlette.responses import Response

from api.pages.asked_lines import facts_at, parse_lines, with_headings
from api.pages.fresh import if_changed
from api.pages.layout import lay_out, lines_for_address
from api.pages.templates import page
from bot.answering.beside import links_of, phones_of, say_dates, say_hours
from bot.answering.checklist import count_papers
from bot.answering.compose import ended_on
from bot.answering.messages import Link, Message, PhoneNumber
from bot.door import Services
from knowledge.model import Facet, ServiceItem
from knowledge.vocabulary.glossary import Term
from knowledge.vocabulary.ways_on import NextStep, When

_WORDING = ("shared", "items")
_SCRIPTS = ("shared", "items_scripts")


def index_page(request: Request, services: Services) -> Response:
    """Return the page of all items, by what happens in a life and by category."""
    base = services.base
    categories: dict[str, list[ServiceItem]] = {}
    for item in base:
        categories.setdefault(item.category, []).append(item)
    events = [
        (event, [step for step in event.steps if step.item in base.by_id]) for event in services.ground.ways.events
    ]
    shown = page(
        "items.html",
        _WORDING,
        _SCRIPTS,
        **_frame(request, services),
        categories=list(categories.items()),
        events=[(event, steps) for event, steps in events if steps],
        says=services.ground.ways.says,
        by_id=base.by_id,
    )
    return if_changed(request, shown, since_of(request, services))


def item_page(request: Request, services: Services, item: ServiceItem) -> Response:
    """Return the page of one item: all that the guide says of it, and what stands beside."""
    now, wording = services.now(), services.wording
    ended = ended_on(item, now.date())
    shown = page(
        "item.html",
        _WORDING,
        _SCRIPTS,
        **_frame(request, services),
        item=item,
        parts=lay_out(item),
        ended=wording.say("expired", date=ended.isoformat()) if ended else None,
        papers=_texts(count_papers(item.facts_on(Facet.MATERIALS), wording)),
        beside={
            # A promise of an office that no longer takes the case is none.
            Facet.TIME_LIMIT: [] if ended else _texts(say_dates(item.facts, now.date(), wording)),
            Facet.LOCATION: (
                _texts(say_hours(services.office.hours, services.office.city, now, wording))
                if services.office.hours
                else []
            ),
        },
        maps=_maps(item, services),
        phones=_phones(item),
        terms=_terms(item, services),
        ways=_ways(item, services),
        events=services.ground.ways.events_of(item.id),
        facet_name=lambda facet: wording.facet(str(facet)),
    )
    return if_changed(request, shown, since_of(request, services))


def list_page(
    request: Request, services: Services, item: ServiceItem, lines: Sequence[str], edition: str | None
) -> Response:
    """Return the papers of *item* at *lines* to take along; all of them without lines, or where the edition is over.

    Raises LinesError for an address that names no lines, ForeignLinesError for lines of something else.
    """
    asked = parse_lines(lines)
    is_current = edition == services.base.document.edition
    address = f"{_site(request)}/items/{item.id}/list"
    if asked and is_current:
        facts = facts_at(item, asked)
        address += f"?lines={lines_for_address(facts)}&edition={edition}"
        chosen = with_headings(item, facts)
        parts = [part for part in lay_out(item, chosen.__contains__) if part.facts]
    else:
        parts = [part for part in lay_out(item) if part.facet is Facet.MATERIALS]
    shown = page(
        "list.html",
        _WORDING,
        _SCRIPTS,
        **_frame(request, services),
        item=item,
        parts=parts,
        is_changed=edition is not None and not is_current,
        below=[part for part in lay_out(item) if part.facet in {Facet.LOCATION, Facet.PHONE}],
        maps=_maps(item, services),
        phones=_phones(item),
        beside={},
        ended=ended_on(item, services.now().date()),
        address=address,
        facet_name=lambda facet: services.wording.facet(str(facet)),
    )
    return if_changed(request, shown, since_of(request, services))


def _frame(request: Request, services: Services) -> dict[str, Any]:
    """Return what every page of items says of itself."""
    document, since = services.base.document, since_of(request, services)
    return {
        "office": document.office,
        "edition": document.edition,
        "since": services.wording.day(since.date()) if since else None,
        "site": _site(request),
    }


def since_of(request: Request, services: Services) -> datetime | None:
    """Return when the edition in use came in force, where that is known."""
    found: datetime | None = request.app.state.in_force_since.of(services.base)
    return found


def _site(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _texts(messages: Sequence[Message]) -> list[str]:
    return [message.text for message in messages]


def _maps(item: ServiceItem, services: Services) -> dict[str, Link]:
    """Return the map of each counter, by the words of its fact."""
    found: dict[str, Link] = {}
    for fact in item.facts_on(Facet.LOCATION):
        for link in links_of([fact], services.wording, services.office.map_link, services.office.city):
            # A web address is tapped where it stands in the words.
            if isinstance(link, Link) and getattr(fact.value, "url", None) is None:
                found[fact.text] = link
    return found


def _phones(item: ServiceItem) -> list[PhoneNumber]:
    return [phone for phone in phones_of(item.facts_on(Facet.PHONE)) if isinstance(phone, PhoneNumber)]


def _terms(item: ServiceItem, services: Services) -> tuple[Term, ...]:
    return services.glossary.terms_in("\n".join(fact.text for fact in item.facts))


def _ways(item: ServiceItem, services: Services) -> list[tuple[When, list[NextStep]]]:
    steps = [step for step in services.ground.ways.next_for(item.id) if step.item in services.base.by_id]
    grouped = [(when, [step for step in steps if step.when is when]) for when in When]
    return [(when, found) for when, found in grouped if found]
