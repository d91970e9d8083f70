"""Scores fused into shares, described in a fixed number of features, and weighed by regressions kept as a file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.query import FACET_NAMES
from bot.understanding.arrays import Floats
from bot.understanding.evidence import (
    ELSEWHERE,
    OUTCOMES,
    SCOPES,
    Calibration,
    Layout,
    Scores,
    align,
    describe,
    fuse,
    log_shares,
    rule_out_elsewhere,
)

ITEMS = ("card_apply", "card_replace", "retirement_normal", "injury_determination")
SCOPE_CLASSES = ("chitchat_thanks", "clarify", "followup", "handoff_person", "oos_medical", "oos_wages")

numbers = st.floats(-50, 50)
rows = st.lists(numbers, min_size=1, max_size=12).map(np.array)


# ---------------------------------------------------------------- shares


@given(rows)
def test_shares_sum_to_one_and_keep_the_order(scores: Floats) -> None:
    shares = log_shares(scores)
    assert np.exp(shares).sum() == pytest.approx(1)
    assert shares - shares.max() == pytest.approx(scores - scores.max())


@given(rows, numbers)
def test_a_constant_added_to_all_scores_changes_no_share(scores: Floats, constant: float) -> None:
    assert log_shares(scores + constant) == pytest.approx(log_shares(scores))


def test_scores_of_any_size_have_shares() -> None:
    assert np.isfinite(log_shares(np.array([[1e4, -1e4, 0.0]]))).all()


def test_who_names_no_other_place_asks_for_no_other_places_office() -> None:
    scores = np.array([[3.0, 1.0, -2.0], [3.0, 1.0, -2.0]])
    names = (ELSEWHERE, "card_apply", "clarify")
    assert rule_out_elsewhere(scores, names, ["社保局电话", "某社保局电话"]).tolist() == [
        [-3.0, 1.0, -2.0],
        [3.0, 1.0, -2.0],
    ]
    assert scores.tolist() == [[3.0, 1.0, -2.0], [3.0, 1.0, -2.0]]


def test_where_nobody_wrote_of_another_place_nothing_is_ruled_out() -> None:
    scores = np.array([[3.0, 1.0]])
    assert rule_out_elsewhere(scores, ("card_apply", "clarify"), ["社保局电话"]) is scores


@pytest.mark.parametrize("weight", [0.0, 0.4, 1.0])
def test_fused_shares_sum_to_one(weight: float) -> None:
    rng = np.random.default_rng(1)
    fused = fuse(rng.normal(size=(5, 7)), rng.normal(size=(5, 7)) * 8, weight)
    assert fused.shape == (5, 7)
    assert np.exp(fused).sum(axis=1) == pytest.approx(1)


def test_the_best_share_is_smaller_the_more_words_and_encoder_disagree() -> None:
    words = np.array([1.0, 0.0, -1.0])
    agreeing, doubtful, disagreeing = (
        np.exp(fuse(words, np.array(encoder), 0.35)).max()
        for encoder in ([6.0, 0.0, -6.0], [0.0, 0.0, 0.0], [-6.0, 0.0, 6.0])
    )
    assert disagreeing < doubtful < agreeing


@pytest.mark.parametrize(("weight", "best"), [(0.0, 0), (1.0, 1), (0.05, 0), (0.95, 1)])
def test_the_encoder_counts_by_its_weight_and_words_by_the_rest(weight: float, best: int) -> None:
    assert fuse(np.array([1.0, -1.0]), np.array([-6.0, 6.0]), weight).argmax() == best


def test_where_words_and_encoder_agree_nothing_changes() -> None:
    assert fuse(np.array([0.5, -0.5]), np.array([3.0, -3.0]), 0.35) == pytest.approx(log_shares(np.array([3.0, -3.0])))


# ---------------------------------------------------------------- columns


def test_columns_go_where_they_are_wanted() -> None:
    found = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    assert align(found, ["a", "b", "c"], ["c", "a"]).tolist() == [[3.0, 1.0], [6.0, 4.0]]


@pytest.mark.parametrize("best", [-9.0, -0.5, 0.0, 0.5, 9.0])
def test_what_is_wanted_and_was_not_found_is_less_likely_than_anything_found(best: float) -> None:
    aligned = align(np.array([[best - 1, best]]), ["a", "b"], ["new", "b", "a"])
    assert np.isfinite(aligned).all()
    assert aligned[0, 0] < aligned[0, 1:].min()
    assert aligned[0].argmax() == 1


def test_no_message_gives_no_row() -> None:
    assert align(np.zeros((0, 2)), ["a", "b"], ["b", "c", "a"]).shape == (0, 3)


# ---------------------------------------------------------------- the layout of the classes


def test_items_and_scopes_are_told_apart_by_their_names() -> None:
    layout = Layout([*ITEMS, *SCOPE_CLASSES])
    assert [layout.names[i] for i in layout.items] == list(ITEMS)
    assert {scope: [layout.names[i] for i in columns] for scope, columns in layout.of_scope.items()} == {
        "oos": ["oos_medical", "oos_wages"],
        "chitchat": ["chitchat_thanks"],
        "handoff": ["handoff_person"],
        "clarify": ["clarify"],
        "followup": ["followup"],
    }


def test_the_best_item_is_an_item_however_likely_a_scope_class_is() -> None:
    layout = Layout([*ITEMS, "oos_medical"])
    assert layout.best_item(np.array([-3.0, -1.0, -2.0, -4.0, -0.1])) == "card_replace"


# ---------------------------------------------------------------- the description of a message


def scores_of(classes: tuple[str, ...], seed: int = 1) -> Scores:
    """Return random scores of a message in the columns of *classes*."""
    rng = np.random.default_rng(seed)
    words, encoder = rng.normal(size=len(classes)), rng.normal(size=len(classes)) * 5
    facets = rng.normal(size=(2, len(FACET_NAMES)))
    return Scores(words, encoder, fuse(words, encoder, 0.35), rng.normal(size=len(SCOPES)), *facets)


FULL = len(describe(scores_of((*ITEMS, *SCOPE_CLASSES)), Layout([*ITEMS, *SCOPE_CLASSES])))


@pytest.mark.parametrize("missing", ["oos", "chitchat", "handoff", "clarify", "followup", "any"])
def test_a_message_is_described_in_as_many_numbers_whatever_class_is_missing(missing: str) -> None:
    left = [name for name in SCOPE_CLASSES if missing != "any" and not name.startswith(missing)]
    classes = (*ITEMS, *left)
    described = describe(scores_of(classes), Layout(classes))
    assert len(described) == FULL
    assert np.isfinite(described).all()


def test_a_guide_of_three_items_is_described_in_as_many_numbers() -> None:
    classes = (*ITEMS[:3], *SCOPE_CLASSES)
    described = describe(scores_of(classes), Layout(classes))
    assert len(described) == FULL
    assert np.isfinite(described).all()


def test_the_order_of_the_classes_makes_no_difference() -> None:
    classes = (*ITEMS, *SCOPE_CLASSES)
    given_, turned = scores_of(classes), classes[::-1]
    other = replace(given_, words=given_.words[::-1], encoder=given_.encoder[::-1], fused=given_.fused[::-1])
    assert describe(other, Layout(turned)) == pytest.approx(describe(given_, Layout(classes)))


# ---------------------------------------------------------------- the calibration


def calibration() -> Calibration:
    """Return random regressions."""
    rng = np.random.default_rng(2)
    count = len(FACET_NAMES)
    return Calibration(
        weights=rng.normal(size=(FULL, len(OUTCOMES))),
        bias=rng.normal(size=len(OUTCOMES)),
        facet_weights=rng.normal(size=(2, count)),
        facet_bias=rng.normal(size=count),
        facet_threshold=0.42,
        pair_weights=rng.normal(size=11),
        pair_bias=-1.25,
    )


def test_every_outcome_has_a_probability_and_together_they_are_one() -> None:
    likely = calibration().probabilities(np.ones(FULL))
    assert tuple(likely) == OUTCOMES
    assert sum(likely.values()) == pytest.approx(1)
    assert all(0 <= share <= 1 for share in likely.values())


def test_every_facet_has_a_probability_of_its_own() -> None:
    likely = calibration().facets(scores_of((*ITEMS, *SCOPE_CLASSES)))
    assert tuple(likely) == FACET_NAMES
    assert all(0 <= share <= 1 for share in likely.values())


@pytest.mark.parametrize("source", ["facet_words", "facet_encoder"])
def test_both_sources_speak_on_facets(source: str) -> None:
    scores = scores_of((*ITEMS, *SCOPE_CLASSES))
    changed = replace(scores, **{source: getattr(scores, source) + 1})
    assert calibration().facets(scores) != calibration().facets(changed)


def test_the_evidence_for_a_pair_becomes_a_probability() -> None:
    regressions = calibration()
    assert regressions.asks_both(np.zeros(11)) == pytest.approx(1 / (1 + np.exp(1.25)))
    strong = np.sign(regressions.pair_weights)
    assert 0 <= regressions.asks_both(-strong) < regressions.asks_both(strong) <= 1


def test_a_calibration_survives_its_file(tmp_path: Path) -> None:
    kept, path = calibration(), tmp_path / "calibration.json"
    kept.save(path, {"made_by": "a test"})
    loaded = Calibration.load(path)
    for name in ("weights", "bias", "facet_weights", "facet_bias", "pair_weights"):
        assert getattr(loaded, name) == pytest.approx(getattr(kept, name), abs=1e-4), name
    assert (loaded.facet_threshold, loaded.pair_bias) == (kept.facet_threshold, kept.pair_bias)
    described = describe(scores_of((*ITEMS, *SCOPE_CLASSES)), Layout([*ITEMS, *SCOPE_CLASSES]))
    assert loaded.probabilities(described) == pytest.approx(kept.probabilities(described), abs=1e-2)


def test_the_file_says_how_it_was_made(tmp_path: Path) -> None:
    path = tmp_path / "calibration.json"
    calibration().save(path, {"made_by": "python -m bot evaluate cross --calibrate", "messages": 7})
    assert json.loads(path.read_text(encoding="utf-8"))["about"]["messages"] == 7


def test_a_calibration_saved_again_is_the_same_file(tmp_path: Path) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    calibration().save(first, {})
    Calibration.load(first).save(second, {})
    assert first.read_bytes() == second.read_bytes()
