"""A table as CSV that Excel opens as it is: with a mark of its encoding, and no cell that could run as a formula."""

from __future__ import annotations

import csv
import io

from bot.figures.tables import Cell, Table

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BOM = "\ufeff"


def write_csv(table: Table) -> bytes:
    """Return *table* with its labels as the first row; shares as per cent."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([_guarded(column.label) for column in table.columns])
    kinds = [column.kind for column in table.columns]
    for row in table.rows:
        writer.writerow([_cell(cell, kind) for cell, kind in zip(row, kinds, strict=True)])
    return (_BOM + out.getvalue()).encode()


def _cell(cell: Cell, kind: str) -> str:
    if cell is None:
        return ""
    if kind == "share":
        return f"{float(cell) * 100:.1f}%"
    return _guarded(cell) if isinstance(cell, str) else str(cell)


def _guarded(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
