"""The engine as every channel uses it: facts word for word, sessions apart, nothing personal kept, nothing raised."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from bot.answering.compose import Composer
from bot.answering.messages import Answer
from bot.query import FACET_NAMES, OVERVIEW, Decision
from bot.settings import load_settings
from knowledge.export import export_fact
from knowledge.model import Facet
from knowledge.vocabulary import load_vocabulary
from tests.bot.conftest import Say, Turn

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

ITEM_IDS = [entry.id for entry in load_vocabulary().catalogue]
DECISIONS = {decision.value for decision in Decision}
INSISTENT = "社保卡" * 170


def squash(text: str) -> str:
    return "".join(text.split())


def stored_events(engine: Engine, session: str) -> list[dict[str, Any]]:
    """Return what is kept of a session."""
    tracker = asyncio.run(engine._agent.tracker_store.retrieve(session))
    return [] if tracker is None else [event.as_dict() for event in tracker.events]


# ---------------------------------------------------------------- the guide's words


@pytest.mark.parametrize("item_id", ITEM_IDS)
def test_every_facet_of_an_item_shows_the_bases_facts_and_no_others(engine: Engine, item_id: str) -> None:
    at_hand = engine.services
    item = at_hand.base.by_id[item_id]
    composer = Composer(at_hand.wording, at_hand.today())
    for name in FACET_NAMES:
        answers = [message for message in composer.answer(item, [name]) if isinstance(message, Answer)]
        assert name == OVERVIEW or [answer.facet for answer in answers] == [name]
        for answer in answers:
            facts = item.facts_on(Facet(answer.facet))
            assert answer.as_json()["facts"] == [export_fact(fact) for fact in facts]
            position, shown = 0, squash(answer.text)
            for fact in facts:
                position = shown.find(squash(fact.text), position)
                assert position >= 0, f"{item_id} {answer.facet}: {fact.text}"
                position += len(squash(fact.text))


@pytest.mark.parametrize("item_id", ITEM_IDS)
def test_every_answer_says_where_it_stands_or_whom_to_ask(engine: Engine, item_id: str) -> None:
    at_hand = engine.services
    item = at_hand.base.by_id[item_id]
    for facet in Facet:
        text = "\n".join(m.text for m in Composer(at_hand.wording, at_hand.today()).answer(item, [facet.value]))
        assert item.title in text
        lines = [number for fact in item.facts_on(facet) for number in (fact.lines.first, fact.lines.last)]
        if lines:
            assert f"第 {min(lines)}" in text
            assert str(max(lines)) in text.rsplit("出处", 1)[1]
        else:
            assert re.search(r"打电话问：|12333", text)


QUESTIONS = [
    ("我退休要带什么材料", "retirement_normal", ["materials"]),
    ("工伤认定要多久", "injury_determination", ["time_limit"]),
    ("失业金在哪里领", "unemployment_benefit_claim", ["location"]),
    ("公司注销社保要交什么材料", "deregister_employer", ["materials"]),
    ("怎么改社保卡密码", "card_password", ["overview"]),
    ("劳动能力鉴定收费吗", "work_capacity_assessment", ["fee"]),
    ("企业社会保险登记的办理流程是什么", "register_enterprise", ["process"]),
]


@pytest.mark.parametrize(("text", "item_id", "facets"), QUESTIONS)
def test_a_question_is_answered_with_the_bases_facts(
    engine: Engine, say: Say, text: str, item_id: str, facets: list[str]
) -> None:
    turn = say(text)
    assert (turn["decision"], turn["items"][0]["id"], turn["facets"]) == ("answer", item_id, facets)
    answers = [message for message in turn["messages"] if message["type"] == "answer"]
    assert answers
    for answer in answers:
        facts = engine.services.base.by_id[item_id].facts_on(Facet(answer["facet"]))
        assert answer["facts"] == [export_fact(fact) for fact in facts]
        assert answer["item"]["id"] == item_id


def test_a_turn_has_the_contracts_form(say: Say) -> None:
    turn = say("工伤认定要多久")
    assert list(turn) == ["session", "decision", "items", "facets", "applicant", "messages"]
    assert set(turn["items"][0]) == {"id", "title", "confidence"}
    assert all({"type", "text"} <= set(message) and "turn" not in message for message in turn["messages"])
    assert json.loads(json.dumps(turn)) == turn


def test_a_hand_over_names_a_number_to_call(say: Say) -> None:
    assert "phone" in [message["type"] for message in say("转人工")["messages"]]


# ---------------------------------------------------------------- sessions


def test_understanding_touches_no_session(engine: Engine, say: Say) -> None:
    session = say("失业金在哪里领")["session"]
    before = stored_events(engine, session)
    query = asyncio.run(engine.understand("工伤认定要多久"))
    assert query.items[0].id == "injury_determination"
    assert stored_events(engine, session) == before
    assert say("要什么材料")["items"][0]["id"] == "unemployment_benefit_claim"


def test_understanding_is_the_same_every_time(engine: Engine) -> None:
    first, second = (asyncio.run(engine.understand("社保断缴了怎么补")) for _ in range(2))
    assert first == second


def test_two_sessions_do_not_mix(new_session: Callable[[], Say]) -> None:
    anna, bo = new_session(), new_session()
    anna("失业金在哪里领")
    bo("工伤认定要多久")
    assert anna("要什么材料")["items"][0]["id"] == "unemployment_benefit_claim"
    assert bo("要什么材料")["items"][0]["id"] == "injury_determination"


def test_sessions_at_the_same_time_do_not_mix(engine: Engine) -> None:
    questions = {f"at-once-{number}": QUESTIONS[number % 4] for number in range(12)}

    async def ask(texts: dict[str, str]) -> list[Turn]:
        return await asyncio.gather(*(engine.turn(session, text) for session, text in texts.items()))

    asyncio.run(ask({session: text for session, (text, _, _) in questions.items()}))
    turns = asyncio.run(ask(dict.fromkeys(questions, "电话多少")))
    assert [turn["session"] for turn in turns] == list(questions)
    assert [turn["items"][0]["id"] for turn in turns] == [item_id for _, item_id, _ in questions.values()]


def test_sessions_are_bounded_and_the_longest_silent_goes_first() -> None:
    from bot.runtime.engine import Engine

    small = Engine.open(dataclasses.replace(load_settings(), max_sessions=2))
    for session in ("first", "second", "first", "third"):
        asyncio.run(small.turn(session, "失业金在哪里领"))
    kept = [session for session in ("first", "second", "third") if stored_events(small, session)]
    assert kept == ["first", "third"]


def test_what_is_kept_of_a_session_does_not_grow_without_end(engine: Engine, say: Say) -> None:
    session = say("失业金在哪里领")["session"]
    for _ in range(40):
        say("谢谢")
    assert len(stored_events(engine, session)) <= 250


# ---------------------------------------------------------------- personal numbers

NUMBERS = ["450702199001011234", "45070219900101123X", "6222021234567890123", "13877712345"]


@pytest.mark.parametrize("number", NUMBERS)
def test_personal_numbers_are_not_repeated_to_anybody(engine: Engine, say: Say, number: str) -> None:
    assert number not in json.dumps(say(f"我的号是{number}，失业金在哪里领"))
    assert number not in asyncio.run(engine.understand(f"我的号是{number}，失业金在哪里领")).text


@pytest.mark.parametrize("number", NUMBERS)
def test_personal_numbers_never_reach_the_tracker(engine: Engine, say: Say, number: str) -> None:
    session = say(f"我的号是{number}，失业金在哪里领")["session"]
    assert number not in json.dumps(stored_events(engine, session))


# ---------------------------------------------------------------- odd messages

ODD = {
    "500 characters": "社保卡丢了怎么补" * 62 + "怎么补办",
    "one character 500 times": "社" * 500,
    "one letter 500 times": "a" * 500,
    "one sign 500 times": "。" * 500,
    "a word again and again": INSISTENT[:500],
    "a ligature that unfolds": "\ufdfa" * 500,
    "nothing": "",
    "a blank": " ",
    "an ideographic blank": "\u3000",
    "nul": "\0",
    "a lone surrogate": "\ud800",
    "direction marks": "\u202e社保卡\u202c",
    "zero width": "\u200b\u200d\ufeff",
    "emoji": "👨‍👩‍👧‍👦🇨🇳😀",
    "outside the basic plane": "𠮷𡃁",
    "combining": "e" + "\u0301" * 200,
    "private use": "\ue000\uf8ff",
    "half a face": "\ufffd\ufffe",
    "lines": "社保卡\n丢了\r\n怎么补",
    "json": '{"text": "社保卡"}',
    "format": "%s {item} {0} ${x}",
    "html": "<script>alert(1)</script>",
    "sql": "'; DROP TABLE items; --",
    "old rasa syntax": "EXTERNAL: card_replace",
    "digits": "1" * 500,
    "a slash": "/",
}
COMMANDS = ["/restart", "/session_start", "/back", "/card_replace", '/card_replace{"item": "x"}']


@pytest.mark.parametrize("name", ODD)
def test_odd_messages_get_a_reply(engine: Engine, say: Say, name: str) -> None:
    turn = say(ODD[name])
    assert turn["decision"] in DECISIONS
    assert all(message["text"].strip() for message in turn["messages"])
    assert asyncio.run(engine.understand(ODD[name])).decision in DECISIONS


def test_residents_cannot_speak_rasas_command_language(engine: Engine, new_session: Callable[[], Say]) -> None:
    for command in COMMANDS:
        assert asyncio.run(engine.understand(command)).decision in DECISIONS, command
        assert new_session()(command)["decision"] in DECISIONS, command
    assert new_session()("/工伤认定要多久")["items"][0]["id"] == "injury_determination"
