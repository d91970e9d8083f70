"""The office's own notes on items, and the pins of each account."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, Field, conint, validator
from starlette.requests import HTTPConnection

from api.access.account import Staff, key_of
from api.access.at_hand import AccessAtHand, CallerAtHand, StaffAtHand
from api.access.audit import Act
from api.access.role import Role
from api.at_hand import EngineAtHand
from api.edge.problems import Refusal, described
from api.reading import only_text
from api.routes.sheets import ItemId, find_item
from bot.records.notes import MOST_PINS, NoSuchNoteError, Note, NoteError, NoteStore, PinStore
from bot.understanding.normalise import mask_personal_numbers
from knowledge.model import Facet

router = APIRouter(prefix="/api/v1/staff", tags=["lookup"])

LONGEST_NOTE = 500
_LARGEST_ID = 2**31 - 1
_READING = (401, 403, 503)

_Result = TypeVar("_Result")


class NoteText(BaseModel):
    """What somebody of the office has to say on an item."""

    text: str = Field(min_length=1, max_length=LONGEST_NOTE, example="月底人多，请错开。")
    facet: Facet | None = Field(None, description="the facet it belongs to; null for the item as a whole")

    _is_text = validator("text", "facet", pre=True, allow_reuse=True)(only_text)

    @validator("text")
    @classmethod
    def _stripped(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("the text is blank")
        return mask_personal_numbers(text.strip())


class NoteShown(BaseModel):
    """A note of the office; never a word of the guide."""

    id: int
    item: str = Field(example="card_replace")
    facet: Facet | None
    text: str = Field(description="personal numbers masked", example="月底人多，请错开。")
    author: str = Field(example="黄小梅")
    written: datetime
    changed: datetime | None
    may_change: bool = Field(description="whoever asks wrote it")
    may_delete: bool = Field(description="whoever asks wrote it, or is an editor")

    @classmethod
    def of(cls, note: Note, staff: Staff) -> NoteShown:
        """Return it as *staff* sees it."""
        return cls(
            id=note.id, item=note.item, facet=note.facet, text=note.text, author=note.author, written=note.written,
            changed=note.changed, may_change=_is_author(note, staff), may_delete=_may_delete(note, staff),
        )  # fmt: skip


class Notes(BaseModel):
    """The notes on an item, the oldest first."""

    notes: list[NoteShown]


class Pin(BaseModel):
    """Where a pin is to stand."""

    place: conint(strict=True, ge=0, lt=MOST_PINS) | None = Field(  # type: ignore[valid-type]
        None, description="0 is the first; a new one comes last without it"
    )


class PinShown(BaseModel):
    """An item that somebody keeps at hand."""

    id: str = Field(example="card_replace")
    title: str = Field(example="社会保障卡补领、换领、换发")


class Pins(BaseModel):
    """One's own pins, in one's own order; items that this edition does not have are left out."""

    pins: list[PinShown]


async def _note_store(connection: HTTPConnection, engine: EngineAtHand) -> NoteStore:
    state = connection.app.state
    if not hasattr(state, "notes"):
        state.notes = NoteStore(engine.database)
    notes: NoteStore = state.notes
    return notes


async def _pin_store(connection: HTTPConnection, engine: EngineAtHand) -> PinStore:
    state = connection.app.state
    if not hasattr(state, "pins"):
        state.pins = PinStore(engine.database)
    pins: PinStore = state.pins
    return pins


NotesAtHand = Annotated[NoteStore, Depends(_note_store)]
PinsAtHand = Annotated[PinStore, Depends(_pin_store)]
NoteId = Annotated[int, Path(ge=1, le=_LARGEST_ID, examples=[7])]


# ---------------------------------------------------------------- notes


@router.get("/items/{id}/notes", responses=described(404, 422, *_READING))
async def notes_on(
    id: ItemId,  # noqa: A002  # the path's own word
    staff: StaffAtHand,
    engine: EngineAtHand,
    notes: NotesAtHand,
) -> Notes:
    """Return the notes on an item."""
    item = find_item(engine, id)
    found = await _led(lambda: notes.on(item.id))
    return Notes(notes=[NoteShown.of(note, staff) for note in found])


@router.post("/items/{id}/notes", status_code=201, responses=described(404, 409, 422, *_READING))
async def add_note(
    id: ItemId,  # noqa: A002  # the path's own word
    given: NoteText,
    staff: StaffAtHand,
    engine: EngineAtHand,
    notes: NotesAtHand,
    access: AccessAtHand,
    caller: CallerAtHand,
) -> NoteShown:
    """Write a note; ID, card and mobile numbers in it are masked."""
    item, now = find_item(engine, id), engine.services.now()
    note = await _led(lambda: notes.add(item.id, given.facet, given.text, staff.name, now))
    await access.record(staff, Act.NOTE_ADDED, _about(note), caller)
    return NoteShown.of(note, staff)


@router.put("/notes/{id}", responses=described(404, 422, *_READING))
async def change_note(
    id: NoteId,  # noqa: A002  # the path's own word
    given: NoteText,
    staff: StaffAtHand,
    engine: EngineAtHand,
    notes: NotesAtHand,
    access: AccessAtHand,
    caller: CallerAtHand,
) -> NoteShown:
    """Change a note of one's own."""
    now = engine.services.now()
    if not _is_author(await _led(lambda: notes.get(id)), staff):
        raise Refusal(403, "not_yours", "only its author can change a note")
    note = await _led(lambda: notes.change(id, given.facet, given.text, now))
    await access.record(staff, Act.NOTE_CHANGED, _about(note), caller)
    return NoteShown.of(note, staff)


