"""What we say: every sentence that code asks for is there, plain and short, and nothing is kept that nobody says."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path
from typing import TypeGuard, get_args

import pytest
import yaml

import bot.wording
from bot.query import FACET_NAMES
from bot.records.outcomes import Outcome
from bot.settings import ROOT, load_settings
from bot.understanding.messages import load_messages
from bot.wording import Wording, WordingError, load_wording
from knowledge.values.materials import Form
from knowledge.vocabulary import Vocabulary

FOLDER = Path(bot.wording.__file__).parent
ALL = yaml.safe_load((FOLDER / "zh.yml").read_text(encoding="utf-8"))
SENTENCES: dict[str, str] = {key: text for key, text in ALL.items() if key not in ("facets", "next_facets")}
SHORTER: dict[str, str] = yaml.safe_load((FOLDER / "elder.yml").read_text(encoding="utf-8"))
SAID = [*SENTENCES.items(), *((f"{key} for elders", text) for key, text in SHORTER.items())]
each_sentence = pytest.mark.parametrize("sentence", [text for _, text in SAID], ids=[key for key, _ in SAID])
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
    "label": "个人办",
    "ticket": "0601-003",
    "ahead": 2,
    "complaint_phone": "0999-1234567",
    "hours": "09:00到12:00",
    "parts": "，交原件的 3 样",
    "opens": "09:00",
    "closes": "12:00",
    "time": "09:00",
    "since": "10天",
    "first": "2026年6月8日（星期一）",
    "last": "2026年3月",
    "months": 12,
    "term": "统筹地区",
    "means": "社保钱一起管的地方。",
    "year": 2026,
    "month": 6,
    "day": 1,
    "weekday": "一",
}


WITH_COPY_OF_THEIR_OWN = ("doctor", "figures", "telegram", "wechat")
"""Rooms of bot/ whose sentences stand in files of their own beside zh.yml."""


def keys_in_code() -> dict[str, str]:
    """Return every key of zh.yml that code names, and where."""
    ours = sorted((ROOT / "bot").rglob("*.py"))
    ours = [path for path in ours if path.relative_to(ROOT / "bot").parts[0] not in WITH_COPY_OF_THEIR_OWN]
    return keys_in([*ours, *sorted((ROOT / "actions").rglob("*.py"))])


def keys_in(paths: list[Path]) -> dict[str, str]:
    """Return the keys that code names, and where: arguments of say(), keys and notes chosen beforehand, and keys that
    the dialogue returns with what they introduce."""
    found: dict[str, str] = {}
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "say":
                found |= dict.fromkeys(constants(node.args[0]), f"{path.name}:{node.lineno}")
            elif _assigns(node, "key"):
                found |= dict.fromkeys(constants(node.value), f"{path.name}:{node.lineno}")
            elif path.parent.name == "dialogue" and _assigns(node, "notes"):
                found |= dict.fromkeys(texts_in(node.value), f"{path.name}:{node.lineno}")
            elif path.parent.name == "dialogue" and isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
                found |= dict.fromkeys(constants(node.value.elts[0]), f"{path.name}:{node.lineno}")
    return found


def _assigns(node: ast.AST, name: str) -> TypeGuard[ast.Assign]:
    return isinstance(node, ast.Assign) and any(ast.unparse(target) == name for target in node.targets)


def texts_in(node: ast.AST) -> set[str]:
    """Return every text that stands in a piece of code."""
    inner = ast.walk(node)
    return {part.value for part in inner if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def constants(node: ast.expr) -> list[str]:
    """Return the texts that an expression may come to: a constant, or both sides of a condition."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    return [*constants(node.body), *constants(node.orelse)] if isinstance(node, ast.IfExp) else []


def test_every_key_that_code_names_has_a_sentence(wording: Wording) -> None:
    named = keys_in_code()
    assert {"silent", "silent_picture", "source", "expired", "clarify", "too_long", "greeting"} <= set(named)
    assert not [f"{place}: {key}" for key, place in named.items() if not wording.has(key)]


@pytest.mark.parametrize("room", WITH_COPY_OF_THEIR_OWN)
def test_every_key_of_other_copy_has_a_sentence(wording: Wording, room: str) -> None:
    files = [path for path in (ROOT / "bot" / "wording").rglob("*.yml") if path.name not in ("zh.yml", "elder.yml")]
    copy = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in files]
    known = {key for part in copy if isinstance(part, dict) for key in part}
    named = keys_in(sorted((ROOT / "bot" / room).rglob("*.py")))
    assert named
    assert not [f"{place}: {key}" for key, place in named.items() if key not in known and not wording.has(key)]


