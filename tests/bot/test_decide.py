"""The decision by what each error costs, the facets by how probable they are, and the query that comes of both."""

from __future__ import annotations

import json

import numpy as np
import pytest

from bot.query import FACET_NAMES, MAX_ITEMS, Decision, Evidence, Query
from bot.understanding.arrays import Floats
from bot.understanding.decide import Costs, Judge, choose, choose_facets
from bot.understanding.evidence import OUTCOMES, SCOPES, Calibration, Layout, Scores, describe, fuse
from bot.understanding.parts import find_pair

COSTS = Costs(wrong_answer=3, silent_answer=3, asking=1, missed=2, two_items=0.7)


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


def test_the_dearer_an_entry_where_the_guide_has_none_the_sooner_we_say_so() -> None:
    unsure = likely(right=0.55, oos=0.45)
    assert choose(unsure, Costs(wrong_answer=3, silent_answer=1.5, asking=1, missed=2)) is Decision.ANSWER
    assert choose(unsure, Costs(wrong_answer=3, silent_answer=3, asking=1, missed=2)) is Decision.OOS


def test_that_the_guide_may_be_silent_does_not_make_another_items_papers_cheaper() -> None:
    unsure = likely(right=0.6, other_item=0.4)
    for silent in (0.5, 5):
        assert choose(unsure, Costs(wrong_answer=3, silent_answer=silent, asking=1, missed=2)) is Decision.CLARIFY


def test_an_entry_for_somebody_who_wants_a_person_is_as_wrong_as_another_items() -> None:
    unsure = likely(right=0.55, handoff=0.45)
    assert choose(unsure, Costs(wrong_answer=3, silent_answer=0.5, asking=1, missed=2)) is Decision.HANDOFF


def test_the_costs_are_those_of_rasas_configuration() -> None:
    costs = Costs.load()
    assert costs.wrong_answer > costs.silent_answer > costs.asking > 0


FACETS = [
    ({"fee": 0.9, "phone": 0.2, "overview": 0.1}, ("fee",)),
    ({"fee": 0.6, "phone": 0.8, "overview": 0.1}, ("phone", "fee")),
    ({"fee": 0.1, "phone": 0.3, "overview": 0.05}, ("phone",)),
    ({"fee": 0.1, "phone": 0.2, "overview": 0.9}, ("overview",)),
    ({"fee": 0.5, "phone": 0.2, "overview": 0.9}, ("overview",)),
    ({"fee": 0.9, "phone": 0.2, "overview": 0.5}, ("fee",)),
    ({"fee": 0.4, "phone": 0.2, "overview": 0.1}, ("fee",)),
    ({"fee": 0.8, "phone": 0.41, "overview": 0.1}, ("fee", "phone")),
]


@pytest.mark.parametrize(("probable", "chosen"), FACETS)
def test_facets_as_likely_as_the_threshold_are_asked_for_the_most_certain_first(
    probable: dict[str, float], chosen: tuple[str, ...]
) -> None:
    assert choose_facets(probable, 0.4) == chosen


# ---------------------------------------------------------------- the judge

ITEMS = tuple(f"item_{letter}" for letter in "abcdefgh")
CLASSES = ("chitchat_thanks", "clarify", "followup", "handoff_person", *ITEMS, "oos_medical", "oos_wages")


LAYOUT = Layout(CLASSES)
COMMONLY = {"fee": 0.9}
"""What is asked for unless a test says otherwise."""


def row(classes: dict[str, float]) -> Floats:
    """Return a score for each class, -1 but for those given."""
    return np.array([classes.get(name, -1.0) for name in CLASSES])


def scores_of(classes: dict[str, float], facets: dict[str, float]) -> Scores:
    """Return scores of a message: both sources give *classes*, and the words give the log odds of *facets*."""
    words = row(classes)
    odds = np.array([facets.get(name, 0.01) for name in FACET_NAMES])
    silent = np.zeros(len(FACET_NAMES))
    return Scores(words, words, fuse(words, words, 0.5), np.full(len(SCOPES), -1.0), np.log(odds / (1 - odds)), silent)


