"""Scores of labelled sets: right, asked, wrong, missed; and what a set's last line says."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Labels = Mapping[str, Any]
Predictions = Mapping[str, Any]


@dataclass(frozen=True)
class Score:
    """A set's figures: a table by kind, the misjudged messages, and the closing line."""

    table: tuple[str, ...]
    misjudged: tuple[dict[str, Any], ...]
    figures: dict[str, float]
    closing: str


def outcome(label: Labels, prediction: Predictions) -> str:
    """Return right, asked, wrong or missed for a question whose items are labelled."""
    ids = _ids(prediction)
    if prediction["decision"] == "answer":
        return "right" if ids and ids[0] in label["items"] else "wrong"
    asked = prediction["decision"] == "clarify" and set(ids) & set(label["items"])
    return "asked" if asked else "missed"


def score_questions(labels: Sequence[Labels], predictions: Sequence[Predictions], name: str = "questions") -> Score:
    """Score questions: right plus half of asked; facets are compared where the item is right and the label has some."""
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    facets: list[tuple[set[str], set[str]]] = []
    misjudged: list[dict[str, Any]] = []
    top = 0
    for label, prediction in zip(labels, predictions, strict=True):
        result = outcome(label, prediction)
        for kind in (label.get("kind", "all"), "ALL"):
            kinds[kind][result] += 1
        top += bool(set(_ids(prediction)[:3]) & set(label["items"]))
        if result == "right":
            if label["facets"]:
                facets.append((set(label["facets"]), set(prediction["facets"])))
        else:
            misjudged.append({"outcome": result, **dict(label), "got": _short(prediction)})
    n = len(labels)
    total = kinds["ALL"]
    figures = {
        "score": (total["right"] + total["asked"] / 2) / n,
        "wrong": total["wrong"] / n,
        "top3": top / n,
        "facet_f1": _f1(facets),
        "facet_exact": sum(a == b for a, b in facets) / max(1, len(facets)),
    }
    table = tuple(_question_row(kind, count) for kind, count in sorted(kinds.items()))
    return Score(table, tuple(misjudged), figures, _closing(name, figures, n))


def score_scope(labels: Sequence[Labels], predictions: Sequence[Predictions], name: str = "scope") -> Score:
    """Score decisions: as expected or as good; a clarify must offer an acceptable item."""
    expected: dict[str, Counter[str]] = defaultdict(Counter)
    misjudged: list[dict[str, Any]] = []
    for label, prediction in zip(labels, predictions, strict=True):
        wanted, got = label["expect"], prediction["decision"]
        good = got == wanted
        if wanted == "clarify" or (wanted == "answer" and label.get("items")):
            first = _ids(prediction)[:1] if wanted == "answer" else _ids(prediction)
            good = good and bool(set(first) & set(label["items"]))
        good = good or got in label.get("also", ())
        expected[wanted][got] += 1
        expected[wanted]["good"] += good
        if not good:
            misjudged.append({**dict(label), "got": _short(prediction)})
    n = len(labels)
    oos = expected.get("oos", Counter())
    asked = sum(count for got, count in oos.items() if got != "good")
    figures = {
        "good": sum(count["good"] for count in expected.values()) / n,
        "oos_answered": oos["answer"] / max(1, asked),
    }
    table = tuple(_scope_row(wanted, count) for wanted, count in sorted(expected.items()))
    return Score(table, tuple(misjudged), figures, _closing(name, figures, n))


