"""Feedback: what a resident thinks of one of the bot's replies."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Depends, HTTPException, Response
from pydantic import BaseModel, Field, conint, validator
from starlette.requests import HTTPConnection

from api.at_hand import EngineAtHand
from api.edge.problems import described
from api.live.frames import GREATEST_SEQ
from api.reading import one_line, only_text
from api.residents import LONGEST_ID, OPTIONAL_TOKEN, SESSION_ID, SecretAtHand, TokenAtHand, session_of
from bot.query import Decision
from bot.records.feedback import Feedback, FeedbackReason, FeedbackStore, Thumb
from bot.records.transcripts import Entry, EntryAuthor, TranscriptStore
from bot.understanding.normalise import mask_personal_numbers

router = APIRouter(prefix="/api/v1")


class FeedbackRequest(BaseModel):
    """A thumb for the reply whose entry has the number *seq*; a later one for the same reply takes its place."""

    session_id: str = Field(min_length=1, max_length=LONGEST_ID, regex=SESSION_ID)
    seq: conint(strict=True, ge=1, le=GREATEST_SEQ)  # type: ignore[valid-type]
    thumb: Thumb
    reason: FeedbackReason | None = None
    comment: str | None = Field(None, max_length=200, description="personal numbers in it are masked")

    _are_texts = validator("session_id", "comment", pre=True, allow_reuse=True)(only_text)
    _is_one_line = validator("session_id", allow_reuse=True)(one_line)

    class Config:
        """Shown in OpenAPI."""

        schema_extra: ClassVar[dict[str, Any]] = {
            "example": {
                "session_id": "web-3n5tq2kxj7r6w4ysm2dlbv5h4e",
                "seq": 4712,
                "thumb": "down",
                "reason": "wrong_item",
                "comment": "我问的是居民养老",
            }
        }


async def _store(connection: HTTPConnection) -> FeedbackStore:
    store: FeedbackStore = connection.app.state.feedback
    return store


FeedbackAtHand = Annotated[FeedbackStore, Depends(_store)]


@router.post(
    "/feedback",
    status_code=204,
    response_class=Response,
    responses=described(401, 404, 422, 429, 503),
    openapi_extra=OPTIONAL_TOKEN,
)
async def give(
    given: FeedbackRequest, engine: EngineAtHand, store: FeedbackAtHand, token: TokenAtHand, secret: SecretAtHand
) -> None:
    """Keep what a resident thinks of a reply."""
    session = session_of(given.session_id, token, secret)
    reply = await asyncio.to_thread(_find_reply, engine.transcripts, session, given.seq)
    if reply is None or reply.turn is None:
        raise HTTPException(404, "the bot said nothing of that number in this session")
    kept = Feedback(
        session=session,
        seq=given.seq,
        at=engine.services.now(),
        thumb=given.thumb,
        reason=given.reason,
        comment=mask_personal_numbers(given.comment).strip() or None if given.comment else None,
        decision=Decision(reply.turn["decision"]),
        items=tuple(item["id"] for item in reply.turn["items"]),
        facets=tuple(reply.turn["facets"]),
    )
    await asyncio.to_thread(store.give, kept)


def _find_reply(transcripts: TranscriptStore, session: str, seq: int) -> Entry | None:
    """Return the bot's entry of that number."""
    found = transcripts.read(session, after=seq - 1, limit=1)
    return next((entry for entry in found if entry.seq == seq and entry.author is EntryAuthor.BOT), None)
