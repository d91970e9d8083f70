"""What a step does at the desk: a ticket opened, called off, or the resident's words passed to whoever has it."""

from __future__ import annotations

import asyncio
import logging

from bot.desk.store import TicketStore
from bot.desk.ticket import Author, Reason, TicketError
from bot.dialogue.calling import Called, reason_of, summarise
from bot.dialogue.reply import Speech
from bot.dialogue.situation import Person, Situation
from bot.dialogue.steps import Step
from bot.query import Decision
from knowledge.model import KnowledgeBase
from knowledge.store import StoreError

logger = logging.getLogger(__name__)


async def act_on_desk(
    desk: TicketStore | None,
    session: str,
    text: str,
    step: Step,
    situation: Situation,
    base: KnowledgeBase,
    speech: Speech,
    patience: float,
) -> Called | None:
    """Do at the desk what *step* asks for; return the ticket that the resident is to be told of, if any.

    The reply waits *patience* seconds for it; a ticket that is opened later is told of in the next turn.

    A desk that cannot be reached is logged where a person is wished for: the resident then gets the hotline, which
    needs no desk. Where words to an agent do not arrive, or nothing is called off, StoreError or TicketError says so.
    """
    if desk is None or (situation.person is Person.NONE and step.decision is not Decision.HANDOFF):
        return None
    try:
        acting = asyncio.to_thread(_act, desk, session, text, step, situation, base, speech)
        return await asyncio.wait_for(acting, patience)
    except (StoreError, TicketError, asyncio.TimeoutError):
        if step.topic in ("silent", "called_off"):
            raise
        logger.exception("the desk could not be reached")
        return None


def _act(
    desk: TicketStore,
    session: str,
    text: str,
    step: Step,
    situation: Situation,
    base: KnowledgeBase,
    speech: Speech,
) -> Called | None:
    if situation.person is not Person.NONE:
        # What is said while waiting is for whoever takes the ticket as well.
        desk.say(situation.ticket or "", Author.RESIDENT, None, text, speech.now)
    if step.topic == "silent":
        return None
    if step.topic == "called_off":
        desk.call_off(session, speech.now)
    elif step.decision is Decision.HANDOFF and step.topic != "contact_left":
        summary = summarise(step.thread, text, base, speech.wording)
        ticket = desk.open(session, situation.channel, Reason(reason_of(step.topic)), summary, speech.now)
        return Called(ticket.number, desk.waiting_place(ticket.number), is_new=ticket.number != situation.ticket)
    return None
