"""The knowledge base as JSON: all of it, one item; items found by what somebody types."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.requests import HTTPConnection

from api.at_hand import EngineAtHand
from api.edge.problems import described
from bot.lookup.edition import Lookup
from bot.lookup.hits import Hit, Kind, Suggestion
from bot.lookup.reading import LONGEST_TYPED
from bot.understanding.normalise import mask_personal_numbers
from knowledge.export import export_base, export_fact, export_item
from knowledge.model import Facet

MOST_HITS = 200
_NOT_BLANK = r"\S"


class FactForm(BaseModel):
    """One statement of the guide on a facet of an item."""

    facet: Facet = Field(example="materials")
    text: str = Field(description="the guide's own wording", example="2.户口簿，验原件；")
    lines: list[int] = Field(
        description="first and last line in the guide", min_items=2, max_items=2, example=[121, 121]
    )
    applies_to: list[str] = Field(description="the headings under which it stands", example=["企业职工"])
    value: dict[str, Any] | None = Field(
        None,
        description="the machine-readable reading, where there is one",
        example={"name": "户口簿", "form": "inspect", "copies": None, "exempt_if": None},
    )


class ItemForm(BaseModel):
    """One item with everything that the guide says of it."""

    id: str = Field(example="card_replace")
    number: int = Field(description="the office's own number", example=98)
    title: str = Field(example="社会保障卡补领、换领、换发")
    category: str = Field(example="社会保障卡")
    audience: list[str] = Field(example=["个人"])
    aliases: list[str] = Field(example=["补卡", "换卡"])
    facts: list[FactForm]


class DocumentForm(BaseModel):
    """The guide, and which edition of it."""

    name: str
    sha256: str
    edition: str


class BaseForm(BaseModel):
    """The whole knowledge base."""

    document: DocumentForm
    items: list[ItemForm]


class WhyForm(BaseModel):
    """By what an item was found."""

    kind: Kind = Field(example="initials")
    matched: str = Field(description="the words of the item or the guide that fitted", example="工伤认定")


class HitForm(BaseModel):
    """An item that was found."""

    id: str = Field(example="injury_determination")
    number: int = Field(example=90)
    title: str = Field(example="工伤认定——工伤认定申请")
    score: float = Field(description="the higher the better it fits", example=93.61)
    why: WhyForm
    facts: list[FactForm] = Field(
        description="lines with the word, paper or number; of a facet that was named, what is said in few words"
    )


class SearchResult(BaseModel):
    """What a search found, the best first."""

    query: str = Field(description="as it was typed, personal numbers masked", example="gsrd cl")
    facets: list[Facet] = Field(description="facets named in the query", example=["materials"])
    hits: list[HitForm]


class SuggestionForm(BaseModel):
    """An item offered while somebody types."""

    id: str = Field(example="card_replace")
    label: str = Field(description="the name that fits what stands there", example="补办或换社保卡")
    title: str = Field(example="社会保障卡补领、换领、换发")


class SuggestionResult(BaseModel):
    """What is offered, the best first."""

    suggestions: list[SuggestionForm]


async def _lookup(connection: HTTPConnection, engine: EngineAtHand) -> Lookup:
    """Return the service's lookup, made by whoever asks first; on the loop, so that no two make one."""
    state = connection.app.state
    if not hasattr(state, "lookup"):
        state.lookup = Lookup(engine.services.ground.ways, engine.services.glossary)
    lookup: Lookup = state.lookup
    return lookup


LookupAtHand = Annotated[Lookup, Depends(_lookup)]
Typed = Annotated[
    str,
    Query(
        min_length=1,
        max_length=LONGEST_TYPED,
        pattern=_NOT_BLANK,
        description="words, pinyin, initials, a paper, a phone number or an item's number; facets beside them",
        examples=["gsrd"],
    ),
]

router = APIRouter(prefix="/api/v1")


@router.get("/items", response_model=None, responses={200: {"model": BaseForm}, **described(429)})
async def items(engine: EngineAtHand) -> JSONResponse:
    """Return the whole knowledge base."""
    return JSONResponse(export_base(engine.services.base))


@router.get("/items/{item_id}", response_model=None, responses={200: {"model": ItemForm}, **described(404, 429)})
async def item(item_id: str, engine: EngineAtHand) -> JSONResponse:
    """Return one item with its facts."""
    found = engine.services.base.by_id.get(item_id)
    if found is None:
        raise HTTPException(404, "no such item")
    return JSONResponse(export_item(found))


@router.get("/search", response_model=None, responses={200: {"model": SearchResult}, **described(422, 429)})
async def search(
    q: Typed,
    engine: EngineAtHand,
    lookup: LookupAtHand,
    limit: Annotated[int, Query(ge=1, le=MOST_HITS, description="hits at most")] = 20,
    facet: Annotated[Facet | None, Query(description="a facet, as if it were named in the query")] = None,
) -> JSONResponse:
    """Find items by word, other name, pinyin, initials, paper, phone or number, at each keystroke."""
    index = await lookup.at(engine.services.base)
    hits = index.search(q, limit, facet)
    facets = hits[0].facets if hits else (facet,) if facet else ()
    return JSONResponse({"query": mask_personal_numbers(q), "facets": facets, "hits": [_hit_json(hit) for hit in hits]})


@router.get("/suggest", response_model=None, responses={200: {"model": SuggestionResult}, **described(422, 429)})
async def suggest(q: Typed, engine: EngineAtHand, lookup: LookupAtHand) -> JSONResponse:
    """Offer items while a resident types."""
    index = await lookup.at(engine.services.base)
    return JSONResponse({"suggestions": [_suggestion_json(suggestion) for suggestion in index.suggest(q)]})


def _hit_json(hit: Hit) -> dict[str, Any]:
    return {
        "id": hit.item.id,
        "number": hit.item.number,
        "title": hit.item.title,
        "score": hit.score,
        "why": {"kind": hit.why.kind, "matched": hit.why.matched},
        "facts": [export_fact(fact) for fact in hit.facts],
    }


def _suggestion_json(suggestion: Suggestion) -> dict[str, str]:
    return {"id": suggestion.item.id, "label": suggestion.label, "title": suggestion.item.title}
