"""From candidates to another model: trainings started, watched and cancelled, models put in force and taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Path, Response

from api.access.at_hand import AccessAtHand, AdminAtHand, CallerAtHand, EditorAtHand
from api.access.audit import Act
from api.at_hand import SettingsAtHand
from api.edge.problems import Refusal, described
from api.routes.office import ReviewAtHand, TrainingsAtHand
from api.routes.review_forms import Runs, RunShown
from bot.review.export import candidates_of
from bot.review.runs import RunError
from bot.review.store import ReviewStore
from bot.review.trainings import Trainings
from bot.runtime.switching import SwitchError, has_former
from bot.runtime.training import model_digest
from bot.settings import Settings

router = APIRouter(prefix="/api/v1/office/trainings", tags=["review"])

_ALWAYS = (401, 403, 503)
_NOT_FOUND = "no_such_run"

_Result = TypeVar("_Result")
RunId = Annotated[str, Path(pattern="^[0-9A-Za-z-]{1,40}$", examples=["20261126T101500-3f2a"])]


@router.get("", responses=described(*_ALWAYS), response_model=Runs)
def runs(_staff: EditorAtHand, settings: SettingsAtHand, review: ReviewAtHand, trainings: TrainingsAtHand) -> Runs:
    """Return what was trained, the latest first, and how far the training under way is."""
    return _shown(settings, review, trainings)


@router.post("", status_code=202, responses=described(409, *_ALWAYS), response_model=Runs)
async def start(
    staff: EditorAtHand,
    settings: SettingsAtHand,
    review: ReviewAtHand,
    trainings: TrainingsAtHand,
    access: AccessAtHand,
    caller: CallerAtHand,
) -> Runs:
    """Train a model on the candidates, beside the one in force; the gate judges it, and nothing changes yet."""
    candidates = len(candidates_of(await asyncio.to_thread(review.settled)))
    if not candidates:
        raise Refusal(409, "no_candidates", "editors have not agreed on any message yet")
    await _led(lambda: trainings.start(staff.name))
    await access.record(staff, Act.TRAINING_STARTED, f"{candidates}", caller)
    return await asyncio.to_thread(_shown, settings, review, trainings)


@router.delete("/current", status_code=202, responses=described(409, *_ALWAYS))
async def cancel(
    staff: EditorAtHand, trainings: TrainingsAtHand, access: AccessAtHand, caller: CallerAtHand
) -> Response:
    """Ask the training under way to end; it does so within a second or two."""
    await _led(trainings.folders.cancel)
    await access.record(staff, Act.TRAINING_CANCELLED, None, caller)
    return Response(status_code=202)


@router.post("/{id}/switch", responses=described(404, 409, 422, *_ALWAYS), response_model=Runs)
async def switch(
    id: RunId,  # noqa: A002  # the path's own word
    staff: AdminAtHand,
    settings: SettingsAtHand,
    review: ReviewAtHand,
    trainings: TrainingsAtHand,
    access: AccessAtHand,
    caller: CallerAtHand,
) -> Runs:
    """Put a model in force that has passed the gate; conversations go on with it some seconds later."""
    await _led(lambda: trainings.switch(id))
    await access.record(staff, Act.MODEL_SWITCHED, id, caller)
    return await asyncio.to_thread(_shown, settings, review, trainings)


@router.post("/roll-back", responses=described(409, *_ALWAYS), response_model=Runs)
async def roll_back(
    staff: AdminAtHand,
    settings: SettingsAtHand,
    review: ReviewAtHand,
    trainings: TrainingsAtHand,
    access: AccessAtHand,
    caller: CallerAtHand,
) -> Runs:
    """Put the model before in force again."""
    await _led(trainings.roll_back)
    await access.record(staff, Act.MODEL_ROLLED_BACK, model_digest(settings), caller)
    return await asyncio.to_thread(_shown, settings, review, trainings)


async def _led(work: Callable[[], _Result]) -> _Result:
    """Do *work* in a thread; what cannot be done is refused."""
    try:
        return await asyncio.to_thread(work)
    except (RunError, SwitchError) as error:
        raise Refusal(404 if error.code == _NOT_FOUND else 409, error.code, str(error)) from error


def _shown(settings: Settings, review: ReviewStore, trainings: Trainings) -> Runs:
    model = model_digest(settings)
    return Runs(
        runs=[RunShown.of(run, model) for run in trainings.folders.read()],
        busy=trainings.is_busy,
        candidates=len(candidates_of(review.settled())),
        said=trainings.tail(),
        model=model,
        back=has_former(settings),
    )