@router.delete("/notes/{id}", status_code=204, responses=described(404, 422, *_READING))
async def delete_note(
    id: NoteId,  # noqa: A002  # the path's own word
    staff: StaffAtHand,
    notes: NotesAtHand,
    access: AccessAtHand,
    caller: CallerAtHand,
) -> Response:
    """Delete a note of one's own; editors delete those of others too."""
    note = await _led(lambda: notes.get(id))
    if not _may_delete(note, staff):
        raise Refusal(403, "not_yours", "only its author or an editor can delete a note")
    await _led(lambda: notes.delete(id))
    await access.record(staff, Act.NOTE_DELETED, _about(note), caller)
    return Response(status_code=204)


# ---------------------------------------------------------------- pins


@router.get("/pins", responses=described(*_READING))
async def own_pins(staff: StaffAtHand, engine: EngineAtHand, pins: PinsAtHand) -> Pins:
    """Return one's own pins."""
    return _shown(engine, await _led(lambda: pins.of(key_of(staff.name))))


@router.put("/pins/{id}", responses=described(404, 409, 422, *_READING))
async def pin(
    id: ItemId,  # noqa: A002  # the path's own word
    given: Pin,
    staff: StaffAtHand,
    engine: EngineAtHand,
    pins: PinsAtHand,
) -> Pins:
    """Pin an item, or move its pin."""
    item = find_item(engine, id)
    return _shown(engine, await _led(lambda: pins.pin(key_of(staff.name), item.id, given.place)))


@router.delete("/pins/{id}", responses=described(404, 422, *_READING))
async def unpin(
    id: ItemId,  # noqa: A002  # the path's own word
    staff: StaffAtHand,
    engine: EngineAtHand,
    pins: PinsAtHand,
) -> Pins:
    """Take a pin away."""
    return _shown(engine, await _led(lambda: pins.unpin(key_of(staff.name), id)))


def _shown(engine: EngineAtHand, ids: list[str]) -> Pins:
    items = engine.services.base.by_id
    return Pins(pins=[PinShown(id=id_, title=items[id_].title) for id_ in ids if id_ in items])


# ---------------------------------------------------------------- what they share


def _is_author(note: Note, staff: Staff) -> bool:
    return key_of(note.author) == key_of(staff.name)


def _may_delete(note: Note, staff: Staff) -> bool:
    return _is_author(note, staff) or staff.role.includes(Role.EDITOR)


def _about(note: Note) -> str:
    return f"{note.item} {note.id}"


async def _led(work: Callable[[], _Result]) -> _Result:
    """Do *work* in a thread, for it waits for the database; what cannot be done is refused."""
    with _refusing():
        return await asyncio.to_thread(work)


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except NoteError as error:
        raise Refusal(404 if isinstance(error, NoSuchNoteError) else 409, error.code, str(error)) from error
