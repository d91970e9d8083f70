"""The decision: answer, ask back, say that the guide is silent, chat or hand over, by what each error costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.query import MAX_ITEMS, OVERVIEW, Candidate, Decision, Query

SCOPE_PREFIXES = ("oos", "handoff", "chitchat", "clarify", "followup")


@dataclass(frozen=True)
class Costs:
    """What an outcome costs, in units of asking back once; chosen on our own cross-validation (docs/understanding.md).

    *offer_floor* is the probability below which an item is not worth offering; *facet_alone* the probability
    that no item is named, above which a message with facets is a follow-up.
    """

    wrong_answer: float = 4.0
    asking: float = 1.0
    missed: float = 3.0
    offer_floor: float = 0.02


def decide(
    text: str,
    probabilities: Mapping[str, float],
    facets: Sequence[str],
    applicant: str | None,
    titles: Mapping[str, str],
    costs: Costs,
) -> Query:
    """Choose the decision with the least expected cost.

    *probabilities* are over items (the keys of *titles*) and scope classes ("oos_medical", "chitchat" …) and add up
    to one.
    """
    items = sorted(((p, name) for name, p in probabilities.items() if name in titles), reverse=True)
    scope = dict.fromkeys(SCOPE_PREFIXES, 0.0)
    best_topic = dict.fromkeys(SCOPE_PREFIXES, (0.0, ""))
    for name, p in probabilities.items():
        if name in titles:
            continue
        prefix, _, topic = name.partition("_")
        scope[prefix] += p
        best_topic[prefix] = max(best_topic[prefix], (p, topic))
    top = items[0][0] if items else 0.0
    offered = [(p, name) for p, name in items[:MAX_ITEMS] if p >= costs.offer_floor] or items[:3]
    found_by_asking = sum(p for p, _ in offered[:3]) + scope["clarify"] + scope["followup"]
    expected = {
        Decision.ANSWER: costs.wrong_answer * (1 - top),
        Decision.CLARIFY: costs.asking + costs.missed * (1 - found_by_asking),
        Decision.OOS: costs.missed * (1 - scope["oos"]),
        Decision.CHITCHAT: costs.missed * (1 - scope["chitchat"]),
        Decision.HANDOFF: costs.missed * (1 - scope["handoff"]),
    }
    decision = min(expected, key=lambda d: expected[d])
    candidates: tuple[Candidate, ...] = ()
    if decision is Decision.ANSWER:
        candidates = _candidates(items[:3], titles)
    elif decision is Decision.CLARIFY:
        candidates = _candidates(offered, titles)
    topic = "followup" if decision is Decision.CLARIFY and scope["followup"] > scope["clarify"] + top else ""
    if decision.value in best_topic:
        topic = best_topic[decision.value][1]
    return Query(
        text=text,
        decision=decision,
        items=candidates,
        facets=tuple(facets) if decision in (Decision.ANSWER, Decision.CLARIFY) else (),
        applicant=applicant,
        topic=topic,
        names_item=decision is Decision.ANSWER and scope["followup"] < top,
    )


def _candidates(items: Sequence[tuple[float, str]], titles: Mapping[str, str]) -> tuple[Candidate, ...]:
    return tuple(Candidate(name, titles[name], float(p)) for p, name in items)


def choose_facets(margins: Mapping[str, float], threshold: float) -> tuple[str, ...]:
    """Return the facets above *threshold*, most certain first; the most certain alone where none is.

    Overview is what is asked when nothing is named: beside a named facet it says nothing.
    """
    ranked = sorted(margins, key=lambda name: -margins[name])
    chosen = [name for name in ranked if margins[name] > threshold] or ranked[:1]
    named = [name for name in chosen if name != OVERVIEW]
    return tuple(named if named and chosen[0] != OVERVIEW else chosen[:1] if chosen[0] == OVERVIEW else chosen)
