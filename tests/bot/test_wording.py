"""What we say: every sentence that code asks for is there, plain and short, and nothing is kept that nobody says."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest
import yaml

import bot.wording
from bot.query import FACET_NAMES
from bot.settings import ROOT, load_settings
from bot.understanding.messages import load_messages
from bot.wording import Wording, WordingError
from knowledge.vocabulary import Vocabulary

FILE = Path(bot.wording.__file__).parent / "zh.yml"
ALL = yaml.safe_load(FILE.read_text(encoding="utf-8"))
SENTENCES: dict[str, str] = {key: text for key, text in ALL.items() if key != "facets"}
FILLED = {
    "office": "某市社会保险事业管理中心",
    "city": "某市",
    "number": 1,
    "title": "某事项",
    "count": 3,
    "facet": "办理材料",
    "phones": "0999-1234567",
    "lines": "11–12",
    "date": "2022-12-31",
    "limit": 500,
    "question": "您的卡怎么了？",
    "when": "卡丢了",
}


def keys_in_code() -> dict[str, str]:
    """Return every key that code names, and where: arguments of say() and has(), and keys chosen beforehand."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "bot").rglob("*.py")) + sorted((ROOT / "actions").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "say":
                found |= dict.fromkeys(constants(node.args[0]), f"{path.name}:{node.lineno}")
            elif isinstance(node, ast.Assign) and any(ast.unparse(target) == "key" for target in node.targets):
                found |= dict.fromkeys(constants(node.value), f"{path.name}:{node.lineno}")
    return found


def constants(node: ast.expr) -> list[str]:
    """Return the texts that an expression may come to: a constant, or both sides of a condition."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    return [*constants(node.body), *constants(node.orelse)] if isinstance(node, ast.IfExp) else []


def test_every_key_that_code_names_has_a_sentence(wording: Wording) -> None:
    named = keys_in_code()
    assert {"silent", "silent_picture", "source", "expired", "clarify", "too_long", "greeting"} <= set(named)
    assert not [f"{place}: {key}" for key, place in named.items() if not wording.has(key)]


def test_every_kind_of_small_talk_and_hand_over_has_a_sentence(wording: Wording, vocabulary: Vocabulary) -> None:
    messages = load_messages(load_settings().nlu_data, frozenset(entry.id for entry in vocabulary.catalogue))
    wanted = {m.topic if m.scope == "chitchat" else m.intent for m in messages if m.scope in ("chitchat", "handoff")}
    assert not {key for key in wanted if not wording.has(key)}


def test_every_facet_has_a_name(wording: Wording) -> None:
    assert all(wording.facet(name) for name in FACET_NAMES)


@pytest.mark.parametrize("key", SENTENCES)
def test_a_sentence_can_be_filled_in(wording: Wording, key: str) -> None:
    said = wording.say(key, **FILLED)
    assert said.strip()
    assert "{" not in said


@pytest.mark.parametrize("key", SENTENCES)
def test_sentences_are_short(key: str) -> None:
    """Nobody at a counter listens to more than sixty characters without a stop, nor to more than four sentences."""
    plain = re.sub(r"\{[a-z]+\}", "", SENTENCES[key])
    sentences = [part for part in re.split(r"[。？]", plain) if part]
    assert max(len(part) for part in sentences) <= 60
    assert len(sentences) <= 4
    assert len(plain) <= 120


@pytest.mark.parametrize("key", SENTENCES)
def test_nothing_is_shouted_and_everybody_is_addressed_politely(key: str) -> None:
    assert not re.search(r"[！!]", SENTENCES[key])
    assert "你" not in SENTENCES[key]


@pytest.mark.parametrize("key", SENTENCES)
def test_no_fact_of_the_guide_stands_in_a_sentence(key: str) -> None:
    assert not re.search(r"\d{4}-\d{7}|\d个工作日|https?:|www\.|\d+号", SENTENCES[key])


def test_every_name_in_braces_is_one_that_is_filled_in() -> None:
    names = {name for text in SENTENCES.values() for _, name, _, _ in string.Formatter().parse(text) if name}
    assert names <= set(FILLED)


def test_a_wrong_key_or_a_missing_value_is_an_error_at_once(wording: Wording) -> None:
    with pytest.raises(WordingError, match="no_such_key"):
        wording.say("no_such_key")
    with pytest.raises(WordingError, match="number"):
        wording.say("choice", title="某事项")


def test_no_sentence_is_kept_that_nobody_says() -> None:
    said = set(keys_in_code())
    unsaid = [key for key in SENTENCES if key not in said and not re.match(r"oos_|handoff_", key)]
    talk = {"thanks", "goodbye", "praise", "sorry_bot", "about", "acknowledge", "smalltalk"}
    assert set(unsaid) <= talk
