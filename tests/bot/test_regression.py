"""The regression gate: the development sets are understood about as well as when the model was last changed.

`python -m bot evaluate` says why where one of these fails. The floors stand a little below what was measured.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from bot.evaluation.scores import Score, score_dialogues, score_questions, score_real, score_scope
from bot.settings import load_settings
from knowledge.vocabulary import load_vocabulary
from knowledge.vocabulary.look_alikes import load_look_alikes

if TYPE_CHECKING:
    from bot.runtime.engine import Engine


def labels(name: str) -> list[dict[str, Any]]:
    """Return the labels of a development set; they lie beside the project, not in it."""
    path = load_settings().evaluation_sets / f"{name}_dev.jsonl"
    if not path.exists():
        pytest.skip(f"no evaluation sets at {path.parent}")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def understood(engine: Engine, texts: list[str]) -> list[dict[str, Any]]:
    async def run() -> list[dict[str, Any]]:
        return [(await engine.understand(text)).as_json() for text in texts]

    return asyncio.run(run())


def scored(engine: Engine, name: str) -> Score:
    given = labels(name)
    said = understood(engine, [" ".join(label["q"].split()) for label in given])
    return {"questions": score_questions, "real": score_real, "scope": score_scope}[name](given, said)


def test_questions_are_understood(engine: Engine) -> None:
    figures = scored(engine, "questions").figures
    assert figures["score"] >= 0.94, figures
    assert figures["wrong"] <= 0.035, figures
    assert figures["top3"] >= 0.97, figures
    assert figures["facet_f1"] >= 0.94, figures


def test_what_is_out_of_the_guide_is_known_to_be(engine: Engine) -> None:
    figures = scored(engine, "scope").figures
    assert figures["good"] >= 0.9, figures
    assert figures["oos_answered"] <= 0.05, figures


def test_questions_of_the_public_are_understood(engine: Engine) -> None:
    figures = scored(engine, "real").figures
    assert figures["score"] >= 0.74, figures
    assert figures["wrong"] <= 0.09, figures


def test_conversations_go_as_their_authors_expected(engine: Engine) -> None:
    given = labels("dialogues")

    async def run() -> list[dict[str, Any]]:
        return [await engine.turn(f"gate-{label['id']}", turn["user"]) for label in given for turn in label["turns"]]

    figures = score_dialogues(given, asyncio.run(run())).figures
    assert figures["turns"] >= 0.87, figures
    assert figures["whole"] >= 0.5, figures


def test_look_alikes_are_told_apart(engine: Engine) -> None:
    """Messages that differ in what separates two items; nobody trained on them."""
    groups = load_look_alikes([entry.id for entry in load_vocabulary().catalogue])
    contrast = [pair for group in groups for pair in group.contrast]
    said = understood(engine, [text for _, text in contrast])
    first = [
        bool(query["items"]) and query["items"][0]["id"] == item
        for (item, _), query in zip(contrast, said, strict=True)
    ]
    assert sum(first) / len(first) >= 0.8, [text for (_, text), good in zip(contrast, first, strict=True) if not good]
