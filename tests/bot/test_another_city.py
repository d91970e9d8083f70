"""Another city's guide, from its file to the answer that a resident reads: no code knows which city it is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.answering.compose import Composer
from bot.answering.messages import Answer
from bot.dialogue.reply import Reply, reply_to
from bot.dialogue.resolve import resolve
from bot.dialogue.thread import Thread
from bot.query import Candidate, Decision, Query
from bot.wording import load_wording
from knowledge.building import build
from knowledge.model import Facet, KnowledgeBase
from knowledge.store import KnowledgeStore


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, mini_guide: Path) -> KnowledgeBase:
    """The mini-guide's base, built into a database of its own and loaded from it."""
    store = KnowledgeStore(f"sqlite:///{tmp_path_factory.mktemp('city') / 'mini.db'}")
    build(store, mini_guide / "guide.txt", mini_guide)
    return store.load()


def ask(base: KnowledgeBase, item_id: str, facet: str) -> Reply:
    title = base.by_id[item_id].title
    query = Query("怎么办", Decision.ANSWER, (Candidate(item_id, title, 0.9),), (facet,), names_item=True)
    wording = load_wording()
    step = resolve(query, Thread(), base)
    return reply_to(step, query, base, Composer(wording, date(2026, 1, 1)), wording, "别处")


@pytest.mark.parametrize("facet", [facet.value for facet in Facet])
def test_every_item_answers_in_its_own_words_with_its_lines(city: KnowledgeBase, facet: str) -> None:
    assert len(city.items) == 8
    for item in city:
        answer = ask(city, item.id, facet).messages[-1]
        assert isinstance(answer, Answer)
        assert item.title in answer.text
        for fact in item.facts_on(Facet(facet)):
            assert fact.text.replace("\n", "") in answer.text


def test_what_its_guide_is_silent_on_is_said_with_its_own_phone(city: KnowledgeBase) -> None:
    answer = ask(city, "LJ-007", "fee").messages[-1]
    assert isinstance(answer, Answer)
    assert answer.facts == ()
    assert "没有写" in answer.text
    assert "0809-6123002" in answer.text


def test_its_office_stands_in_its_base(city: KnowledgeBase) -> None:
    assert city.document.office and "钦州" not in city.document.office
