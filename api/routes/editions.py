"""Editions of the guide: listed, uploaded, compared, put in force and taken back; for admins."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any, TypeVar
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Request, Response, UploadFile
from fastapi.responses import JSONResponse
from starlette.datastructures import UploadFile as FormFile
from starlette.requests import HTTPConnection

from api.access.at_hand import AccessAtHand, AdminAtHand, CallerAtHand
from api.access.audit import Act
from api.at_hand import EngineAtHand, SettingsAtHand
from api.edge.bodies import TooLarge
from api.edge.problems import MEDIA_TYPE, Refusal, described, problem
from api.routes.edition_forms import ComparisonShown, Doubts, Editions, EditionShown, GuideProblems, Uploaded
from knowledge.editions import EditionError, NoSuchEditionError
from knowledge.publishing import Publishing, charset_of
from knowledge.reading.problems import GuideError
from knowledge.store import KnowledgeStore

LONGEST_HISTORY = 50
_LONGEST_NAME = 255
_LARGEST_ID = 2**31 - 1
_ALWAYS = (401, 403, 429, 503)

router = APIRouter(prefix="/api/v1/office/editions", tags=["guide"])

_Result = TypeVar("_Result")


async def _publishing(connection: HTTPConnection, settings: SettingsAtHand) -> Publishing:
    """Return the office's way with editions, opened by the first who asks."""
    state = connection.app.state
    if not hasattr(state, "publishing"):
        state.publishing = Publishing(KnowledgeStore(settings.database_url))
    publishing: Publishing = state.publishing
    return publishing


PublishingAtHand = Annotated[Publishing, Depends(_publishing)]
EditionId = Annotated[int, Path(ge=1, le=_LARGEST_ID, examples=[7])]

_REFUSED: dict[int | str, dict[str, Any]] = {
    422: {
        "description": "a guide with problems, or a wrong call",
        "content": {MEDIA_TYPE: {"schema": GuideProblems.schema()}},
    }
}
_UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "text/plain": {"schema": {"type": "string"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
        },
    }
}


@router.get("", responses=described(*_ALWAYS), response_model=Editions)
async def list_editions(_staff: AdminAtHand, publishing: PublishingAtHand) -> dict[str, Any]:
    """Return all editions that are kept, where a roll-back leads, and what was done."""
    shelf = await _led(publishing.store.shelf)
    latest = list(reversed(shelf.changes))[:LONGEST_HISTORY]
    return {
        "editions": [edition.as_json() for edition in shelf],
        "back": shelf.previous.id if shelf.previous else None,
        "history": [change.as_json() for change in latest],
    }


@router.post(
    "",
    status_code=201,
    responses={**described(400, 408, 413, 415, *_ALWAYS), **_REFUSED},
    response_model=Uploaded,
    response_model_exclude_unset=True,
    openapi_extra=_UPLOAD,
)
async def upload(
    request: Request,
    staff: AdminAtHand,
    access: AccessAtHand,
    caller: CallerAtHand,
    engine: EngineAtHand,
    settings: SettingsAtHand,
    publishing: PublishingAtHand,
    name: Annotated[str, Query(max_length=_LONGEST_NAME, examples=["办事指南2025.txt"])] = "guide.txt",
) -> Any:
    """Read a guide, as the body itself or as "file" of a form, and keep it as a draft.

    It is read as strictly as a build reads: with a problem on any line, nothing is kept. UTF-8 or GB18030.
    """
    name, data = await _read_upload(request, name, settings.limits.max_upload)
    today = engine.services.now().date()

    def read() -> dict[str, Any]:
        edition = publishing.upload(name, data, staff.name)
        doubts = [asdict(doubt) for doubt in publishing.doubts(edition.id, today)]
        return {"edition": edition.as_json(), "doubts": doubts, "comparison": publishing.comparison(edition.id)}

    try:
        uploaded = await _led(read)
    except GuideError as error:
        return _refused(error)
    await access.record(staff, Act.GUIDE_UPLOADED, _about(uploaded["edition"]), caller)
    return uploaded


@router.get(
    "/{id}/comparison",
    responses=described(404, 409, 422, *_ALWAYS),
    response_model=ComparisonShown,
    response_model_exclude_unset=True,
)
async def comparison(
    id: EditionId,  # noqa: A002  # the path's own word
    _staff: AdminAtHand,
    publishing: PublishingAtHand,
    other: Annotated[int | None, Query(alias="with", ge=1, le=_LARGEST_ID)] = None,
) -> dict[str, Any]:
    """Return what an edition changes of another one, of the one in force if none is named."""
    return await _led(lambda: publishing.comparison(id, other))


