"""The decision by what each error costs, the facets by their margins, and the query that comes of both."""

from __future__ import annotations

import numpy as np
import pytest

from bot.query import MAX_ITEMS, Decision, Query
from bot.understanding.decide import Costs, Judge, choose, choose_facets
from bot.understanding.evidence import OUTCOMES, SCOPES, Calibration, Layout, Margins, describe

COSTS = Costs(wrong_answer=3, asking=1, missed=2)


def likely(**shares: float) -> dict[str, float]:
    """Return probabilities of all outcomes; what is not named is impossible."""
    assert sum(shares.values()) == pytest.approx(1)
    return {name: shares.get(name, 0.0) for name in OUTCOMES}


CHOICES = [
    (likely(right=1), Decision.ANSWER),
    (likely(right=0.9, other_item=0.1), Decision.ANSWER),
    (likely(right=0.5, other_item=0.5), Decision.CLARIFY),
    (likely(right=0.2, other_item=0.8), Decision.CLARIFY),
    (likely(clarify=1), Decision.CLARIFY),
    (likely(followup=1), Decision.CLARIFY),
    (likely(oos=1), Decision.OOS),
    (likely(chitchat=1), Decision.CHITCHAT),
    (likely(handoff=1), Decision.HANDOFF),
    (likely(handoff=0.7, oos=0.3), Decision.HANDOFF),
    (likely(right=0.45, oos=0.55), Decision.OOS),
]


@pytest.mark.parametrize(("given", "decision"), CHOICES)
def test_the_decision_costs_least(given: dict[str, float], decision: Decision) -> None:
    assert choose(given, COSTS) is decision


def test_the_dearer_a_wrong_answer_the_sooner_we_ask() -> None:
    unsure = likely(right=0.7, other_item=0.3)
    assert choose(unsure, Costs(wrong_answer=2, asking=1, missed=2)) is Decision.ANSWER
    assert choose(unsure, Costs(wrong_answer=6, asking=1, missed=2)) is Decision.CLARIFY


def test_the_costs_are_those_of_rasas_configuration() -> None:
    costs = Costs.load()
    assert costs.wrong_answer > costs.asking > 0


FACETS = [
    ({"fee": 0.5, "phone": -0.5, "overview": -0.9}, ("fee",)),
    ({"fee": 0.2, "phone": 0.5, "overview": -0.9}, ("phone", "fee")),
    ({"fee": -0.7, "phone": -0.5, "overview": -0.9}, ("phone",)),
    ({"fee": -0.7, "phone": -0.5, "overview": 0.9}, ("overview",)),
    ({"fee": 0.1, "phone": -0.5, "overview": 0.9}, ("overview",)),
    ({"fee": 0.9, "phone": -0.5, "overview": 0.1}, ("fee",)),
    ({"fee": -0.05, "phone": -0.5, "overview": -0.9}, ("fee",)),
]


@pytest.mark.parametrize(("margins", "chosen"), FACETS)
def test_facets_above_the_threshold_are_asked_for_the_most_certain_first(
    margins: dict[str, float], chosen: tuple[str, ...]
) -> None:
    assert choose_facets(margins, -0.1) == chosen


# ---------------------------------------------------------------- the judge

ITEMS = tuple(f"item_{letter}" for letter in "abcdefgh")
CLASSES = ("chitchat_thanks", "clarify", "followup", "handoff_person", *ITEMS, "oos_medical", "oos_wages")


def judge(outcome: str, classes: dict[str, float]) -> Query:
    """Judge a message of which *outcome* is certain, with margins of -1 but for those given."""
    layout = Layout(CLASSES)
    margins = Margins(np.array([classes.get(name, -1.0) for name in CLASSES]), np.full(len(SCOPES), -1.0))
    width = len(describe(margins, layout))
    bias = np.array([20.0 if name == outcome else 0.0 for name in OUTCOMES])
    titles = {name: name.upper() for name in ITEMS}
    calibration = Calibration(np.zeros((width, len(OUTCOMES))), bias)
    return Judge(layout, calibration, titles, COSTS).judge("text", margins, ("fee",), "个人")


def test_an_answer_names_the_likeliest_item_first_with_its_title() -> None:
    query = judge("right", {"item_c": 0.9, "item_a": 0.2})
    assert query.decision is Decision.ANSWER
    assert [candidate.id for candidate in query.items[:2]] == ["item_c", "item_a"]
    assert query.items[0].title == "ITEM_C"
    assert (query.facets, query.applicant, query.names_item) == (("fee",), "个人", True)


@pytest.mark.parametrize("outcome", ["right", "other_item", "clarify", "followup"])
def test_there_are_never_more_items_than_can_be_offered(outcome: str) -> None:
    query = judge(outcome, dict.fromkeys(ITEMS, 0.5))
    assert 1 <= len(query.items) <= MAX_ITEMS


@pytest.mark.parametrize(
    ("outcome", "classes", "decision", "topic"),
    [
        ("oos", {"oos_wages": 0.4, "oos_medical": 0.1, "item_a": 0.9}, Decision.OOS, "wages"),
        ("chitchat", {}, Decision.CHITCHAT, "thanks"),
        ("handoff", {}, Decision.HANDOFF, "person"),
    ],
)
def test_what_is_no_question_has_a_topic_and_no_items(
    outcome: str, classes: dict[str, float], decision: Decision, topic: str
) -> None:
    query = judge(outcome, classes)
    assert (query.decision, query.topic, query.items, query.facets) == (decision, topic, (), ())


def test_a_follow_up_is_known_as_one_and_names_no_item() -> None:
    query = judge("followup", {"item_a": 0.1})
    assert (query.decision, query.topic, query.names_item) == (Decision.CLARIFY, "followup", False)


@pytest.mark.parametrize("outcome", ["right", "other_item", "clarify", "followup"])
def test_confidences_are_probabilities(outcome: str) -> None:
    shares = [candidate.confidence for candidate in judge(outcome, {"item_a": 0.9, "item_b": 0.5}).items]
    assert all(0 <= share <= 1 for share in shares)


def test_the_first_item_offered_is_the_most_confident() -> None:
    shares = [candidate.confidence for candidate in judge("clarify", {"item_a": 0.9, "item_b": 0.5}).items]
    assert shares == sorted(shares, reverse=True)
