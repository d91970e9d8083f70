"""How the service is: alive, ready, and its figures for Prometheus."""

from __future__ import annotations

import asyncio
import hmac
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, Field
from starlette.requests import HTTPConnection

from api.at_hand import EngineAtHand, SettingsAtHand
from api.edge.addresses import find_address
from api.edge.metrics import Metrics
from api.edge.problems import Refusal, described
from bot.records.database import Database
from knowledge.store import StoreError

router = APIRouter(tags=["health"])

DATABASE_SECONDS = 2.0
"""How long the database may take to answer."""


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    """The service can answer residents."""

    status: Literal["ready"] = "ready"
    edition: str = Field(example="2023-01")
    """The guide in force."""


async def _metrics(connection: HTTPConnection) -> Metrics:
    metrics: Metrics = connection.app.state.metrics
    return metrics


MetricsAtHand = Annotated[Metrics, Depends(_metrics)]


@router.get("/healthz")
async def healthz() -> Alive:
    """Tell that the process is alive."""
    return Alive()


@router.get("/readyz", responses=described(503))
async def readyz(engine: EngineAtHand) -> Ready:
    """Tell that the engine is loaded and the database answers."""
    try:
        await asyncio.wait_for(asyncio.to_thread(_ask, engine.database), DATABASE_SECONDS)
    except (StoreError, asyncio.TimeoutError) as error:
        raise Refusal(503, "database_away", "the database does not answer", {"Retry-After": "5"}) from error
    return Ready(edition=engine.services.base.document.edition)


@router.get(
    "/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}, **described(401, 403)}
)
async def metrics(request: Request, engine: EngineAtHand, settings: SettingsAtHand, counted: MetricsAtHand) -> Response:
    """Return the figures, to the machine itself or to whoever has METRICS_TOKEN."""
    _let_in(request, settings.metrics_token)
    text = counted.as_text(engine.services.base.document.edition)
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"})


def _ask(database: Database) -> None:
    with database.transaction() as connection:
        connection.exec_driver_sql("SELECT 1")


def _let_in(request: Request, token: str | None) -> None:
    address = find_address(request.scope)
    if address is not None and address.is_loopback:
        return
    if token is None:
        raise Refusal(403, "metrics_are_local", "figures are for this machine, or by METRICS_TOKEN")
    given = request.headers.get("authorization", "").encode("utf-8", "replace")
    if not hmac.compare_digest(given, f"Bearer {token}".encode()):
        raise Refusal(401, "wrong_token", "METRICS_TOKEN is expected", {"WWW-Authenticate": "Bearer"})