@router.get("/{id}/lint", responses=described(404, 409, 422, *_ALWAYS), response_model=Doubts)
async def lint(
    id: EditionId,  # noqa: A002  # the path's own word
    _staff: AdminAtHand,
    engine: EngineAtHand,
    publishing: PublishingAtHand,
) -> dict[str, Any]:
    """Return what is doubtful in an edition."""
    today = engine.services.now().date()
    doubts = await _led(lambda: publishing.doubts(id, today))
    return {"edition": id, "doubts": [asdict(doubt) for doubt in doubts]}


@router.get(
    "/{id}/text",
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **described(404, 409, 422, *_ALWAYS)},
    response_class=Response,
)
async def text(
    id: EditionId,  # noqa: A002  # the path's own word
    _staff: AdminAtHand,
    publishing: PublishingAtHand,
) -> Response:
    """Return the guide as it came, byte for byte."""
    data = await _led(lambda: publishing.text(id))
    shelf = await _led(publishing.store.shelf)
    saved_as = f"attachment; filename*=UTF-8''{quote(shelf.edition(id).document.name, safe='')}"
    return Response(
        data,
        media_type=f"text/plain; charset={charset_of(data)}",
        headers={"Content-Disposition": saved_as, "X-Content-Type-Options": "nosniff"},
    )


@router.post("/{id}/switch", responses={**described(404, 409, *_ALWAYS), **_REFUSED}, response_model=EditionShown)
async def switch(
    id: EditionId,  # noqa: A002  # the path's own word
    staff: AdminAtHand,
    access: AccessAtHand,
    caller: CallerAtHand,
    publishing: PublishingAtHand,
) -> Any:
    """Put an edition in force; conversations go on with it from their next message."""
    try:
        edition = (await _led(lambda: publishing.switch(id, staff.name))).as_json()
    except GuideError as error:
        return _refused(error)
    await access.record(staff, Act.GUIDE_SWITCHED, _about(edition), caller)
    return edition


@router.post("/roll-back", responses={**described(409, *_ALWAYS), **_REFUSED}, response_model=EditionShown)
async def roll_back(
    staff: AdminAtHand,
    access: AccessAtHand,
    caller: CallerAtHand,
    publishing: PublishingAtHand,
    leaving: Annotated[
        int | None, Query(ge=1, le=_LARGEST_ID, description="the edition that was seen in force")
    ] = None,
) -> Any:
    """Put the edition before in force; with *leaving*, only if that one still is in force."""
    try:
        edition = (await _led(lambda: publishing.roll_back(staff.name, leaving))).as_json()
    except GuideError as error:
        return _refused(error)
    await access.record(staff, Act.GUIDE_ROLLED_BACK, _about(edition), caller)
    return edition


@router.delete("/{id}", status_code=204, responses=described(404, 409, 422, *_ALWAYS))
async def discard(
    id: EditionId,  # noqa: A002  # the path's own word
    staff: AdminAtHand,
    access: AccessAtHand,
    caller: CallerAtHand,
    publishing: PublishingAtHand,
) -> None:
    """Delete a draft; an edition that was in force stays."""
    edition = (await _led(publishing.store.shelf)).edition
    about = _about((await _led(lambda: edition(id))).as_json())
    await _led(lambda: publishing.store.discard(id, staff.name))
    await access.record(staff, Act.GUIDE_DISCARDED, about, caller)


async def _led(work: Callable[[], _Result]) -> _Result:
    """Do *work* in a thread, since a guide takes a second to read; what cannot be done is refused."""
    try:
        return await asyncio.to_thread(work)
    except EditionError as error:
        raise Refusal(404 if isinstance(error, NoSuchEditionError) else 409, error.code, str(error)) from error


async def _read_upload(request: Request, name: str, limit: int) -> tuple[str, bytes]:
    """Return name and bytes of the guide in a call's body."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        async with request.form(max_files=1, max_fields=4) as form:
            file = form.get("file")
            if not isinstance(file, FormFile):
                raise Refusal(400, "no_file", 'the form has no "file"')
            return file.filename or name, await _whole(file, limit)
    if kind != "text/plain":
        raise Refusal(415, "not_a_text", "text/plain or multipart/form-data is expected")
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > limit:
            raise TooLarge(limit)
    return name, bytes(data)


async def _whole(file: UploadFile | FormFile, limit: int) -> bytes:
    data = await file.read(limit + 1)
    if len(data) > limit:
        raise TooLarge(limit)
    return data


def _refused(error: GuideError) -> JSONResponse:
    errors = [{"line": found.line, "what": found.message} for found in error.problems]
    return problem(422, detail=f"{error.name} cannot be read", code="guide_refused", errors=errors)


def _about(edition: dict[str, Any]) -> str:
    return f"{edition['id']} {edition['name']}"
