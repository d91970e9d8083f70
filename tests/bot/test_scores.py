"""What counts as right, asked, wrong and missed in each labelled set, and what the figures are made of."""

from __future__ import annotations

from typing import Any

import pytest

from bot.evaluation.scores import (
    macro_f1,
    outcome,
    score_dialogues,
    score_questions,
    score_real,
    score_scope,
)

Record = dict[str, Any]


def said(decision: str, *items: str, facets: tuple[str, ...] = ("fee",)) -> Record:
    """Return a prediction."""
    return {
        "decision": decision,
        "items": [{"id": id_, "title": id_, "confidence": 0.9} for id_ in items],
        "facets": list(facets),
    }


def asked(*items: str, facets: tuple[str, ...] = ("fee",), kind: str = "plain") -> Record:
    """Return the label of a question."""
    return {"q": "怎么办", "items": list(items), "facets": list(facets), "kind": kind}


def expecting(expect: str, *items: str, also: tuple[str, ...] = ()) -> Record:
    """Return the label of a message of which a decision is expected."""
    return {"q": "怎么办", "expect": expect, "items": list(items), **({"also": list(also)} if also else {})}


# ---------------------------------------------------------------- one question

OUTCOMES = [
    (said("answer", "card", "retire"), "right"),
    (said("answer", "loss"), "right"),
    (said("answer", "retire", "card"), "wrong"),
    (said("answer"), "wrong"),
    (said("clarify", "retire", "card"), "asked"),
    (said("clarify", "retire"), "missed"),
    (said("clarify"), "missed"),
    (said("oos"), "missed"),
    (said("chitchat"), "missed"),
    (said("handoff"), "missed"),
]


@pytest.mark.parametrize(("prediction", "result"), OUTCOMES)
def test_a_question_is_right_asked_wrong_or_missed(prediction: Record, result: str) -> None:
    assert outcome(asked("card", "loss"), prediction) == result


# ---------------------------------------------------------------- questions


def test_asking_back_counts_half_and_wrong_answers_are_counted_apart() -> None:
    predictions = [said("answer", "card"), said("clarify", "retire", "card"), said("answer", "retire"), said("oos")]
    score = score_questions([asked("card")] * 4, predictions)
    assert score.figures["score"] == pytest.approx(1.5 / 4)
    assert score.figures["wrong"] == pytest.approx(1 / 4)
    assert score.figures["top3"] == pytest.approx(2 / 4)


def test_the_first_three_items_count_whatever_the_decision() -> None:
    predictions = [said("answer", "a", "b", "card"), said("clarify", "a", "b", "c", "card")]
    assert score_questions([asked("card")] * 2, predictions).figures["top3"] == pytest.approx(1 / 2)


FACETS = [
    (("fee",), ("fee",), 1.0, 1.0),
    (("fee", "phone"), ("phone", "fee"), 1.0, 1.0),
    (("fee", "phone"), ("fee",), 2 / 3, 0.0),
    (("fee",), ("fee", "phone"), 2 / 3, 0.0),
    (("fee",), ("phone",), 0.0, 0.0),
]


@pytest.mark.parametrize(("wanted", "got", "f1", "exact"), FACETS)
def test_facets_are_compared_as_sets(wanted: tuple[str, ...], got: tuple[str, ...], f1: float, exact: float) -> None:
    figures = score_questions([asked("card", facets=wanted)], [said("answer", "card", facets=got)]).figures
    assert (figures["facet_f1"], figures["facet_exact"]) == pytest.approx((f1, exact))


@pytest.mark.parametrize("prediction", [said("answer", "retire", facets=("phone",)), said("clarify", "card")])
def test_facets_count_only_where_the_item_is_right(prediction: Record) -> None:
    figures = score_questions([asked("card")] * 2, [said("answer", "card"), prediction]).figures
    assert (figures["facet_f1"], figures["facet_exact"]) == (1.0, 1.0)


def test_misjudged_questions_are_kept_with_what_was_got() -> None:
    score = score_questions([asked("card"), asked("card")], [said("answer", "card"), said("answer", "retire")])
    [misjudged] = score.misjudged
    assert (misjudged["outcome"], misjudged["q"], misjudged["items"]) == ("wrong", "怎么办", ["card"])
    assert misjudged["got"] == {"decision": "answer", "items": {"retire": 0.9}, "facets": ["fee"]}


