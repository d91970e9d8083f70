"""The decision: answer, ask back, say that the guide is silent, chat or hand over, by what each error costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import yaml

from bot.query import MAX_ITEMS, OVERVIEW, Candidate, Decision, Query
from bot.settings import ROOT
from bot.understanding.arrays import Floats
from bot.understanding.evidence import SHARPNESS, Calibration, Layout, Margins, describe


@dataclass(frozen=True)
class Costs:
    """What an outcome costs, in units of asking back once; chosen on our own cross-validation (docs/understanding.md).

    *offer_floor* is the share of the likeliest item below which another is not worth offering.
    """

    wrong_answer: float = 2.5
    asking: float = 1.0
    missed: float = 2.0
    offer_floor: float = 0.02

    @classmethod
    def load(cls, path: Path = ROOT / "config.yml") -> Costs:
        """Read the costs from Rasa's configuration, so that what is measured is what is served."""
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
        part = next(part for part in config["pipeline"] if part["name"].endswith(".DecisionMaker"))
        return cls(**{field.name: float(part[field.name]) for field in fields(cls)})


class Judge:
    """Weighs the evidence of one message and decides."""

    def __init__(self, layout: Layout, calibration: Calibration, titles: Mapping[str, str], costs: Costs) -> None:
        self._layout = layout
        self._calibration = calibration
        self._titles = titles
        self._costs = costs

    def judge(self, text: str, margins: Margins, facets: Sequence[str], applicant: str | None) -> Query:
        """Return the query with the least expected cost."""
        likely = self._calibration.probabilities(describe(margins, self._layout))
        decision = choose(likely, self._costs)
        candidates = self._candidates(margins, likely, decision)
        return Query(
            text=text,
            decision=decision,
            items=candidates,
            facets=tuple(facets) if decision in (Decision.ANSWER, Decision.CLARIFY) else (),
            applicant=applicant,
            topic=self._topic(margins, likely, decision),
            names_item=likely["right"] + likely["other_item"] > likely["followup"],
        )

    def _candidates(self, margins: Margins, likely: Mapping[str, float], decision: Decision) -> tuple[Candidate, ...]:
        """Return the items answered or offered, likeliest first, with their probabilities."""
        if decision not in (Decision.ANSWER, Decision.CLARIFY):
            return ()
        scores = margins.classes[self._layout.items]
        order = np.argsort(-scores, kind="stable")[:MAX_ITEMS]
        shares = _shares(scores[order])
        sure, rest = likely["right"], likely["other_item"]
        beside = 1 - shares[0] or 1.0
        found = []
        for rank, (column, share) in enumerate(zip(order, shares, strict=True)):
            name = self._layout.names[self._layout.items[column]]
            confidence = sure if rank == 0 else rest * share / beside
            if rank < 3 or share >= self._costs.offer_floor * shares[0]:
                found.append(Candidate(name, self._titles[name], float(min(confidence, 1.0))))
        return tuple(found[:3] if decision is Decision.ANSWER else found)

    def _topic(self, margins: Margins, likely: Mapping[str, float], decision: Decision) -> str:
        if decision is Decision.CLARIFY:
            return "followup" if likely["followup"] > max(likely["clarify"], likely["right"]) else ""
        columns = self._layout.of_scope.get(decision.value)
        if columns is None or not columns.size:
            return ""
        name = self._layout.names[int(columns[margins.classes[columns].argmax()])]
        return name.partition("_")[2]


def choose(likely: Mapping[str, float], costs: Costs) -> Decision:
    """Return the decision with the least expected cost, given what is probably the case."""
    elsewhere = likely["oos"] + likely["chitchat"] + likely["handoff"]
    unclear = likely["clarify"] + likely["followup"]
    expected = {
        Decision.ANSWER: costs.wrong_answer * (1 - likely["right"]),
        Decision.CLARIFY: costs.asking * (1 - unclear) + costs.missed * (elsewhere + 0.15 * likely["other_item"]),
        Decision.OOS: costs.missed * (1 - likely["oos"]),
        Decision.CHITCHAT: costs.missed * (1 - likely["chitchat"]),
        Decision.HANDOFF: costs.missed * (1 - likely["handoff"]),
    }
    return min(expected, key=lambda decision: expected[decision])


def choose_facets(margins: Mapping[str, float], threshold: float) -> tuple[str, ...]:
    """Return the facets above *threshold*, most certain first; the most certain alone where none is.

    Overview is what is asked when nothing is named: beside a named facet it says nothing.
    """
    ranked = sorted(margins, key=lambda name: -margins[name])
    chosen = [name for name in ranked if margins[name] > threshold] or ranked[:1]
    if chosen[0] == OVERVIEW:
        return (OVERVIEW,)
    return tuple(name for name in chosen if name != OVERVIEW)


def _shares(scores: Floats) -> Floats:
    powers = np.exp(SHARPNESS * (scores - scores.max()))
    return np.asarray(powers / powers.sum())
