"""Two items side by side as JSON: each row with the stretches of its words, those marked that the other has not."""

from __future__ import annotations

from typing import Any

from bot.wording import Wording
from knowledge.comparing import Side, Stretch
from knowledge.model import Fact, ServiceItem
from knowledge.side_by_side import FacetRows, Likeness, Row, bare_words, side_by_side


def comparison_json(left: ServiceItem, right: ServiceItem, wording: Wording) -> dict[str, Any]:
    """Return what two items say, facet by facet."""
    return {
        "left": {"id": left.id, "title": left.title},
        "right": {"id": right.id, "title": right.title},
        "facets": [_facet_json(facet, wording) for facet in side_by_side(left, right)],
    }


def _facet_json(rows: FacetRows, wording: Wording) -> dict[str, Any]:
    return {
        "facet": rows.facet.value,
        "name": wording.facet(rows.facet.value),
        "is_same": rows.is_same,
        "rows": [_row_json(row) for row in rows.rows],
    }


def _row_json(row: Row) -> dict[str, Any]:
    return {
        "likeness": row.likeness.value,
        "left": row.left and _line_json(row.left, row, Side.OLD),
        "right": row.right and _line_json(row.right, row, Side.NEW),
    }


def _line_json(fact: Fact, row: Row, side: Side) -> dict[str, Any]:
    words = row.words or (Stretch(Side.BOTH if row.likeness is Likeness.SAME else side, bare_words(fact)),)
    text = fact.text.replace("\n", "")
    own = [stretch for stretch in words if stretch.side in (Side.BOTH, side)]
    return {
        "number": text.removesuffix(bare_words(fact)),
        "words": [{"text": stretch.text, "differs": stretch.side is side} for stretch in own],
        "lines": [fact.lines.first, fact.lines.last],
    }
