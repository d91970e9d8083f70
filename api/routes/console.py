"""The desk for agents: the board, a ticket with its conversation, and all that is done with it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from api.access.at_hand import AccessAtHand, AgentAtHand
from api.access.role import Role
from api.at_hand import EngineAtHand
from api.console.at_hand import ConsoleAtHand, ViewsAtHand
from api.console.forms import (
    BoardShown,
    Closing,
    Conversation,
    Explanation,
    HandOver,
    TicketShown,
    Words,
)
from api.console.frames import NUMBER
from api.console.views import NoSuchTicket
from api.edge.problems import Refusal, described
from api.live.at_hand import HubAtHand
from api.live.frames import GREATEST_SEQ
from bot.desk.presence import Presence
from bot.desk.store import TicketStore
from bot.desk.ticket import Author, TicketError, TicketState
from bot.understanding.normalise import mask_personal_numbers
from bot.wording.pages import load_page_wording

router = APIRouter(prefix="/api/v1/console", tags=["console"])

Number = Annotated[str, Path(pattern=NUMBER, examples=["1126-003"], description="the ticket's number")]

_ON_BOARD = described(401, 403)
_ON_TICKET = described(401, 403, 404, 422)
_CHANGING = described(401, 403, 404, 409, 422)
_REASONS = {
    TicketState.WAITING: ("ticket_not_taken", "the ticket waits: take it first"),
    TicketState.CLOSED: ("ticket_ended", "the ticket is closed"),
    TicketState.CALLED_OFF: ("ticket_ended", "the resident called the ticket off"),
}


# ---------------------------------------------------------------- looking


@router.get("/tickets", response_model=None, responses={200: {"model": BoardShown}, **_ON_BOARD})
def board(agent: AgentAtHand, views: ViewsAtHand) -> dict[str, Any]:
    """Return the board: who waits, since when and why, the own tickets, those of others, what ended today."""
    return views.board(agent.name)


@router.get("/tickets/{number}", response_model=None, responses={200: {"model": Conversation}, **_ON_TICKET})
def ticket(number: Number, agent: AgentAtHand, views: ViewsAtHand) -> dict[str, Any]:
    """Return a ticket with what was said in its conversation before and during it, and what the bot understood."""
    return views.conversation(number, agent.name)


@router.get("/tickets/{number}/explain", response_model=None, responses={200: {"model": Explanation}, **_ON_TICKET})
async def explain(
    number: Number,
    agent: AgentAtHand,
    views: ViewsAtHand,
    engine: EngineAtHand,
    seq: Annotated[int, Query(ge=1, le=GREATEST_SEQ, description="of the resident's entry")],
) -> dict[str, Any]:
    """Return why the bot understands a message of the resident as it does."""
    del agent
    found = await asyncio.to_thread(lambda: views.resident_entry(views.find(number), seq))
    if found is None:
        raise Refusal(404, "no_such_entry", "the resident said nothing of that number on this ticket")
    return {"seq": seq, **await engine.explain(found.text)}


# ---------------------------------------------------------------- doing


@router.post("/tickets/{number}/take", response_model=None, responses={200: {"model": TicketShown}, **_CHANGING})
def take(number: Number, agent: AgentAtHand, engine: EngineAtHand, views: ViewsAtHand) -> dict[str, Any]:
    """Take a waiting ticket; of several who ask, the first gets it, the others 409 ticket_taken."""
    with _refusing(engine.desk, number):
        engine.desk.take(number, agent.name, engine.services.now())
    return views.ticket(number, agent.name)


@router.post("/tickets/{number}/say", response_model=None, responses={200: {"model": TicketShown}, **_CHANGING})
def say(
    number: Number,
    given: Words,
    agent: AgentAtHand,
    engine: EngineAtHand,
    console: ConsoleAtHand,
    views: ViewsAtHand,
) -> dict[str, Any]:
    """Say something to the resident, as it is typed.

    With a personal number in it, it is 409 personal_numbers until it is *confirmed*.
    """
    if not given.confirmed and mask_personal_numbers(given.text) != given.text:
        raise Refusal(409, "personal_numbers", "there is a personal number in the text: confirm it")
    with _refusing(engine.desk, number), console.once(agent.name, given.message_id) as is_new:
        if is_new:
            engine.desk.say(number, Author.AGENT, agent.name, given.text, engine.services.now())
    return views.ticket(number, agent.name)


@router.post("/tickets/{number}/typing", status_code=204, response_class=Response, responses=_CHANGING)
async def typing(number: Number, agent: AgentAtHand, engine: EngineAtHand, hub: HubAtHand) -> None:
    """Show the resident for some seconds that the agent is writing."""
    with _refusing(engine.desk, number):
        found = await asyncio.to_thread(engine.desk.find, number)
        if found is None:
            raise NoSuchTicket
        found.require_agent(agent.name)
    hub.agent_types(found.session)


@router.post("/tickets/{number}/hand-over", response_model=None, responses={200: {"model": TicketShown}, **_CHANGING})
def hand_over(
    number: Number,
    given: HandOver,
    agent: AgentAtHand,
    engine: EngineAtHand,
    access: AccessAtHand,
    views: ViewsAtHand,
) -> dict[str, Any]:
    """Pass an own ticket to a colleague who is there, with a note that the resident does not see."""
    colleague = access.store.find(given.to)
    if colleague is None or colleague.disabled or not colleague.role.includes(Role.AGENT):
        raise Refusal(404, "no_such_colleague", "there is no such agent")
    if views.presence_of(colleague.name) is Presence.GONE:
        raise Refusal(409, "colleague_gone", "the colleague is not there: nobody would see the ticket")
    said = load_page_wording("console")
    with _refusing(engine.desk, number):
        engine.desk.hand_over(number, agent.name, colleague.name)
        passed = said.say("note_handed_over", name=colleague.name)
        note = "\n".join([passed, *_masked(given.note)])
        engine.desk.say(number, Author.SYSTEM, agent.name, note, engine.services.now())
    return views.ticket(number, agent.name)


@router.post("/tickets/{number}/release", response_model=None, responses={200: {"model": TicketShown}, **_CHANGING})
def release(number: Number, agent: AgentAtHand, engine: EngineAtHand, views: ViewsAtHand) -> dict[str, Any]:
    """Put an own ticket back: it waits again at its old place."""
    with _refusing(engine.desk, number):
        engine.desk.release(number, agent.name)
    return views.ticket(number, agent.name)


@router.post("/tickets/{number}/close", response_model=None, responses={200: {"model": TicketShown}, **_CHANGING})
def close(
    number: Number,
    given: Closing,
    agent: AgentAtHand,
    engine: EngineAtHand,
    console: ConsoleAtHand,
    views: ViewsAtHand,
) -> dict[str, Any]:
    """End an own ticket with what came of it; the resident is with the bot again."""
    label = load_page_wording("console").say(f"ending_{given.outcome}")
    outcome = "：".join([label, *_masked(given.note)])
    with _refusing(engine.desk, number):
        engine.desk.close(number, agent.name, outcome, engine.services.now())
    console.endings.note(number, given.outcome)
    return views.ticket(number, agent.name)


# ---------------------------------------------------------------- what they share


def _masked(note: str | None) -> list[str]:
    """Return a note as it is kept, nothing where it is empty."""
    text = mask_personal_numbers(note or "").strip()
    return [text] if text else []


@contextmanager
def _refusing(desk: TicketStore, number: str) -> Iterator[None]:
    """Answer what a ticket does not allow with the reason. Raises Refusal."""
    try:
        yield
    except TicketError as error:
        found = desk.find(number)
        if found is None:
            raise NoSuchTicket from error
        if found.state is TicketState.TAKEN:
            raise Refusal(409, "ticket_taken", f"the ticket is with {found.agent}") from error
        raise Refusal(409, *_REASONS[found.state]) from error
