"""The review: doubtful messages, what editors say of them, and the candidates that come of it."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response

from api.access.at_hand import AccessAtHand, CallerAtHand, EditorAtHand
from api.access.audit import Act
from api.at_hand import EngineAtHand, SettingsAtHand
from api.edge.problems import Refusal, described, problem
from api.routes.office import ReviewAtHand, office_wording
from api.routes.review_forms import Choice, Choices, Counts, MessageShown, Queue, ScopeChoice, VerdictGiven
from bot.query import FACET_NAMES
from bot.review.doubts import Doubt
from bot.review.export import AUTHOR, candidates_of
from bot.review.store import NoSuchMessageError, Shelf
from bot.review.verdict import TOPICAL, Known, VerdictError, load_topics
from bot.runtime.engine import Engine
from bot.settings import Settings
from bot.understanding.applicants import applicant_names
from bot.understanding.messages import SCOPE_CLASSES
from knowledge.vocabulary import load_vocabulary

router = APIRouter(prefix="/api/v1/office/review", tags=["review"])

PAGE = 30
_LARGEST_ID = 2**53
_TSV = "text/tab-separated-values"
_STATUSES = (401, 403, 422, 503)

Key = Annotated[str, Path(pattern="^[0-9a-f]{32}$", examples=["0a1b2c3d4e5f60718293a4b5c6d7e8f9"])]


@router.get("", responses=described(*_STATUSES), response_model=Queue)
def queue(
    staff: EditorAtHand,
    engine: EngineAtHand,
    review: ReviewAtHand,
    shelf: Annotated[Shelf, Query()] = Shelf.OPEN,
    doubt: Annotated[Doubt | None, Query(description="for one reason only")] = None,
    before: Annotated[int | None, Query(ge=1, le=_LARGEST_ID, description="messages before this one only")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = PAGE,
) -> Queue:
    """Return doubtful messages, those with the same words together, newest first."""
    review.harvest()
    found = review.read(shelf, doubt, before, limit)
    titles = _titles(engine)
    counts = {str(name): count for name, count in review.counts().items()}
    return Queue(
        messages=[MessageShown.of(message, titles, staff.name) for message in found],
        counts=Counts(**counts, candidates=len(candidates_of(review.settled()))),
        next=found[-1].newest if len(found) == limit else None,
    )


@router.get("/choices", responses=described(401, 403), response_model=Choices)
def choices(_staff: EditorAtHand, engine: EngineAtHand, settings: SettingsAtHand) -> Choices:
    """Return what a verdict can name."""
    wording = engine.services.wording
    titles = _titles(engine)
    return Choices(
        items=[Choice(id=id_, label=title) for id_, title in titles.items()],
        facets=[Choice(id=name, label=wording.facet(name)) for name in FACET_NAMES],
        applicants=sorted(applicant_names()),
        scopes=_scopes(settings),
    )


@router.put("/{key}/verdict", responses=described(404, *_STATUSES), response_model=MessageShown)
def judge(
    key: Key,
    given: VerdictGiven,
    staff: EditorAtHand,
    engine: EngineAtHand,
    settings: SettingsAtHand,
    review: ReviewAtHand,
) -> Any:
    """Say what a message means, or that it is of no use; another editor's verdict stays beside it."""
    try:
        verdict = _known(settings).check(given.as_verdict())
    except VerdictError as error:
        errors = [{"where": f"body.{error.field}", "what": error.code}]
        return problem(422, detail=str(error), code="verdict_refused", errors=errors)
    try:
        message = review.judge(key, staff.name, verdict, engine.services.now())
    except NoSuchMessageError as error:
        raise Refusal(404, "no_such_message", "this message is not known any more") from error
    return MessageShown.of(message, _titles(engine), staff.name)


@router.delete("/{key}/verdict", status_code=204, responses=described(*_STATUSES))
def take_back(key: Key, staff: EditorAtHand, review: ReviewAtHand) -> Response:
    """Take back what one said oneself."""
    review.take_back(key, staff.name)
    return Response(status_code=204)


@router.get(
    "/export/{part}",
    responses={
        200: {"content": {_TSV: {"schema": {"type": "string"}}}},
        **described(*_STATUSES),
    },
    response_class=Response,
)
async def export(
    part: Literal["messages", "scope"],
    staff: EditorAtHand,
    review: ReviewAtHand,
    access: AccessAtHand,
    caller: CallerAtHand,
) -> Response:
    """Return what editors agree on as a file of nlu_data/, for messages on items or for those of a scope class."""
    candidates = candidates_of(await asyncio.to_thread(review.settled))
    await access.record(staff, Act.REVIEW_EXPORTED, part, caller)
    saved_as = f"attachment; filename={part}_{AUTHOR}.tsv"
    headers = {"Content-Disposition": saved_as}
    return Response(candidates.lines(part), media_type=f"{_TSV}; charset=utf-8", headers=headers)


def _titles(engine: Engine) -> dict[str, str]:
    return {item.id: item.title for item in engine.services.base}


@cache
def _catalogue() -> frozenset[str]:
    return frozenset(entry.id for entry in load_vocabulary().catalogue)


def _known(settings: Settings) -> Known:
    return Known(_catalogue(), load_topics(settings.nlu_data))


def _scopes(settings: Settings) -> list[ScopeChoice]:
    """Return the scope classes with the topics that the labelled messages know."""
    said = office_wording().sentences(("office",))
    topics = load_topics(settings.nlu_data)

    def named(kind: str, name: str) -> Choice:
        # Somebody who adds a topic to the labelled messages need not know of this page.
        return Choice(id=name, label=said.get(f"review_{kind}_{name}", name))

    return [
        ScopeChoice(
            id=scope,
            label=named("scope", scope).label,
            topics=[named("topic", topic) for topic in topics.get(scope, ())] if scope in TOPICAL else [],
        )
        for scope in SCOPE_CLASSES
    ]
