"""Items for the staff lookup: the whole item, as text for a caller, what is doubtful in it, two side by side."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.requests import HTTPConnection

from api.access.at_hand import StaffAtHand
from api.at_hand import EngineAtHand
from api.edge.problems import Refusal, described
from api.pages.comparison import comparison_json
from api.pages.doubtful import Doubtful
from api.pages.sheet import Narrowed, UnknownChoiceError, sheet_json, text_for_caller
from api.pages.short_links import PREFIX, short_code
from api.routes.editions import PublishingAtHand
from api.routes.sheet_forms import Differences, DoubtOfItem, DoubtsOfItem, Sheet, Texts
from bot.runtime.engine import Engine
from bot.wording.pages import load_page_wording
from knowledge.model import Facet, ServiceItem

router = APIRouter(prefix="/api/v1/staff/items", tags=["lookup"])

WORDING = "staff"
MOST_CASES = 10


async def _doubtful(connection: HTTPConnection, publishing: PublishingAtHand) -> Doubtful:
    """Return the service's list of what is doubtful, opened by the first who asks."""
    state = connection.app.state
    if not hasattr(state, "doubtful"):
        state.doubtful = Doubtful(publishing)
    doubtful: Doubtful = state.doubtful
    return doubtful


DoubtfulAtHand = Annotated[Doubtful, Depends(_doubtful)]
ItemId = Annotated[str, Path(max_length=80, examples=["card_replace"])]
Cases = Annotated[
    list[str],
    Query(
        alias="case",
        max_items=MOST_CASES,
        description="cases of the caller, by their labels: what cannot apply to them is left out",
    ),
]


@router.get("/{id}", responses=described(401, 403, 404, 422), response_model=Sheet)
async def sheet(
    _staff: StaffAtHand,
    engine: EngineAtHand,
    id: ItemId,  # noqa: A002  # the path's own word
    cases: Cases = [],  # noqa: B006  # FastAPI copies it
) -> dict[str, Any]:
    """Return a whole item."""
    return sheet_json(_narrowed(engine, find_item(engine, id), cases), engine.services, load_page_wording(WORDING))


@router.get("/{id}/texts", responses=described(401, 403, 404, 422), response_model=Texts)
async def texts(
    request: Request,
    _staff: StaffAtHand,
    engine: EngineAtHand,
    id: ItemId,  # noqa: A002  # the path's own word
    cases: Cases = [],  # noqa: B006  # FastAPI copies it
    facets: Annotated[
        list[Facet], Query(alias="facet", max_items=len(Facet), description="all where none is named")
    ] = [],  # noqa: B006  # FastAPI copies it
) -> Texts:
    """Return an item as text for a caller."""
    item = find_item(engine, id)
    site = str(request.base_url).rstrip("/")
    made = text_for_caller(
        _narrowed(engine, item, cases),
        facets or list(Facet),
        engine.services,
        load_page_wording(WORDING),
        address=f"{site}/items/{item.id}",
        link=f"{site}{PREFIX}{short_code(item.id)}",
    )
    return Texts(plain=made.plain, parts=list(made.parts))


@router.get("/{id}/doubts", responses=described(401, 403, 404, 422))
async def doubts(
    _staff: StaffAtHand,
    engine: EngineAtHand,
    doubtful: DoubtfulAtHand,
    id: ItemId,  # noqa: A002  # the path's own word
) -> DoubtsOfItem:
    """Return what is doubtful in an item, as "python -m knowledge lint" finds it."""
    item = find_item(engine, id)
    found = await doubtful.of(engine.services.base, engine.services.now().date())
    placed = found.get(item.id, ()) if found is not None else ()
    return DoubtsOfItem(
        is_checked=found is not None,
        doubts=[
            DoubtOfItem(
                line=one.doubt.line, what=one.doubt.what, why=one.doubt.why, facet=one.facet, fact=one.fact
            )
            for one in placed
        ],
    )  # fmt: skip


@router.get("/{id}/differences", responses=described(401, 403, 404, 422), response_model=Differences)
async def differences(
    _staff: StaffAtHand,
    engine: EngineAtHand,
    id: ItemId,  # noqa: A002  # the path's own word
    other: Annotated[str, Query(alias="with", max_length=80, examples=["card_loss_report"])],
) -> dict[str, Any]:
    """Return two items side by side."""
    return comparison_json(find_item(engine, id), find_item(engine, other), engine.services.wording)


def find_item(engine: Engine, item_id: str) -> ServiceItem:
    """Return an item of the edition in use. Raises Refusal where it has none of that id."""
    found = engine.services.base.by_id.get(item_id)
    if found is None:
        raise Refusal(404, "no_such_item", "there is no such item")
    return found


def _narrowed(engine: Engine, item: ServiceItem, cases: list[str]) -> Narrowed:
    try:
        return Narrowed.of(item, engine.services, cases)
    except UnknownChoiceError as error:
        raise Refusal(422, "no_such_case", str(error)) from error
