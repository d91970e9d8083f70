"""Flow charts that stand inside an item as loose boxes in one column or two (lines 719–736, 998–1015)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.model import Facet, Fact, SourceLines
from knowledge.reading.outline import split_markers
from knowledge.reading.sections import ContentLine
from knowledge.values import Heading, Step
from knowledge.values.steps import parse_box

EVIDENCE_IN_PLACE = "in_item"
_COLUMNS = re.compile(r"\s{4,}")
_DURATION = re.compile(r"[（(](?:即时|及时|\d+个工作日)")
_BOX_WORDS = re.compile(r"接收|审核|复核|初审|核准|核定|受理|反馈|即时|及时|工作日|录入|减员|退款")


@dataclass
class _Cell:
    column: int
    first: int
    last: int
    texts: list[str]
    is_step: bool = False

    @property
    def text(self) -> str:
        return "".join(self.texts)


def read_flowchart(lines: Sequence[ContentLine]) -> list[Fact]:
    """Return the steps and column titles of a chart in the order of their lines; empty for a picture only.

    Texts stay in the order of the guide; which column a box stands in tells its variant.
    """
    rows = [line for line in lines if line.text.strip()]
    # Without a single duration the boxes are in a picture, and the words around it are its column titles.
    drawn = any(_DURATION.search(line.text) for line in rows)
    cells = _join_boxes([cell for line in rows for cell in _cells(line, drawn)])
    titles = {cell.column: cell.text for cell in cells if not cell.is_step}
    columns = 1 + max((cell.column for cell in cells), default=0)
    counts = [0] * columns
    facts: list[Fact] = []
    for cell in cells:
        source = SourceLines(cell.first, cell.last)
        if not cell.is_step:
            facts.append(Fact(Facet.PROCESS, "\n".join(cell.texts), source, (), Heading()))
            continue
        counts[cell.column] += 1
        variant = titles.get(cell.column) if columns > 1 or len(titles) == 1 else None
        name, duration = parse_box(cell.text)
        step = Step(counts[cell.column], name, variant, duration, EVIDENCE_IN_PLACE)
        facts.append(Fact(Facet.PROCESS, "\n".join(cell.texts), source, (variant,) if variant else (), step))
    return facts


def _cells(line: ContentLine, drawn: bool) -> list[_Cell]:
    """Cut a line at wide gaps; a line with one cell and a wide indent stands in the second column."""
    text = line.text.rstrip()
    parts = [part for part in _COLUMNS.split(text.strip()) if part]
    if len(parts) > 1:
        return [_Cell(i, line.number, line.number, [part], drawn and _is_step(part)) for i, part in enumerate(parts)]
    indent = len(text) - len(text.lstrip(" "))
    return [_Cell(1 if indent >= 5 else 0, line.number, line.number, [text.strip()], drawn and _is_step(text))]


def _is_step(text: str) -> bool:
    markers, _ = split_markers(text.strip())
    return not markers and _BOX_WORDS.search(text) is not None


def _join_boxes(cells: list[_Cell]) -> list[_Cell]:
    """Join the lines of one box: its name, and its duration one or two lines below ("初审" / "（4个工作日）")."""
    joined: list[_Cell] = []
    for cell in cells:
        previous = next((c for c in reversed(joined) if c.column == cell.column), None)
        if previous and _belongs_to(previous, cell):
            previous.texts.extend(cell.texts)
            previous.last = cell.last
            previous.is_step = previous.is_step or cell.is_step
        else:
            joined.append(cell)
    return joined


def _belongs_to(previous: _Cell, cell: _Cell) -> bool:
    if cell.first == previous.last or cell.first - previous.last > 2:
        return False
    unfinished = parse_box(previous.text)[1] is None
    if previous.is_step:
        return unfinished and cell.is_step
    return previous.text.endswith("、")
