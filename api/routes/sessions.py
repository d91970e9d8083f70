"""Residents' sessions: begun, read on, erased."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from api.at_hand import EngineAtHand
from api.edge.problems import described
from api.live import polling
from api.live.at_hand import HubAtHand
from api.live.forms import NewSession, Page, page_json
from api.live.frames import GREATEST_SEQ
from api.residents import (
    LONGEST_ID,
    OPTIONAL_TOKEN,
    SESSION_ID,
    SecretAtHand,
    TokenAtHand,
    new_id,
    session_of,
    token_of,
)

router = APIRouter(prefix="/api/v1")

_ShownId = Annotated[str, Path(min_length=1, max_length=LONGEST_ID, pattern=SESSION_ID)]


async def _session(session_id: _ShownId, token: TokenAtHand, secret: SecretAtHand) -> str:
    return session_of(session_id, token, secret)


_Session = Annotated[str, Depends(_session)]


@router.post("/sessions", status_code=201, response_model=NewSession, responses=described(429))
async def begin(secret: SecretAtHand) -> dict[str, str]:
    """Begin a session: an id that nobody guesses, and the token that goes with it. Nothing is stored yet."""
    session_id = new_id()
    return {"session_id": session_id, "token": token_of(session_id, secret)}


@router.get(
    "/sessions/{session_id}/entries",
    response_model=None,
    responses={200: {"model": Page}, **described(401, 410, 422, 429, 503)},
    openapi_extra=OPTIONAL_TOKEN,
)
async def entries(
    request: Request,
    session: _Session,
    engine: EngineAtHand,
    hub: HubAtHand,
    after: Annotated[int, Query(ge=0, le=GREATEST_SEQ, description="the number of the last entry that is known")] = 0,
    wait: Annotated[
        int, Query(ge=0, le=polling.LONGEST_WAIT, description="seconds to wait for something new; 0: answer at once")
    ] = 0,
) -> JSONResponse:
    """Return what was said behind a number, and how things stand at the desk; what agents have said comes with it.

    A number that is not known any more is 410: the session was erased, or nothing has been said for too long.
    """
    if wait:
        found = await polling.wait_for_more(request, hub, engine.transcripts, session, after, wait)
    else:
        found = await polling.look(hub, engine.transcripts, session, after)
    return JSONResponse(page_json(found.entries, found.desk))


@router.delete(
    "/sessions/{session_id}",
    status_code=204,
    response_class=Response,
    responses=described(401, 422, 429, 503),
    openapi_extra=OPTIONAL_TOKEN,
)
async def erase(session: _Session, engine: EngineAtHand, hub: HubAtHand) -> None:
    """Erase everything that is kept of the session; its other tabs are told so."""
    await engine.erase(session)
    hub.erased(session)