def test_every_kind_of_small_talk_and_hand_over_has_a_sentence(wording: Wording, vocabulary: Vocabulary) -> None:
    messages = load_messages(load_settings().nlu_data, frozenset(entry.id for entry in vocabulary.catalogue))
    wanted = {m.topic if m.scope == "chitchat" else m.intent for m in messages if m.scope in ("chitchat", "handoff")}
    assert not {key for key in wanted if not wording.has(key)}


def test_every_facet_has_a_name_and_a_question_of_its_own(wording: Wording) -> None:
    assert set(ALL["facets"]) == set(ALL["next_facets"]) == set(FACET_NAMES)
    assert len({wording.facet(name) for name in FACET_NAMES}) == len(FACET_NAMES)
    assert len({wording.next_facet(name) for name in FACET_NAMES}) == len(FACET_NAMES)


@pytest.mark.parametrize("elder", [False, True])
@pytest.mark.parametrize("key", SENTENCES)
def test_a_sentence_can_be_filled_in(key: str, elder: bool) -> None:
    said = load_wording(elder).say(key, **FILLED)
    assert said.strip()
    assert "{" not in said


@each_sentence
def test_sentences_are_short(sentence: str) -> None:
    """Nobody at a counter listens to more than sixty characters without a stop, nor to more than four sentences."""
    plain = re.sub(r"\{[a-z_]+\}", "", sentence)
    sentences = [part for part in re.split(r"[。？]", plain) if part]
    assert max(len(part) for part in sentences) <= 60
    assert len(sentences) <= 4
    assert len(plain) <= 120


@each_sentence
def test_nothing_is_shouted_and_everybody_is_addressed_politely(sentence: str) -> None:
    assert not re.search(r"[！!]", sentence)
    assert "你" not in sentence


@each_sentence
def test_no_fact_of_the_guide_stands_in_a_sentence(sentence: str) -> None:
    assert not re.search(r"\d{4}-\d{7}|\d个工作日|https?:|www\.|\d+号", sentence)


def names_in(sentence: str) -> set[str]:
    """Return the names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_every_name_in_braces_is_one_that_is_filled_in() -> None:
    assert set().union(*map(names_in, SENTENCES.values())) == set(FILLED)


@pytest.mark.parametrize("key", SHORTER)
def test_for_elders_a_sentence_is_shorter_and_asks_for_nothing_more_to_fill_in(key: str) -> None:
    assert key in SENTENCES
    assert len(SHORTER[key]) < len(SENTENCES[key])
    assert names_in(SHORTER[key]) <= names_in(SENTENCES[key])


def test_for_elders_all_that_has_no_shorter_sentence_is_said_as_it_is(wording: Wording) -> None:
    elder = load_wording(elder=True)
    said = {key: (elder.say(key, **FILLED), wording.say(key, **FILLED)) for key in SENTENCES}
    assert {key for key, (shorter, usual) in said.items() if shorter != usual} == set(SHORTER)
    assert sum(len(shorter) for shorter, _ in said.values()) < sum(len(usual) for _, usual in said.values())


def test_a_wrong_key_or_a_missing_value_is_an_error_at_once(wording: Wording) -> None:
    with pytest.raises(WordingError, match="no_such_key"):
        wording.say("no_such_key")
    with pytest.raises(WordingError, match="number"):
        wording.say("choice", title="某事项")


def test_no_sentence_is_kept_that_nobody_says(vocabulary: Vocabulary) -> None:
    messages = load_messages(load_settings().nlu_data, frozenset(entry.id for entry in vocabulary.catalogue))
    topics = {message.topic for message in messages if message.scope in ("oos", "chitchat", "handoff")}
    for path in (ROOT / "bot" / "dialogue").glob("*.py"):
        topics |= texts_in(ast.parse(path.read_text(encoding="utf-8")))
    chosen = [*(f"outcome_{outcome}" for outcome in Outcome), *(f"papers_{form}" for form in get_args(Form))]
    said = {*keys_in_code(), *chosen}
    unsaid = [key for key in SENTENCES if key not in said and re.sub(r"^(oos|handoff)_", "", key) not in topics]
    assert not unsaid
