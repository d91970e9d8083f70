"""The knowledge base as JSON: all of it, one item."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException

from api.at_hand import EngineAtHand
from knowledge.export import export_base, export_item

router = APIRouter(prefix="/api/v1")


@router.get("/items")
async def items(engine: EngineAtHand) -> dict[str, Any]:
    """Return the whole knowledge base."""
    return export_base(engine.services.base)


@router.get("/items/{item_id}")
async def item(item_id: str, engine: EngineAtHand) -> dict[str, Any]:
    """Return one item with its facts."""
    found = engine.services.base.by_id.get(item_id)
    if found is None:
        raise HTTPException(404, "no such item")
    return export_item(found)
