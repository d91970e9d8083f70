"""Conversations of ours: they can be read, nobody measures by anything near them, and habits are chosen by them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.dialogue.ground import Ground
from bot.dialogue.weighing import Habits
from bot.evaluation.threads import TRIED, Understood, fit_habits, lead, load_dialogues
from bot.query import FACET_NAMES, Candidate, Decision, Evidence, Query
from bot.settings import load_settings
from bot.understanding.evidence import OUTCOMES
from knowledge.model import KnowledgeBase
from knowledge.vocabulary import load_vocabulary
from tests.bot.making import base_of, item
from tests.bot.test_nlu_data import core, evaluation_messages, near_copies

DIALOGUES = load_dialogues(load_settings().nlu_data / "dialogues")
TURNS = [(dialogue["id"], turn) for dialogue in DIALOGUES for turn in dialogue["turns"]]


def test_there_are_enough_to_choose_by() -> None:
    assert len(DIALOGUES) >= 60
    assert len(TURNS) >= 450


def test_every_turn_is_labelled_with_names_that_exist() -> None:
    items = {entry.id for entry in load_vocabulary().catalogue}
    wrong = [
        (id_, turn["user"])
        for id_, turn in TURNS
        if not set(turn["items"]) <= items
        or not set(turn["facets"]) <= set(FACET_NAMES)
        or turn["expect"] not in {decision.value for decision in Decision}
    ]
    assert not wrong


def test_nobodys_evaluation_messages_are_among_them() -> None:
    """Three characters of thanks are everybody's."""
    ours = [core(turn["user"]) for _, turn in TURNS]
    theirs = [core(text) for text in evaluation_messages()]
    found = [(ours[our], theirs[their]) for our, their in near_copies(ours, theirs) if len(ours[our]) > 5]
    assert not found


# ---------------------------------------------------------------- choosing habits

CARD, RETIRE = item("card", "社保卡补领"), item("retire", "职工正常退休")
BASE: KnowledgeBase = base_of(CARD, RETIRE)


def said(text: str, likely: dict[str, float], items: dict[str, float], facets: tuple[str, ...]) -> Query:
    outcomes = dict.fromkeys(OUTCOMES, 0.0) | likely
    candidates = tuple(Candidate(id_, id_, share) for id_, share in items.items())
    evidence = Evidence(outcomes, candidates, facets)
    return Query(text, Decision.ANSWER, candidates, facets, names_item=True, evidence=evidence)


def dialogue(*expected: tuple[str, str]) -> Understood:
    """Return a question about the card, then a message that could be about either and is about the card."""
    queries = (
        said("补卡要带什么材料", {"right": 1.0}, {"card": 0.9, "retire": 0.1}, ("materials",)),
        said("要带什么材料去退休卡", {"right": 0.5, "other_item": 0.5}, {"retire": 0.5, "card": 0.4}, ("materials",)),
    )
    turns: list[dict[str, Any]] = [
        {"user": query.text, "items": [id_], "facets": ["materials"], "expect": decision}
        for query, (id_, decision) in zip(queries, expected, strict=True)
    ]
    return Understood({"id": 1, "turns": turns}, queries)


@pytest.mark.parametrize(("current", "turns"), [(1.0, 0.5), (10.0, 1.0)])
def test_habits_decide_what_an_ambiguous_message_means(current: float, turns: float) -> None:
    ground = Ground(BASE, habits=replace(Habits(), current=current))
    assert lead([dialogue(("card", "answer"), ("card", "answer"))], ground).figures["turns"] == turns


def test_the_habits_that_follow_most_turns_are_chosen() -> None:
    ground = Ground(BASE, habits=replace(Habits(), current=1.0))
    fitted = fit_habits([dialogue(("card", "answer"), ("card", "answer"))], ground)
    assert fitted.current > 1.0


def test_habits_that_nothing_is_gained_by_stay() -> None:
    ground = Ground(BASE)
    assert fit_habits([dialogue(("card", "answer"), ("card", "answer"))], ground) == Habits()


def test_every_habit_is_tried() -> None:
    assert set(TRIED) == set(Habits.__dataclass_fields__)
