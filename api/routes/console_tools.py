"""What agents need beside tickets: colleagues and presence, canned replies, suggested facts."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from api.access.account import Staff
from api.access.at_hand import AgentAtHand
from api.access.role import Role
from api.at_hand import EngineAtHand
from api.console.at_hand import ConsoleAtHand, ViewsAtHand
from api.console.forms import (
    CannedReplies,
    CannedShown,
    Colleagues,
    NewCanned,
    PresenceChange,
    Suggestions,
)
from api.console.frames import NUMBER
from api.console.suggesting import blocks_of, spoken_of, suggest
from api.edge.problems import Refusal, described
from api.routes.guide import LookupAtHand
from bot.desk.canned import CannedError, CannedReply
from bot.lookup.reading import LONGEST_TYPED

router = APIRouter(prefix="/api/v1/console", tags=["console"])

MOST_HITS = 6
_LARGEST_ID = 2**53


# ---------------------------------------------------------------- agents


@router.get("/colleagues", response_model=None, responses={200: {"model": Colleagues}, **described(401, 403)})
def colleagues(agent: AgentAtHand, views: ViewsAtHand) -> dict[str, Any]:
    """Return who can take tickets, who of them is there, and how many each has."""
    return {"colleagues": views.colleagues(agent.name)}


@router.put("/presence", response_model=None, responses={200: {"model": Colleagues}, **described(401, 403, 422)})
async def presence(
    given: PresenceChange, agent: AgentAtHand, engine: EngineAtHand, console: ConsoleAtHand, views: ViewsAtHand
) -> dict[str, Any]:
    """Say that one is there, or away for a while; the tickets stay with whoever is away."""
    now = engine.services.now()
    if given.presence == "away":
        await asyncio.to_thread(console.presence.go, agent.name, now)
    else:
        await asyncio.to_thread(console.presence.come_back, agent.name)
    await asyncio.to_thread(engine.desk.seen, agent.name, now)
    console.presence_changed()
    return {"colleagues": await asyncio.to_thread(views.colleagues, agent.name)}


# ---------------------------------------------------------------- canned replies


@router.get("/canned", response_model=None, responses={200: {"model": CannedReplies}, **described(401, 403)})
def canned(agent: AgentAtHand, console: ConsoleAtHand) -> dict[str, Any]:
    """Return the canned replies, the own ones first."""
    return {"replies": [_canned_json(reply, agent) for reply in console.canned.read(agent.name)]}


@router.post(
    "/canned",
    status_code=201,
    response_model=None,
    responses={201: {"model": CannedShown}, **described(401, 403, 409, 422)},
)
def add_canned(given: NewCanned, agent: AgentAtHand, engine: EngineAtHand, console: ConsoleAtHand) -> dict[str, Any]:
    """Keep a canned reply, for oneself or, as an editor, for all."""
    if given.shared:
        _require_editor(agent)
    owner = None if given.shared else agent.name
    try:
        reply = console.canned.add(owner, given.text.strip(), agent.name, engine.services.now())
    except CannedError as error:
        raise Refusal(409, "too_many_replies", str(error)) from error
    return _canned_json(reply, agent)


@router.delete("/canned/{reply_id}", status_code=204, response_class=Response, responses=described(401, 403, 404, 422))
def delete_canned(
    agent: AgentAtHand, console: ConsoleAtHand, reply_id: Annotated[int, Path(ge=1, le=_LARGEST_ID)]
) -> None:
    """Forget an own canned reply or, as an editor, one that all share."""
    reply = console.canned.find(reply_id)
    if reply is None or reply.owner not in {None, agent.name}:
        raise Refusal(404, "no_such_reply", "there is no such reply of yours")
    if reply.owner is None:
        _require_editor(agent)
    console.canned.delete(reply_id)


def _require_editor(agent: Staff) -> None:
    if not agent.role.includes(Role.EDITOR):
        raise Refusal(403, "role_needed", f"this is for those who are {Role.EDITOR}")


def _canned_json(reply: CannedReply, agent: Staff) -> dict[str, Any]:
    is_shared = reply.owner is None
    return {
        "id": reply.id,
        "text": reply.text,
        "shared": is_shared,
        "by": reply.by,
        "deletable": not is_shared or agent.role.includes(Role.EDITOR),
    }


# ---------------------------------------------------------------- suggestions


@router.get(
    "/suggestions", response_model=None, responses={200: {"model": Suggestions}, **described(401, 403, 404, 422)}
)
async def suggestions(
    agent: AgentAtHand,
    engine: EngineAtHand,
    views: ViewsAtHand,
    lookup: LookupAtHand,
    ticket: Annotated[str | None, Query(pattern=NUMBER, description="what was spoken of on it last")] = None,
    q: Annotated[
        str | None, Query(max_length=LONGEST_TYPED, description="looked for as in /api/v1/search instead")
    ] = None,
) -> dict[str, Any]:
    """Return what may be said next in the guide's words, each block with its lines and ready to be put into a reply."""
    del agent
    base, wording = engine.services.base, engine.services.wording
    if q and q.strip():
        index = await lookup.at(base)
        blocks = blocks_of(index.search(q, MOST_HITS))
    elif ticket is not None:
        entries, _ = await asyncio.to_thread(lambda: views.entries_of(views.find(ticket)))
        blocks = suggest(base, await spoken_of(engine, entries))
    else:
        blocks = []
    return {"suggestions": [block.as_json(wording) for block in blocks]}
