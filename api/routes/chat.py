"""Chat and understanding: one turn of a conversation, one message by itself."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, StrictBool, validator

from api.at_hand import EngineAtHand
from api.edge.limits import CallLimitsAtHand
from api.edge.problems import described
from api.live.at_hand import HubAtHand
from api.live.forms import FoundItem, Turn, turn_json
from api.reading import one_line, only_text
from api.residents import (
    LONGEST_ID,
    OPTIONAL_TOKEN,
    SESSION_ID,
    SecretAtHand,
    TokenAtHand,
    channel_of,
    session_of,
)
from bot.query import Decision


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("the text is blank")
    return text


class ChatRequest(BaseModel):
    """One message of one session."""

    session_id: str = Field(min_length=1, max_length=LONGEST_ID, regex=SESSION_ID, example="a1b2c3")
    text: str = Field(min_length=1, max_length=500, example="社保卡丢了怎么补")
    message_id: str | None = Field(
        None,
        min_length=1,
        max_length=64,
        regex=r"^[A-Za-z0-9-]+$",
        example="0b8c7f0e-7d2a-4f0e-9a51-3c5f0d6c1b2a",
        description="made by the page, a UUID best: a repeat is no new turn and gets the reply that the first one got",
    )
    elder: StrictBool = Field(False, description="short sentences")

    _are_texts = validator("session_id", "text", "message_id", pre=True, allow_reuse=True)(only_text)
    _says_something = validator("text", allow_reuse=True)(_not_blank)
    _are_one_line = validator("session_id", "message_id", allow_reuse=True)(one_line)


class UnderstandRequest(BaseModel):
    """A message to understand without a session."""

    text: str = Field(min_length=1, max_length=500, example="社保卡丢了怎么补")

    _is_text = validator("text", pre=True, allow_reuse=True)(only_text)
    _says_something = validator("text", allow_reuse=True)(_not_blank)


class Understood(BaseModel):
    """What is understood of a message."""

    text: str
    decision: Decision
    items: list[FoundItem]
    facets: list[str]
    applicant: str | None


router = APIRouter(prefix="/api/v1")


@router.post(
    "/chat",
    response_model=None,
    responses={200: {"model": Turn}, **described(401, 422, 429, 503)},
    openapi_extra=OPTIONAL_TOKEN,
)
async def chat(
    message: ChatRequest,
    engine: EngineAtHand,
    hub: HubAtHand,
    limits: CallLimitsAtHand,
    token: TokenAtHand,
    secret: SecretAtHand,
) -> JSONResponse:
    """Lead one turn of a conversation.

    Ids that do not begin with web- are made up by the program that calls, and are its own room: they reach no
    resident's session of any channel. What agents say is not part of the reply: it comes as entries, in the order
    of their numbers; that of the reply may be behind some that the page has not read yet.
    """
    session = session_of(message.session_id, token, secret)
    limits.count_message(session)
    with limits.turn_under_way():
        # What an agent said before comes before it in the transcript.
        await hub.bring(session)
        turn = await engine.turn(
            session,
            message.text,
            channel=channel_of(session),
            elder=message.elder,
            message_id=message.message_id,
        )
    hub.stir(session, is_stored=turn["seq"] is not None)
    # It is JSON already: FastAPI would walk through all of it to find out, half of what the edge costs.
    return JSONResponse(turn_json(session, turn, turn["seq"]))


@router.post("/understand", response_model=None, responses={200: {"model": Understood}, **described(422, 429)})
async def understand(message: UnderstandRequest, engine: EngineAtHand) -> JSONResponse:
    """Understand a message by itself."""
    return JSONResponse((await engine.understand(message.text)).as_json())
