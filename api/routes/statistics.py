"""Figures of the service for the office's editors: as JSON, as CSV, as charts. Never of anybody in particular."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from api.access.at_hand import EditorAtHand
from api.at_hand import EngineAtHand
from api.edge.problems import Refusal, described
from api.routes.office import FiguresAtHand, OfficeFigures, OfficeWords, PeriodAtHand
from bot.figures.charts import DRAWN, draw
from bot.figures.csv_form import write_csv
from bot.figures.period import Period
from bot.figures.statistics import Statistics
from bot.figures.tables import Table, tables_of
from bot.figures.volumes import HANDED_OVER
from bot.records.outcomes import Outcome
from bot.runtime.engine import Engine

router = APIRouter(prefix="/api/v1/office/statistics", tags=["statistics"])

_STATUSES = (401, 403, 422, 503)
_IMAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""A chart has its style within; it is an image, and runs nothing."""

TableName = Annotated[str, Path(max_length=20, pattern="^[a-z]+$", examples=["items"])]


class PeriodShown(BaseModel):
    """The days that figures are about, as the office counts days."""

    first: str = Field(alias="from", example="2026-11-01")
    last: str = Field(alias="to", example="2026-11-30")
    channel: str | None = Field(description="null for all", example="web")


class Rates(BaseModel):
    """The most telling figures; shares are of questions, null where there was none; times in seconds."""

    turns: int = Field(example=4800)
    sessions: int = Field(example=1200)
    questions: int = Field(description="turns that asked for something", example=4500)
    asked_back: float | None = Field(example=0.12)
    not_in_guide: float | None = Field(example=0.05)
    handed_over: float | None = Field(example=0.03)
    waited_median: float | None = Field(example=95.0)
    waited_ninety: float | None = Field(example=410.0)
    thumbs_up: int = Field(example=310)
    thumbs_down: int = Field(example=22)


class ColumnShown(BaseModel):
    """A column, and what its cells are: words, a number, or a share between 0 and 1."""

    name: str = Field(example="answers")
    label: str = Field(example="答复次数")
    kind: Literal["words", "number", "share"]


class TableShown(BaseModel):
    """A table; its name is the one under which it is had as CSV and as a chart."""

    name: str = Field(example="items")
    title: str = Field(example="问得最多的事项")
    columns: list[ColumnShown]
    rows: list[list[str | int | float | None]] = Field(example=[["社会保障卡补领", 120, 2, 9, 1]])

    class Config:
        """A number stays one: what is an integer is not made a text."""

        smart_union = True


class StatisticsShown(BaseModel):
    """All figures of a period."""

    period: PeriodShown
    rates: Rates
    tables: list[TableShown]


def rates_of(statistics: Statistics) -> Rates:
    """Return the most telling figures."""
    volumes, waiting, thumbs = statistics.volumes, statistics.waiting, statistics.thumbs.total
    return Rates(
        turns=volumes.turns,
        sessions=volumes.sessions,
        questions=volumes.questions,
        asked_back=volumes.rate(Outcome.CLARIFIED),
        not_in_guide=volumes.rate(Outcome.NOT_IN_GUIDE),
        handed_over=volumes.rate(*HANDED_OVER),
        waited_median=waiting.waited.median,
        waited_ninety=waiting.waited.ninety,
        thumbs_up=thumbs.up,
        thumbs_down=thumbs.down,
    )


@router.get("", responses=described(*_STATUSES), response_model=StatisticsShown)
def statistics(_staff: EditorAtHand, engine: EngineAtHand, figures: FiguresAtHand, period: PeriodAtHand) -> object:
    """Return the figures of a period."""
    found = figures.read(period, engine.services.now())
    tables = tables_of(found, OfficeWords(engine.services))
    shown = {"from": period.first.isoformat(), "to": period.last.isoformat(), "channel": period.channel}
    return {"period": shown, "rates": rates_of(found), "tables": [_shown(table) for table in tables]}


@router.get(
    "/{name}.csv",
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}, **described(404, *_STATUSES)},
    response_class=Response,
)
def table_as_csv(
    name: TableName, _staff: EditorAtHand, engine: EngineAtHand, figures: FiguresAtHand, period: PeriodAtHand
) -> Response:
    """Return a table for a spreadsheet: UTF-8 with its mark, shares as per cent."""
    table = _find(name, engine, figures, period)
    saved_as = quote(f"{table.title}_{period.first}_{period.last}.csv", safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{saved_as}"}
    return Response(write_csv(table), media_type="text/csv; charset=utf-8", headers=headers)


@router.get(
    "/{name}.svg",
    responses={200: {"content": {"image/svg+xml": {"schema": {"type": "string"}}}}, **described(404, *_STATUSES)},
    response_class=Response,
)
def table_as_chart(
    name: TableName,
    _staff: EditorAtHand,
    engine: EngineAtHand,
    figures: FiguresAtHand,
    period: PeriodAtHand,
    theme: Annotated[Literal["light", "dark"], Query()] = "light",
    size: Annotated[Literal["wide", "narrow"], Query(description="for a desktop, or for a phone")] = "wide",
) -> Response:
    """Return a table as a chart, for a light page or a dark one."""
    if name not in DRAWN:
        raise Refusal(404, "no_such_chart", f"{name} has no chart")
    table = _find(name, engine, figures, period)
    drawn = draw(table, theme, size, OfficeWords(engine.services).say("figures_no_data"))
    return Response(drawn, media_type="image/svg+xml", headers={"Content-Security-Policy": _IMAGE_POLICY})


def _find(name: str, engine: Engine, figures: OfficeFigures, period: Period) -> Table:
    found = figures.read(period, engine.services.now())
    for table in tables_of(found, OfficeWords(engine.services)):
        if table.name == name:
            return table
    raise Refusal(404, "no_such_table", f"there is no table {name}")


def _shown(table: Table) -> dict[str, object]:
    columns = [{"name": column.name, "label": column.label, "kind": column.kind} for column in table.columns]
    return {"name": table.name, "title": table.title, "columns": columns, "rows": table.rows}
