"""The decision: answer, ask back, say that the guide is silent, chat or hand over, by what each error costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import yaml

from bot.query import MAX_ITEMS, OVERVIEW, Candidate, Decision, Evidence, Query
from bot.settings import ROOT
from bot.understanding.arrays import Floats
from bot.understanding.evidence import Calibration, Layout, Scores, describe, log_shares
from bot.understanding.parts import find_pair

PLAUSIBLE = 0.4
"""Probability from which the first item may be answered where there is no second to ask about."""

ALONE = 0.03
"""Share of the first item up to which all others together count as no choice."""

CONSIDERED = 12
"""Items that a query keeps as evidence: a conversation may bring up one that a message alone would not."""


@dataclass(frozen=True)
class Costs:
    """What an outcome costs, in units of asking back once; how they were chosen: docs/understanding.md.

    *wrong_answer* is the entry of another item than the one that is wanted: somebody gathers the wrong papers.
    *silent_answer* is an entry where the guide has none: its heading says that it is about something else. *missed* is
    what was wanted and neither answered nor offered. *offer_floor* is the share of the likeliest item below which
    another is not worth offering; *unfamiliar* is the share of known n-grams below which a message is noise and nothing
    is weighed; *two_items* the probability from which two items are answered at once; *by_itself* the one from which a
    question is answered that stands in a message that as a whole is out of the guide.
    """

    wrong_answer: float = 3.0
    silent_answer: float = 1.5
    asking: float = 1.0
    missed: float = 1.5
    offer_floor: float = 0.02
    unfamiliar: float = 0.4
    two_items: float = 0.3
    by_itself: float = 0.9

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

    def judge(self, text: str, scores: Scores, applicant: str | None, parts: Floats | None = None) -> Query:
        """Return the query with the least expected cost. *parts* are the margins of the message cut in two
        (bot.understanding.parts), in the columns of the classes."""
        likely = self._calibration.probabilities(describe(scores, self._layout))
        decision = choose(likely, self._costs)
        facets = choose_facets(self._calibration.facets(scores), self._calibration.facet_threshold)
        considered = self._considered(scores, likely)
        candidates = self._worth_offering(considered, decision)
        pair = None if parts is None or not candidates else self._pair(text, scores, parts)
        if pair:
            decision = Decision.ANSWER
            candidates = (*pair, *(c for c in candidates if c.id not in {p.id for p in pair}))[:MAX_ITEMS]
        return Query(
            text=text,
            decision=decision,
            items=candidates,
            facets=facets if decision in (Decision.ANSWER, Decision.CLARIFY) else (),
            applicant=applicant,
            topic=self._topic(scores, likely, decision),
            names_item=bool(pair) or likely["right"] + likely["other_item"] > likely["followup"],
            asked=len(pair) if pair else 1,
            evidence=Evidence(likely, tuple(candidate for candidate, _ in considered), facets),
        )

    def _pair(self, text: str, scores: Scores, parts: Floats) -> tuple[Candidate, ...] | None:
        """Return the two items that the message asks about, in its order, where it clearly asks about two."""
        found = find_pair(text, scores.words, parts, self._layout.items.tolist())
        if found is None:
            return None
        both = self._calibration.asks_both(found.features)
        if both < self._costs.two_items:
            return None
        names = (self._layout.names[found.first], self._layout.names[found.second])
        return tuple(Candidate(name, self._titles[name], both) for name in names)

    def _considered(self, scores: Scores, likely: Mapping[str, float]) -> list[tuple[Candidate, float]]:
        """Return the likeliest items with their probabilities, each with its share beside the first's."""
        items = scores.fused[self._layout.items]
        order = np.argsort(-items, kind="stable")[:CONSIDERED]
        shares = np.exp(log_shares(items[order]))
        sure, rest = likely["right"], likely["other_item"]
        beside = 1 - shares[0] or 1.0
        found = []
        for rank, (column, share) in enumerate(zip(order, shares, strict=True)):
            name = self._layout.names[self._layout.items[column]]
            confidence = sure if rank == 0 else rest * share / beside
            found.append((Candidate(name, self._titles[name], float(min(confidence, 1.0))), float(share / shares[0])))
        return found

    def _worth_offering(
        self, considered: Sequence[tuple[Candidate, float]], decision: Decision
    ) -> tuple[Candidate, ...]:
        """Return the items answered or offered: three always, more where they come close to the first."""
        if decision is Decision.ANSWER:
            return tuple(candidate for candidate, _ in considered[:3])
        if decision is Decision.CLARIFY:
            floor = self._costs.offer_floor
            return tuple(c for rank, (c, share) in enumerate(considered[:MAX_ITEMS]) if rank < 3 or share >= floor)
        return ()

    def _topic(self, scores: Scores, likely: Mapping[str, float], decision: Decision) -> str:
        if decision is Decision.CLARIFY:
            return "followup" if likely["followup"] > max(likely["clarify"], likely["right"]) else ""
        columns = self._layout.of_scope.get(decision.value)
        if columns is None or not columns.size:
            return ""
        name = self._layout.names[int(columns[scores.fused[columns].argmax()])]
        return name.partition("_")[2]


def choose(likely: Mapping[str, float], costs: Costs) -> Decision:
    """Return the decision with the least expected cost, given what is probably the case."""
    elsewhere = likely["oos"] + likely["chitchat"] + likely["handoff"]
    unclear = likely["clarify"] + likely["followup"]
    expected = {
        Decision.ANSWER: costs.wrong_answer * (1 - likely["right"] - likely["oos"])
        + costs.silent_answer * likely["oos"],
        Decision.CLARIFY: costs.asking * (1 - unclear) + costs.missed * (elsewhere + 0.15 * likely["other_item"]),
        Decision.OOS: costs.missed * (1 - likely["oos"]),
        Decision.CHITCHAT: costs.missed * (1 - likely["chitchat"]),
        Decision.HANDOFF: costs.missed * (1 - likely["handoff"]),
    }
    chosen = min(expected, key=lambda decision: expected[decision])
    if chosen is Decision.CLARIFY and _has_one_meaning(likely):
        return Decision.ANSWER
    return chosen


def _has_one_meaning(likely: Mapping[str, float]) -> bool:
    """Tell whether asking back would offer one thing only: vague as it is, nothing else can be meant ("退休怎么办")."""
    return likely["right"] >= PLAUSIBLE and likely["other_item"] <= ALONE * likely["right"]


def choose_facets(likely: Mapping[str, float], threshold: float) -> tuple[str, ...]:
    """Return the facets at least as likely as *threshold*, likeliest first; the likeliest alone where none is.

    Overview is what is asked when nothing is named: beside a named facet it says nothing.
    """
    ranked = sorted(likely, key=lambda name: -likely[name])
    chosen = [name for name in ranked if likely[name] >= threshold] or ranked[:1]
    if chosen[0] == OVERVIEW:
        return (OVERVIEW,)
    return tuple(name for name in chosen if name != OVERVIEW)
