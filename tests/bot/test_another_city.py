"""Another city's guide, from its file to the answer that a resident reads: no code knows which city it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.answering.messages import Answer
from bot.dialogue.ground import Ground
from bot.dialogue.reply import Reply
from knowledge.building import build
from knowledge.model import Facet, KnowledgeBase
from knowledge.store import KnowledgeStore
from knowledge.vocabulary.branches import load_branches
from knowledge.vocabulary.look_alikes import load_look_alikes
from knowledge.vocabulary.ways_on import load_ways_on
from tests.bot.making import Talk, query


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, mini_guide: Path) -> KnowledgeBase:
    """The mini-guide's base, built into a database of its own and loaded from it."""
    store = KnowledgeStore(f"sqlite:///{tmp_path_factory.mktemp('city') / 'mini.db'}")
    build(store, mini_guide / "guide.txt", mini_guide)
    return store.load()


def ask(base: KnowledgeBase, item_id: str, facet: str) -> Reply:
    return Talk(Ground(base)).say(query("怎么办", items=[item_id], facets=[facet]))


@pytest.mark.parametrize("facet", [facet.value for facet in Facet])
def test_every_item_answers_in_its_own_words_with_its_lines(city: KnowledgeBase, facet: str) -> None:
    assert len(city.items) == 8
    for item in city:
        [answer] = [message for message in ask(city, item.id, facet).messages if isinstance(message, Answer)]
        assert item.title in answer.text
        for fact in item.facts_on(Facet(facet)):
            assert fact.text.replace("\n", "") in answer.text


def test_what_its_guide_is_silent_on_is_said_with_its_own_phone(city: KnowledgeBase) -> None:
    answer = ask(city, "LJ-007", "fee").messages[-1]
    assert isinstance(answer, Answer)
    assert answer.facts == ()
    assert "没有写" in answer.text
    assert "0809-6123002" in answer.text


def test_what_another_office_has_not_written_for_its_guide_is_left_out(mini_guide: Path, city: KnowledgeBase) -> None:
    ids = list(city.by_id)
    ground = Ground(
        city, load_look_alikes(ids, mini_guide), load_branches(ids, mini_guide), load_ways_on(ids, mini_guide)
    )
    reply = Talk(ground).say(query("怎么办", items=["LJ-007"], facets=["materials"]))
    assert [type(message) for message in reply.messages] == [Answer]


def test_its_office_stands_in_its_base(city: KnowledgeBase) -> None:
    assert city.document.office and "钦州" not in city.document.office