def calibration_of(outcome: str, threshold: float, both: float) -> Calibration:
    """Return regressions that are certain of *outcome*, take the words at their odds for facets, and give every pair
    the probability *both*."""
    width = len(describe(scores_of({}, {}), LAYOUT))
    count = len(FACET_NAMES)
    pair = find_pair("", row({}), np.array([row({"item_a": 1}), row({"item_b": 1})]), LAYOUT.items.tolist())
    assert pair is not None
    return Calibration(
        weights=np.zeros((width, len(OUTCOMES))),
        bias=np.array([20.0 if name == outcome else 0.0 for name in OUTCOMES]),
        facet_weights=np.vstack([np.ones(count), np.zeros(count)]),
        facet_bias=np.zeros(count),
        facet_threshold=threshold,
        pair_weights=np.zeros(len(pair.features)),
        pair_bias=float(np.log(both / (1 - both))),
    )


def judge(
    outcome: str,
    classes: dict[str, float],
    facets: dict[str, float] | None = None,
    parts: Floats | None = None,
    threshold: float = 0.5,
    both: float = 0.9,
) -> Query:
    """Judge a message of which *outcome* is certain, with scores of -1 but for those given."""
    titles = {name: name.upper() for name in ITEMS}
    judging = Judge(LAYOUT, calibration_of(outcome, threshold, both), titles, COSTS)
    return judging.judge("text", scores_of(classes, COMMONLY if facets is None else facets), "个人", parts)


def test_an_answer_names_the_likeliest_item_first_with_its_title() -> None:
    query = judge("right", {"item_c": 0.9, "item_a": 0.2})
    assert query.decision is Decision.ANSWER
    assert [candidate.id for candidate in query.items[:2]] == ["item_c", "item_a"]
    assert query.items[0].title == "ITEM_C"
    assert (query.text, query.facets, query.applicant, query.names_item) == ("text", ("fee",), "个人", True)
    assert query.asked == 1


@pytest.mark.parametrize(
    ("threshold", "facets"), [(0.5, ("phone", "fee")), (0.7, ("phone",)), (0.95, ("phone",)), (0.3, ("phone", "fee"))]
)
def test_a_query_asks_for_the_facets_whose_probability_reaches_the_calibrated_threshold(
    threshold: float, facets: tuple[str, ...]
) -> None:
    probable = {"phone": 0.9, "fee": 0.6, "overview": 0.2}
    assert judge("right", {"item_a": 0.9}, probable, threshold=threshold).facets == facets


def test_a_question_asked_back_keeps_its_facets() -> None:
    assert judge("clarify", {"item_a": 0.1}).facets == ("fee",)


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


# ---------------------------------------------------------------- the evidence that is kept


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_query_keeps_what_spoke_for_it_whatever_was_decided(outcome: str) -> None:
    evidence = judge(outcome, {"item_c": 0.9, "item_a": 0.2}).evidence
    assert evidence is not None
    assert max(evidence.likely, key=lambda name: evidence.likely[name]) == outcome
    assert sum(evidence.likely.values()) == pytest.approx(1)
    assert [candidate.id for candidate in evidence.items[:2]] == ["item_c", "item_a"]
    assert evidence.facets == ("fee",)


def test_more_items_are_kept_as_evidence_than_are_ever_offered() -> None:
    evidence = judge("oos", {"item_c": 0.9}).evidence
    assert evidence is not None
    assert len(evidence.items) == len(ITEMS) > MAX_ITEMS
    shares = [candidate.confidence for candidate in evidence.items]
    assert shares == sorted(shares, reverse=True)
    assert all(0 <= share <= 1 for share in shares)


def test_an_item_is_as_likely_in_the_evidence_as_where_it_is_answered() -> None:
    query = judge("right", {"item_c": 0.9, "item_a": 0.2})
    assert query.evidence is not None
    assert query.items == query.evidence.items[: len(query.items)]


