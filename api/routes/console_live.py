"""What happens at the desk, as it happens: a socket for each console page, and a poll for those without."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, WebSocket

from api.access.at_hand import AccessAtHand, AgentAtHand
from api.at_hand import EngineAtHand
from api.console.at_hand import ConsoleAtHand, ViewsAtHand
from api.console.feed import Feed
from api.console.forms import Changes
from api.console.frames import NUMBER
from api.console.views import NoSuchTicket, Views, entries_json
from api.edge.problems import described
from api.live.at_hand import HubAtHand
from api.live.frames import GREATEST_SEQ
from api.live.hub import PAGE
from bot.records.transcripts import Entry
from bot.runtime.engine import Engine

router = APIRouter(prefix="/api/v1/console", tags=["console"])

OVERLAP = 200
"""Numbers before *after* that are told again: of two that came about together, the later may be stored first."""


@router.websocket("/live")
async def live(
    websocket: WebSocket,
    agent: AgentAtHand,
    engine: EngineAtHand,
    hub: HubAtHand,
    console: ConsoleAtHand,
    access: AccessAtHand,
) -> None:
    """Tell one page what happens, as JSON frames by their type.

    To the page: `board` and `colleagues` as the calls of that name give them, whole, whenever they are others;
    `ticket`, the one watched, without its entries; `entry` with the number of its ticket, for the one watched and the
    agent's own; `typing`, a resident's, and `gone`, erased, with the ticket's number.
    From the page: `here` with *active* every 20 s, its sign of life; `watch` with the ticket on the screen and the
    number *after* which its entries are wanted; `typing` with the ticket. Anything else closes the socket with 1008.
    """
    await websocket.accept()
    await Feed(websocket, agent, engine, hub, console, access).serve()


@router.get("/changes", response_model=None, responses={200: {"model": Changes}, **described(401, 403, 422)})
async def changes(
    agent: AgentAtHand,
    engine: EngineAtHand,
    console: ConsoleAtHand,
    views: ViewsAtHand,
    after: Annotated[int, Query(ge=0, le=GREATEST_SEQ, description="the number that the last call gave")] = 0,
    ticket: Annotated[str | None, Query(pattern=NUMBER, description="the one on the screen")] = None,
) -> dict[str, Any]:
    """Return how things stand and what was said since; asked every few seconds, it is the page's sign of life."""
    await asyncio.to_thread(engine.desk.seen, agent.name, engine.services.now())
    board, colleagues = await asyncio.to_thread(views.overview, agent.name)
    shown, followed = await asyncio.to_thread(_followed, views, agent.name, ticket)
    said = await asyncio.to_thread(_said_on, engine, followed, max(0, after - OVERLAP))
    newest = max((entry.seq for entries in said.values() for entry in entries), default=0)
    return {
        "after": max(after, newest),
        "board": board,
        "colleagues": colleagues,
        "entries": [told for number, entries in said.items() for told in entries_json(number, entries)],
        "ticket": shown,
        "typing": [number for number in followed if console.is_typing(number)],
    }


def _followed(views: Views, agent: str, number: str | None) -> tuple[dict[str, Any] | None, dict[str, str]]:
    """Return the ticket named, None where it is gone, and the sessions to read by ticket."""
    followed = views.sessions_of(agent)
    if number is None:
        return None, followed
    try:
        ticket = views.find(number)
    except NoSuchTicket:
        return None, followed
    if ticket.is_open:
        followed[number] = ticket.session
    return views.ticket(number, agent), followed


def _said_on(engine: Engine, followed: dict[str, str], after: int) -> dict[str, list[Entry]]:
    return {number: engine.transcripts.read(session, after, PAGE) for number, session in followed.items()}
