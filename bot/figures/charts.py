"""Charts as SVG, drawn by the server: no script, no foreign host, for light pages and for dark ones."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pygal  # type: ignore[import-untyped]  # ships no types
from pygal.style import Style  # type: ignore[import-untyped]

from bot.figures.tables import GROUPS, Table

SIZES: Mapping[str, tuple[int, int]] = {"wide": (920, 320), "narrow": (400, 340)}
"""Width and height by what a page calls the size; a phone's is drawn for itself, not shrunk."""
_ROW, _FRAME, _MARGIN, _FONT_SIZE = 26, 60, 8, 13
_LATIN = 0x2E80
MOST_ROWS = 15
"""Rows of a chart that lies on its side; its table has all of them."""
MOST_DAYS = 62
"""Days that are told apart; of longer times, months are."""

_FONT = "'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'WenQuanYi Micro Hei', sans-serif"
_NEEDLESS = re.compile(r"<script.*?</script>|<!--.*?-->", re.DOTALL)


@dataclass(frozen=True)
class Look:
    """The colours of a theme: ink, lines, and one for each series."""

    ink: str
    muted: str
    series: tuple[str, ...]


LOOKS: Mapping[str, Look] = {
    "light": Look("#15252a", "#43565c", ("#0a5560", "#d18b00", "#9c1c13", "#5b4b9a", "#667a7f", "#b9c9cb")),
    "dark": Look("#ebf2f2", "#b9c9cb", ("#86d6d3", "#e6b450", "#ff9d92", "#b9a9f2", "#8ca2a7", "#4a5f65")),
}
"""By what a page calls its theme."""


@dataclass(frozen=True)
class _Frame:
    look: Look
    width: int
    height: int
    no_data: str

    @property
    def is_wide(self) -> bool:
        return self.width == SIZES["wide"][0]


STACKED = {"days": "day", "hours": "hour"}
"""Tables whose turns stand on one another, and the column that is their axis."""
LYING = {"outcomes": "turns", "items": "answers", "facets": "turns", "reasons": "tickets", "clusters": "questions"}
"""Tables whose rows are bars, and the column that gives their length."""
DRAWN = frozenset({*STACKED, *LYING})


def draw(table: Table, theme: str, size: str, no_data: str) -> bytes:
    """Return the chart of one of DRAWN; *no_data* stands in it where there is nothing to draw."""
    frame = _Frame(LOOKS[theme], *SIZES[size], no_data)
    return _bare(_stacked(table, frame) if table.name in STACKED else _lying(table, frame))


def has_data(table: Table) -> bool:
    """Tell whether there is anything to draw of a table."""
    if table.name not in DRAWN:
        return False
    name = "turns" if table.name in STACKED else LYING[table.name]
    column = [found.name for found in table.columns].index(name)
    return any(row[column] for row in table.rows)


def _stacked(table: Table, frame: _Frame) -> Any:
    names = [column.name for column in table.columns]
    axis = names.index(STACKED[table.name])
    rows = table.rows
    labels = [str(row[axis]) for row in rows]
    if table.name == "days":
        labels, rows = _by_month(table) if len(rows) > MOST_DAYS else ([_short_day(label) for label in labels], rows)
    columns = 6 if frame.is_wide else 3
    chart = pygal.StackedBar(**_settings(frame), legend_at_bottom=True, legend_at_bottom_columns=columns)
    chart.x_labels = labels
    every = max(1, len(labels) // (12 if frame.is_wide else 5))
    chart.x_labels_major = labels[::every]
    chart.show_minor_x_labels = False
    for name, _ in GROUPS:
        column = names.index(name)
        chart.add(table.columns[column].label, [row[column] for row in rows] if _any(rows, column) else [])
    return chart


def _lying(table: Table, frame: _Frame) -> Any:
    column = [found.name for found in table.columns].index(LYING[table.name])
    rows = [row for row in table.rows[:MOST_ROWS] if row[column]]
    # From below upwards: the first row of the table is to stand above. The number stands with the name, for within a
    # short bar it could not be read.
    labels = [f"{_cut(str(row[0]), 18 if frame.is_wide else 8)} {row[column]}" for row in reversed(rows)]
    frame = replace(frame, height=_FRAME + _ROW * max(1, len(rows)))
    # The library takes every character for as wide as a Latin one.
    missing = max((sum(ord(char) > _LATIN for char in label) for label in labels), default=0) * _FONT_SIZE // 2
    chart = pygal.HorizontalBar(**_settings(frame), margin_left=_MARGIN + missing, show_legend=False)
    chart.x_labels = labels
    chart.add(table.columns[column].label, [row[column] for row in reversed(rows)])
    return chart


def _settings(frame: _Frame) -> dict[str, Any]:
    look = frame.look
    style = Style(
        background="transparent",
        plot_background="transparent",
        foreground=look.ink,
        foreground_strong=look.ink,
        foreground_subtle=look.muted,
        guide_stroke_color=look.muted,
        major_guide_stroke_color=look.muted,
        opacity="1",
        colors=look.series,
        value_colors=(look.ink,) * len(look.series),
        font_family=_FONT,
        label_font_size=_FONT_SIZE,
        major_label_font_size=_FONT_SIZE,
        legend_font_size=_FONT_SIZE,
        value_font_size=_FONT_SIZE,
        no_data_font_size=16,
    )
    return {
        "style": style,
        "js": [],
        "width": frame.width,
        "height": frame.height,
        "margin": _MARGIN,
        "no_data_text": frame.no_data,
        "value_formatter": "{:.0f}".format,
        "show_y_guides": True,
        "max_scale": 6 if frame.is_wide else 4,
        "truncate_label": -1,
        "truncate_legend": -1,
    }


def _any(rows: Sequence[Sequence[Any]], column: int) -> bool:
    return any(row[column] for row in rows)


def _by_month(table: Table) -> tuple[list[str], tuple[tuple[Any, ...], ...]]:
    """Return the months of a table of days, and its rows added up."""
    months: dict[str, list[Any]] = {}
    for row in table.rows:
        month = str(row[0])[:7]
        sums = months.setdefault(month, [month, *(0 for _ in row[1:])])
        sums[1:] = [a + b for a, b in zip(sums[1:], row[1:], strict=True)]
    return list(months), tuple(tuple(sums) for sums in months.values())


def _short_day(day: str) -> str:
    """Return 2026-11-26 as 11-26."""
    return re.sub(r"^\d+-", "", day)


def _cut(label: str, longest: int) -> str:
    return label if len(label) <= longest else f"{label[: longest - 1]}…"


def _bare(chart: Any) -> bytes:
    """Return the chart without script and comments: it is looked at as an image, where nothing could run anyway."""
    drawn = chart.render(disable_xml_declaration=True)
    text = drawn.decode() if isinstance(drawn, bytes) else str(drawn)
    return _NEEDLESS.sub("", text).encode()