def test_the_table_has_a_row_a_kind_and_one_for_all() -> None:
    labels = [asked("card", kind="short"), asked("card", kind="long"), asked("card", kind="long")]
    score = score_questions(labels, [said("answer", "card")] * 3)
    assert [row.split()[:3] for row in score.table] == [["ALL", "n", "3"], ["long", "n", "2"], ["short", "n", "1"]]


def test_the_closing_line_says_the_set_its_figures_and_how_many() -> None:
    closing = score_questions([asked("card")], [said("answer", "card")], "cross").closing
    assert closing == "cross: score 1.0000 wrong 0.0000 top3 1.0000 facet_f1 1.0000 facet_exact 1.0000 n 1"


def test_labels_without_as_many_predictions_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        score_questions([asked("card")], [])


# ---------------------------------------------------------------- decisions

DECISIONS = [
    (expecting("oos"), said("oos"), True),
    (expecting("oos"), said("answer", "card"), False),
    (expecting("oos"), said("clarify", "card"), False),
    (expecting("oos", also=("handoff",)), said("handoff"), True),
    (expecting("oos", also=("handoff",)), said("chitchat"), False),
    (expecting("chitchat"), said("chitchat"), True),
    (expecting("handoff"), said("handoff"), True),
    (expecting("clarify", "card", "retire"), said("clarify", "loss", "retire"), True),
    (expecting("clarify", "card"), said("clarify", "loss"), False),
    (expecting("clarify", "card"), said("clarify"), False),
    (expecting("clarify", "card"), said("answer", "card"), False),
    (expecting("clarify", "card", also=("answer",)), said("answer", "card"), True),
    (expecting("answer", "card"), said("answer", "card"), True),
    (expecting("answer", "card"), said("answer", "loss", "card"), False),
    (expecting("answer"), said("answer", "loss"), True),
]


@pytest.mark.parametrize(("label", "prediction", "good"), DECISIONS)
def test_a_decision_is_good_as_expected_or_as_good_with_an_acceptable_item(
    label: Record, prediction: Record, good: bool
) -> None:
    score = score_scope([label], [prediction])
    assert score.figures["good"] == good
    assert len(score.misjudged) == (not good)


def test_what_is_out_of_scope_and_answered_is_counted_apart() -> None:
    labels = [expecting("oos")] * 4 + [expecting("clarify", "card")]
    predictions = [said("oos"), said("answer", "card"), said("clarify"), said("oos"), said("answer", "card")]
    figures = score_scope(labels, predictions).figures
    assert figures == {"good": pytest.approx(2 / 5), "oos_answered": pytest.approx(1 / 4)}


def test_a_set_with_nothing_out_of_scope_has_nothing_answered_of_it() -> None:
    assert score_scope([expecting("chitchat")], [said("chitchat")]).figures["oos_answered"] == 0


def test_the_table_says_what_was_got_for_each_decision_expected() -> None:
    score = score_scope([expecting("oos")] * 3, [said("oos"), said("oos"), said("handoff")])
    assert [" ".join(row.split()) for row in score.table] == ["oos n 3 good 66.7% (oos 2 handoff 1)"]
    assert score.closing == "scope: good 0.6667 oos_answered 0.0000 n 3"


# ---------------------------------------------------------------- questions of the public

REAL = [
    (expecting("answer", "card"), said("answer", "card"), "right"),
    (expecting("answer", "card"), said("clarify", "loss", "card"), "asked"),
    (expecting("answer", "card"), said("answer", "loss", "card"), "wrong"),
    (expecting("answer", "card"), said("oos"), "missed"),
    (expecting("clarify", "card", "loss"), said("clarify", "loss"), "right"),
    (expecting("clarify", "card", "loss"), said("answer", "loss"), "asked"),
    (expecting("clarify", "card"), said("answer", "retire"), "wrong"),
    (expecting("clarify", "card"), said("clarify", "retire"), "missed"),
    (expecting("clarify", "card"), said("oos"), "missed"),
    (expecting("oos"), said("oos"), "right"),
    (expecting("oos"), said("answer", "card"), "wrong"),
    (expecting("oos"), said("clarify", "card"), "missed"),
    (expecting("oos"), said("chitchat"), "missed"),
]
WORTH = {"right": 1.0, "asked": 0.5, "wrong": 0.0, "missed": 0.0}


