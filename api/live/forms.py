"""Turns, entries and the desk as residents' pages get them: made here, and described for OpenAPI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, Field

from api.live.events import DeskState
from api.residents import shown_id
from bot.dialogue.situation import Person
from bot.query import Decision
from bot.records.transcripts import Entry, EntryAuthor

_FOR_RECORDS = ("session", "outcome", "seq")
"""What a turn holds beside what its resident is told."""

_ITEM = {"id": "card_replace", "title": "社会保障卡补领、换领、换发", "confidence": 0.98}
_MESSAGE = {"type": "text", "text": "您好，请问想办什么事？"}
_AT = "2026-11-26T04:34:24.120000+00:00"
_SESSION = "web-3n5tq2kxj7r6w4ysm2dlbv5h4e"
_TURN = {
    "session_id": _SESSION,
    "decision": "answer",
    "items": [_ITEM],
    "facets": ["materials"],
    "applicant": None,
    "messages": [_MESSAGE],
    "seq": 4712,
}
_DESK = {"state": "waiting", "ticket": "1126-003", "place": 2, "agent": None, "typing": False}
_ENTRY = {
    "seq": 4712,
    "at": _AT,
    "author": "bot",
    "name": None,
    "message_id": "0b8c7f0e-7d2a-4f0e-9a51-3c5f0d6c1b2a",
    "text": _MESSAGE["text"],
    "turn": _TURN,
}


# ---------------------------------------------------------------- described


class FoundItem(BaseModel):
    """One item of a turn."""

    id: str
    title: str
    confidence: float


class Turn(BaseModel):
    """One turn: what was understood and what is answered. There are no messages while a person has the conversation."""

    session_id: str
    decision: Decision
    items: list[FoundItem]
    facets: list[str]
    applicant: str | None
    messages: list[dict[str, Any]] = Field(description="each with its type, and a plain rendering of itself as text")
    seq: int | None = Field(description="the number of the reply's entry; null while the store is away")

    class Config:
        """Shown in OpenAPI."""

        schema_extra: ClassVar[dict[str, Any]] = {"example": _TURN}


class EntryForm(BaseModel):
    """One thing said. Numbers grow within a session, with gaps."""

    seq: int
    at: str = Field(description="ISO 8601 with its zone")
    author: EntryAuthor
    name: str | None = Field(description="the agent's")
    message_id: str | None = Field(description="of the resident's message, on the reply to it as well")
    text: str
    turn: Turn | None = Field(description="the bot's whole reply, null for others")

    class Config:
        """Shown in OpenAPI."""

        schema_extra: ClassVar[dict[str, Any]] = {"example": _ENTRY}


class DeskForm(BaseModel):
    """Who has the conversation."""

    state: Person
    ticket: str | None = Field(description="the number to name")
    place: int | None = Field(description="in the queue, 1 for the next; null where nobody waits")
    agent: str | None = Field(description="the name of whoever took it")
    typing: bool = Field(description="the agent is writing")

    class Config:
        """Shown in OpenAPI."""

        schema_extra: ClassVar[dict[str, Any]] = {"example": _DESK}


class Page(BaseModel):
    """What was said behind a number, 500 entries at most, and how things stand at the desk."""

    entries: list[EntryForm]
    desk: DeskForm

    class Config:
        """Shown in OpenAPI."""

        schema_extra: ClassVar[dict[str, Any]] = {"example": {"entries": [_ENTRY], "desk": _DESK}}


class NewSession(BaseModel):
    """A session's id and the token that goes with it."""

    session_id: str
    token: str

    class Config:
        """Shown in OpenAPI."""

        schema_extra: ClassVar[dict[str, Any]] = {
            "example": {"session_id": _SESSION, "token": "gq0Jm0dS3T1vPj4m0uJ8oL2pQnB5yK7wC9xE1fA6hZk"}
        }


# ---------------------------------------------------------------- made


def turn_json(session: str, turn: Mapping[str, Any], seq: int | None) -> dict[str, Any]:
    """Return a turn in the contract's form, with the number of its entry."""
    told = {name: value for name, value in turn.items() if name not in _FOR_RECORDS}
    return {"session_id": shown_id(session), **told, "seq": seq}


def entry_json(entry: Entry) -> dict[str, Any]:
    """Return an entry in the form of docs/web.md."""
    return {
        "seq": entry.seq,
        "at": entry.at.isoformat(),
        "author": entry.author.value,
        "name": entry.name,
        "message_id": entry.message_id,
        "text": entry.text,
        "turn": None if entry.turn is None else turn_json(entry.session, entry.turn, entry.seq),
    }


def page_json(entries: list[Entry], desk: DeskState) -> dict[str, Any]:
    """Return entries and desk as a poll gets them."""
    return {"entries": [entry_json(entry) for entry in entries], "desk": desk.as_json()}
