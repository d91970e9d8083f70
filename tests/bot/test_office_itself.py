"""Who asks for the office itself, its telephone, place or page, and names no matter, is asked which matter it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.query import Decision
from tests.bot.test_robustness import understand

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

OURS = [
    ("社保局电话是多少", "phone"),
    ("人社局电话", "phone"),
    ("社保所电话", "phone"),
    ("钦州社保局电话", "phone"),
    ("人力资源和社会保障局电话", "phone"),
    ("社保大厅地址", "location"),
    ("社保局在哪", "location"),
    ("办社保去哪里", "location"),
    ("社保局官网", "methods"),
    ("社保网厅登录", "methods"),
]


@pytest.mark.parametrize(("text", "facet"), OURS)
def test_the_office_itself_is_asked_back_about_with_the_aspect_kept(engine: Engine, text: str, facet: str) -> None:
    (query,) = understand(engine, [text])
    assert (query.decision, query.facets) == (Decision.CLARIFY, (facet,))
    assert len(query.items) >= 3


@pytest.mark.parametrize(
    "text", ["南宁社保局电话", "合浦社保局地址", "奎屯社保局电话", "我妈在湖南，那边社保局电话多少"]
)
def test_another_places_office_is_silence_that_says_so(engine: Engine, text: str) -> None:
    (query,) = understand(engine, [text])
    assert (query.decision, query.topic) == (Decision.OOS, "other_city")