def score_real(labels: Sequence[Labels], predictions: Sequence[Predictions], name: str = "real") -> Score:
    """Score questions of the public, of which some are out of the guide or must be asked back.

    Right is the decision expected, with an acceptable item first where it is an answer and among the choices where it
    asks back. Half right is asking back for an acceptable item, and answering with one where asking was expected. Wrong
    is an answer with an item that is not acceptable, or to what the guide does not answer.
    """
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    misjudged: list[dict[str, Any]] = []
    for label, prediction in zip(labels, predictions, strict=True):
        wanted, got = label["expect"], prediction["decision"]
        result = outcome(label, prediction) if wanted != "oos" else ("wrong" if got == "answer" else "missed")
        if wanted == "oos" and got == "oos":
            result = "right"
        elif wanted == "clarify" and result in ("right", "asked"):
            result = {"right": "asked", "asked": "right"}[result]
        for kind in (wanted, "ALL"):
            kinds[kind][result] += 1
        if result != "right":
            misjudged.append({"outcome": result, **dict(label), "got": _short(prediction)})
    n, total, answers = len(labels), kinds["ALL"], kinds.get("answer", Counter())
    figures = {
        "score": (total["right"] + total["asked"] / 2) / n,
        "wrong": total["wrong"] / n,
        "good": total["right"] / n,
        "answers": (answers["right"] + answers["asked"] / 2) / max(1, sum(answers.values())),
    }
    table = tuple(_question_row(kind, count) for kind, count in sorted(kinds.items()))
    return Score(table, tuple(misjudged), figures, _closing(name, figures, n))


def score_dialogues(labels: Sequence[Labels], replies: Sequence[Predictions]) -> Score:
    """Score conversations: turns as expected, and how many conversations are so in every turn."""
    left = iter(replies)
    whole = good_turns = turns = 0
    misjudged: list[dict[str, Any]] = []
    for label in labels:
        all_good = True
        for turn in label["turns"]:
            reply = next(left)
            good = _turn_is_good(turn, reply)
            turns += 1
            good_turns += good
            all_good = all_good and good
            if not good:
                misjudged.append({"id": label["id"], **turn, "got": _short(reply)})
        whole += all_good
    figures = {"turns": good_turns / turns, "whole": whole / len(labels)}
    return Score((), tuple(misjudged), figures, _closing("dialogues", figures, len(labels)))


def _turn_is_good(turn: Labels, reply: Predictions) -> bool:
    if reply["decision"] != turn["expect"]:
        return False
    ids = _ids(reply)
    if turn["expect"] == "answer":
        return bool(set(ids[:1]) & set(turn["items"])) and (
            not turn["facets"] or bool(set(turn["facets"]) & set(reply["facets"]))
        )
    return turn["expect"] != "clarify" or not turn["items"] or bool(set(ids) & set(turn["items"]))


def macro_f1(wanted: Sequence[str], got: Sequence[str]) -> float:
    """Return the mean F1 over the classes that occur among *wanted*."""
    scores = []
    for name in set(wanted):
        hit = sum(a == b == name for a, b in zip(wanted, got, strict=True))
        scores.append(2 * hit / (wanted.count(name) + got.count(name)))
    return sum(scores) / len(scores)


def _f1(pairs: Iterable[tuple[set[str], set[str]]]) -> float:
    hit = total = 0
    for wanted, got in pairs:
        hit += len(wanted & got)
        total += len(wanted) + len(got)
    return 2 * hit / total if total else 1.0


def _question_row(kind: str, count: Counter[str]) -> str:
    n = sum(count.values())
    parts = " ".join(f"{name} {count[name] / n:6.1%}" for name in ("right", "asked", "wrong", "missed"))
    return f"{kind:12} n {n:5} {parts} score {(count['right'] + count['asked'] / 2) / n:6.1%}"


def _scope_row(wanted: str, count: Counter[str]) -> str:
    n = sum(value for name, value in count.items() if name != "good")
    got = " ".join(f"{name} {value}" for name, value in count.most_common() if name != "good")
    return f"{wanted:12} n {n:5} good {count['good'] / n:6.1%} ({got})"


def _closing(name: str, figures: Mapping[str, float], n: int) -> str:
    return f"{name}: " + " ".join(f"{key} {value:.4f}" for key, value in figures.items()) + f" n {n}"


def _ids(prediction: Predictions) -> list[str]:
    return [item["id"] for item in prediction["items"]]


def _short(prediction: Predictions) -> dict[str, Any]:
    items = {item["id"]: item["confidence"] for item in prediction["items"][:3]}
    return {"decision": prediction["decision"], "items": items, "facets": prediction["facets"]}