@pytest.mark.parametrize(("label", "prediction", "result"), REAL)
def test_a_question_of_the_public_is_right_half_right_wrong_or_missed(
    label: Record, prediction: Record, result: str
) -> None:
    score = score_real([label], [prediction])
    assert score.figures["score"] == WORTH[result]
    assert score.figures["wrong"] == (result == "wrong")
    assert score.figures["good"] == (result == "right")
    assert [misjudged["outcome"] for misjudged in score.misjudged] == ([] if result == "right" else [result])


def test_questions_that_are_to_be_answered_have_a_score_of_their_own() -> None:
    labels = [expecting("answer", "card"), expecting("answer", "card"), expecting("oos"), expecting("oos")]
    predictions = [said("answer", "card"), said("clarify", "card"), said("answer", "card"), said("oos")]
    figures = score_real(labels, predictions).figures
    assert figures == {
        "score": pytest.approx(2.5 / 4),
        "wrong": pytest.approx(1 / 4),
        "good": pytest.approx(2 / 4),
        "answers": pytest.approx(1.5 / 2),
    }


# ---------------------------------------------------------------- dialogues


def turn(expect: str, *items: str, facets: tuple[str, ...] = ()) -> Record:
    """Return a turn and what is expected of it."""
    return {"user": "怎么办", "expect": expect, "items": list(items), "facets": list(facets)}


TURNS = [
    (turn("answer", "card"), said("answer", "card"), True),
    (turn("answer", "card", "loss"), said("answer", "loss"), True),
    (turn("answer", "card"), said("answer", "loss", "card"), False),
    (turn("answer", "card", facets=("fee", "phone")), said("answer", "card", facets=("phone",)), True),
    (turn("answer", "card", facets=("phone",)), said("answer", "card", facets=("fee",)), False),
    (turn("answer", "card"), said("clarify", "card"), False),
    (turn("clarify", "card"), said("clarify", "loss", "card"), True),
    (turn("clarify", "card"), said("clarify", "loss"), False),
    (turn("clarify"), said("clarify", "loss"), True),
    (turn("oos"), said("oos"), True),
    (turn("chitchat"), said("oos"), False),
]


@pytest.mark.parametrize(("expected", "reply", "good"), TURNS)
def test_a_turn_is_good_with_its_decision_an_acceptable_item_and_a_facet_asked_for(
    expected: Record, reply: Record, good: bool
) -> None:
    figures = score_dialogues([{"id": "one", "turns": [expected]}], [reply]).figures
    assert figures == {"turns": good, "whole": good}


def test_a_conversation_is_whole_when_every_turn_of_it_is_good() -> None:
    labels = [
        {"id": "one", "turns": [turn("answer", "card"), turn("oos")]},
        {"id": "two", "turns": [turn("answer", "card"), turn("chitchat"), turn("oos")]},
    ]
    replies = [said("answer", "card"), said("oos"), said("answer", "card"), said("oos"), said("oos")]
    score = score_dialogues(labels, replies)
    assert score.figures == {"turns": pytest.approx(4 / 5), "whole": pytest.approx(1 / 2)}
    assert [misjudged["id"] for misjudged in score.misjudged] == ["two"]
    assert score.closing == "dialogues: turns 0.8000 whole 0.5000 n 2"


# ---------------------------------------------------------------- the mean over classes


@pytest.mark.parametrize(
    ("wanted", "got", "f1"),
    [
        (["a", "b"], ["a", "b"], 1.0),
        (["a", "a", "b"], ["a", "a", "a"], (4 / 5 + 0) / 2),
        (["a", "b"], ["c", "c"], 0.0),
        (["a", "a"], ["a", "c"], 2 / 3),
    ],
)
def test_every_class_weighs_the_same_however_rare(wanted: list[str], got: list[str], f1: float) -> None:
    assert macro_f1(wanted, got) == pytest.approx(f1)
