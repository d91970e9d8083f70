"""Chat and understanding: one turn of a conversation, one message by itself."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field, validator

from api.at_hand import EngineAtHand


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("the text is blank")
    return text


def _one_line(name: str) -> str:
    # In a pattern $ also admits a line break at the end.
    if name != name.strip():
        raise ValueError("a session's name has no blanks")
    return name


class ChatRequest(BaseModel):
    """One message of one session."""

    session_id: str = Field(min_length=1, max_length=64, regex=r"^[A-Za-z0-9_.:-]+$", example="a1b2c3")
    text: str = Field(min_length=1, max_length=500, example="社保卡丢了怎么补")

    _says_something = validator("text", allow_reuse=True)(_not_blank)
    _is_one_line = validator("session_id", allow_reuse=True)(_one_line)


class UnderstandRequest(BaseModel):
    """A message to understand without a session."""

    text: str = Field(min_length=1, max_length=500, example="社保卡丢了怎么补")

    _says_something = validator("text", allow_reuse=True)(_not_blank)


router = APIRouter(prefix="/api/v1")


@router.post("/chat")
async def chat(message: ChatRequest, engine: EngineAtHand) -> dict[str, Any]:
    """Lead one turn of a conversation."""
    turn = await engine.turn(message.session_id, message.text, channel="web")
    return {"session_id": turn.pop("session"), **turn}


@router.post("/understand")
async def understand(message: UnderstandRequest, engine: EngineAtHand) -> dict[str, Any]:
    """Understand a message by itself."""
    return (await engine.understand(message.text)).as_json()