def test_evidence_survives_the_tracker() -> None:
    evidence = judge("clarify", {"item_c": 0.9}).evidence
    assert evidence is not None
    kept = Evidence.from_record(json.loads(json.dumps(evidence.as_record())))
    assert kept.facets == evidence.facets
    assert kept.likely == pytest.approx(evidence.likely, abs=1e-6)
    assert [(c.id, c.title) for c in kept.items] == [(c.id, c.title) for c in evidence.items]


# ---------------------------------------------------------------- two items at once

BOTH = {"item_b": 0.9, "item_e": 0.8}
CUT = np.array([row({"item_e": 1.0}), row({"item_b": 1.2})])
"""One way to cut the message: the left part asks about e, the right one about b."""


def ids(query: Query) -> list[str]:
    return [candidate.id for candidate in query.items]


def test_two_items_are_answered_in_the_order_asked() -> None:
    query = judge("right", BOTH, parts=CUT)
    assert (query.decision, query.asked, query.names_item) == (Decision.ANSWER, 2, True)
    assert ids(query)[:2] == ["item_e", "item_b"]
    assert [candidate.title for candidate in query.items[:2]] == ["ITEM_E", "ITEM_B"]
    assert query.facets == ("fee",)


@pytest.mark.parametrize("outcome", ["other_item", "clarify", "followup"])
def test_two_items_are_answered_even_where_one_alone_would_be_asked_back(outcome: str) -> None:
    assert judge(outcome, BOTH).decision is Decision.CLARIFY
    query = judge(outcome, BOTH, parts=CUT)
    assert (query.decision, query.asked, query.topic, query.names_item) == (Decision.ANSWER, 2, "", True)
    assert ids(query)[:2] == ["item_e", "item_b"]


@pytest.mark.parametrize("parts", [None, np.zeros((0, len(CLASSES)))], ids=["never cut", "no way to cut"])
def test_without_parts_there_is_one_item(parts: Floats | None) -> None:
    query = judge("right", BOTH, parts=parts)
    assert (query.asked, ids(query)[:2]) == (1, ["item_b", "item_e"])


def test_parts_that_ask_about_the_same_item_ask_about_one() -> None:
    query = judge("right", BOTH, parts=np.array([row({"item_b": 1.0}), row({"item_b": 1.2})]))
    assert (query.asked, ids(query)[:2]) == (1, ["item_b", "item_e"])


@pytest.mark.parametrize(("both", "asked"), [(0.6, 1), (0.69, 1), (0.71, 2), (0.95, 2)])
def test_two_items_are_answered_from_the_probability_on_that_the_costs_name(both: float, asked: int) -> None:
    assert judge("right", BOTH, parts=CUT, both=both).asked == asked


@pytest.mark.parametrize("outcome", ["oos", "chitchat", "handoff"])
def test_what_is_no_question_stays_none_however_it_can_be_cut(outcome: str) -> None:
    query = judge(outcome, BOTH, parts=CUT)
    assert (query.decision.value, query.items, query.asked) == (outcome, (), 1)


@pytest.mark.parametrize("outcome", ["right", "clarify"])
def test_the_other_candidates_stand_behind_the_two_each_once(outcome: str) -> None:
    found = ids(judge(outcome, dict.fromkeys(ITEMS, 0.5), parts=CUT))
    assert found[:2] == ["item_e", "item_b"]
    assert len(found) == len(set(found)) <= MAX_ITEMS


def test_the_two_are_as_certain_as_it_is_that_both_are_asked_about() -> None:
    query = judge("right", BOTH, parts=CUT, both=0.8)
    assert [candidate.confidence for candidate in query.items[:2]] == pytest.approx([0.8, 0.8])


@pytest.mark.parametrize(("other", "decision"), [(0.002, Decision.ANSWER), (0.2, Decision.CLARIFY)])
def test_what_is_vague_is_answered_where_nothing_else_could_be_offered(other: float, decision: Decision) -> None:
    likely = dict.fromkeys(OUTCOMES, 0.0) | {"right": 0.45, "other_item": other, "clarify": 0.55 - other}
    assert choose(likely, Costs()) is decision
