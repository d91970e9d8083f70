"""The regressions of the decision are fitted on a fold of authors, and hold for messages as all authors write them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pytest

from bot.evaluation.calibrating import fit_calibration
from bot.evaluation.cross import CrossValidation, Held
from bot.query import FACET_NAMES
from bot.understanding.arrays import Floats
from bot.understanding.evidence import OUTCOMES, SCOPES, Layout, Scores, describe, log_shares
from bot.understanding.messages import LabelledMessage

ITEMS = ("card_replace", "retirement_normal")
LAYOUT = Layout((*ITEMS, "chitchat_thanks", "clarify", "followup", "handoff_person", "oos_medical"))
MEANT = {"item": 0, "chitchat": 2, "clarify": 3, "followup": 4, "handoff": 5, "oos": 6}
WRITTEN = {"item": 120, "oos": 60, "chitchat": 60, "handoff": 60, "clarify": 60, "followup": 12}
"""What the authors of the fold wrote: few follow-ups."""


def scores_of(rng: np.random.Generator, meant: int) -> Scores:
    """What is said of a message that means the class in column *meant*, loudly enough to be right mostly."""
    said = rng.normal(size=len(LAYOUT.names)) + 2.0 * (np.arange(len(LAYOUT.names)) == meant)
    facets = rng.normal(size=len(FACET_NAMES))
    return Scores(said, said, log_shares(said), rng.normal(size=len(SCOPES)), facets, facets + rng.normal(size=11))


def held_of(rng: np.random.Generator, scope: str) -> Held:
    double = scope == "item" and rng.random() < 0.5
    message = LabelledMessage(
        author="anna",
        text="社保卡丢了怎么补，退休怎么办" if double else "社保卡丢了，怎么补",
        items=ITEMS if double else ITEMS[:1] if scope == "item" else (),
        facets=tuple(rng.choice(FACET_NAMES, 3, replace=False)) if scope == "item" else (),
        scope=None if scope == "item" else scope,
        is_double=double,
    )
    sides = np.array([[1.0, -1.0], [-1.0, 1.0 if double else rng.normal()]])
    return Held(message, 0, scores_of(rng, MEANT[scope]), np.hstack([sides, np.full((2, 5), -2.0)]))


def validation_of(counts: Mapping[str, int]) -> CrossValidation:
    rng = np.random.default_rng(5)
    held = tuple(held_of(rng, scope) for scope, number in WRITTEN.items() for _ in range(number))
    return CrossValidation(held, LAYOUT, Counter(counts))


def said_of_messages(counts: Mapping[str, int]) -> Floats:
    """The mean probability of each outcome over the fold's messages, fitted for scopes as frequent as in *counts*."""
    validation = validation_of(counts)
    calibration = fit_calibration(validation)
    likely = [calibration.probabilities(describe(held.scores, LAYOUT)) for held in validation.held]
    rows: Floats = np.array([[each[name] for name in OUTCOMES] for each in likely])
    return np.asarray(rows.mean(axis=0))


FOLLOWUP = OUTCOMES.index("followup")


def test_a_fold_as_everybody_writes_is_taken_as_it_is() -> None:
    share = WRITTEN["followup"] / sum(WRITTEN.values())
    assert said_of_messages(WRITTEN)[FOLLOWUP] == pytest.approx(share, abs=0.005)


def test_only_the_proportions_of_all_messages_count() -> None:
    tenfold = {scope: 10 * number for scope, number in WRITTEN.items()}
    assert said_of_messages(tenfold) == pytest.approx(said_of_messages(WRITTEN))


def test_what_the_fold_holds_little_of_is_as_likely_as_among_all_messages() -> None:
    usual = said_of_messages(WRITTEN)
    frequent = said_of_messages(WRITTEN | {"followup": 60})
    assert frequent[FOLLOWUP] > 1.5 * usual[FOLLOWUP]
    assert frequent[OUTCOMES.index("clarify")] < usual[OUTCOMES.index("clarify")]
