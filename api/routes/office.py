"""What the office's calls and pages have at hand: figures, review and trainings; and putting them into the service."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import Depends, FastAPI, Query
from starlette.requests import HTTPConnection

from api.at_hand import EngineAtHand
from api.edge.problems import Refusal
from bot.door import Services
from bot.figures.clusters import Asked
from bot.figures.period import Period, PeriodError
from bot.figures.statistics import Statistics, StatisticsReader
from bot.review.doubts import Doubt
from bot.review.store import ReviewStore
from bot.review.trainings import Trainings
from bot.runtime.engine import Engine
from bot.settings import Settings
from bot.wording.pages import PageWording, load_page_wording

KEPT_FOR = timedelta(seconds=30)
"""How long figures stay as they were read: a page, its charts and its tables show the same."""
KEPT = 8
LONGEST_CHANNEL = 40


class OfficeFigures:
    """Reads figures once for all who look at the same days at about the same time."""

    def __init__(self, reader: StatisticsReader, review: ReviewStore) -> None:
        self._reader = reader
        self._review = review
        self._read: OrderedDict[Period, tuple[datetime, Statistics]] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, period: Period, now: datetime) -> Statistics:
        """Return the figures of *period*. Raises StoreError."""
        with self._lock:
            kept = self._read.get(period)
            if kept is not None and timedelta(0) <= now - kept[0] < KEPT_FOR:
                return kept[1]
            self._review.harvest()
            asked = self._review.asked(Doubt.NOT_IN_GUIDE, period.begin, period.end)
            found = self._reader.read(period, [Asked(text, session) for text, session in asked])
            self._read[period] = (now, found)
            self._read.move_to_end(period)
            while len(self._read) > KEPT:
                self._read.popitem(last=False)
            return found


class OfficeWords:
    """What figures call things: the pages' sentences, the guide's titles, the residents' words for facets."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._wording = office_wording()

    def say(self, key: str, **values: object) -> str:
        """Return the sentence *key*."""
        return self._wording.say(key, **values)

    def item(self, id_: str) -> str:
        """Return an item's title; its id where the edition in force has it no more."""
        item = self._services.base.by_id.get(id_)
        return item.title if item else id_

    def facet(self, name: str) -> str:
        """Return a facet's name."""
        return self._services.wording.facet(name)

    def channel(self, name: str) -> str:
        """Return what a channel is called; one that we have no name for, as the records call it."""
        return self._wording.sentences(("office",)).get(f"figures_channel_{name}", name)


def office_wording() -> PageWording:
    """Return the sentences of the office's pages."""
    return load_page_wording("office")


def install_office(app: FastAPI, engine: Engine, settings: Settings) -> None:
    """Let *app* count what is asked, review what was doubtful, train; what a resident has erased goes here as well."""
    from api.routes import office_pages, review, statistics, trainings

    app.state.review = ReviewStore(engine.database)
    app.state.figures = OfficeFigures(StatisticsReader(engine.database), app.state.review)
    app.state.trainings = Trainings(settings)
    engine.keep_beside(app.state.review)
    for part in (statistics, review, trainings, office_pages):
        app.include_router(part.router)


async def _review(connection: HTTPConnection) -> ReviewStore:
    store: ReviewStore = connection.app.state.review
    return store


async def _figures(connection: HTTPConnection) -> OfficeFigures:
    figures: OfficeFigures = connection.app.state.figures
    return figures


async def _trainings(connection: HTTPConnection) -> Trainings:
    trainings: Trainings = connection.app.state.trainings
    return trainings


DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


async def _period(
    engine: EngineAtHand,
    first: Annotated[str | None, Query(alias="from", pattern=DAY, description="a month before the last day")] = None,
    last: Annotated[str | None, Query(alias="to", pattern=DAY, description="today")] = None,
    channel: Annotated[str | None, Query(max_length=LONGEST_CHANNEL, description="all of them")] = None,
) -> Period:
    try:
        return Period.of(_day(first), _day(last), engine.services.now().date(), channel or None)
    except PeriodError as error:
        raise Refusal(422, error.code, str(error)) from error


def _day(text: str | None) -> date | None:
    """Return the day that is written; pydantic would take 0.5 for one. Raises Refusal where there is no such day."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Refusal(422, "no_such_day", f"{text}: no such day") from error


ReviewAtHand = Annotated[ReviewStore, Depends(_review)]
FiguresAtHand = Annotated[OfficeFigures, Depends(_figures)]
TrainingsAtHand = Annotated[Trainings, Depends(_trainings)]
PeriodAtHand = Annotated[Period, Depends(_period)]
