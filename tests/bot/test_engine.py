"""The engine as every channel uses it: facts word for word, sessions apart, every turn recorded, nothing raised."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.answering.compose import Composer
from bot.answering.messages import Answer
from bot.query import FACET_NAMES, OVERVIEW, Decision
from bot.records.database import Database
from bot.records.outcomes import Outcome, TurnRecord
from bot.runtime.training import model_digest
from bot.settings import load_settings
from knowledge.export import export_fact
from knowledge.model import Facet
from knowledge.vocabulary import load_vocabulary
from tests.bot.conftest import Say, Turn
from tests.bot.databases import everything_in, number_of_rows
from tests.bot.engines import Resident, eventually, item_of, new_url, newcomer, opened, stored_texts

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

ITEM_IDS = [entry.id for entry in load_vocabulary().catalogue]
DECISIONS = {decision.value for decision in Decision}
INSISTENT = "社保卡" * 170
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return new_url(tmp_path_factory.mktemp("engine"))


@pytest.fixture(scope="module")
def engine(url: str) -> Iterator[Engine]:
    with opened(url) as engine:
        yield engine


@pytest.fixture
def resident(engine: Engine) -> Resident:
    return newcomer(engine)


def squash(text: str) -> str:
    return "".join(text.split())


# ---------------------------------------------------------------- the guide's words


@pytest.mark.parametrize("item_id", ITEM_IDS)
def test_every_facet_of_an_item_shows_the_bases_facts_and_no_others(engine: Engine, item_id: str) -> None:
    at_hand = engine.services
    item = at_hand.base.by_id[item_id]
    composer = Composer(at_hand.wording, at_hand.now().date())
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
        text = "\n".join(m.text for m in Composer(at_hand.wording, at_hand.now().date()).answer(item, [facet.value]))
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
        assert answer["item"]["id"] == item_id
        facts = [export_fact(fact) for fact in engine.services.base.by_id[item_id].facts_on(Facet(answer["facet"]))]
        shown = [fact for fact in facts if fact in answer["facts"]]
        assert answer["facts"] == shown
        # What is left out depends on an answer that is asked for in the same turn.
        assert shown == facts or turn["messages"][-1]["type"] == "choices"


def test_a_turn_has_the_contracts_form(say: Say) -> None:
    turn = say("工伤认定要多久")
    assert list(turn) == ["session", "decision", "items", "facets", "applicant", "messages", "seq"]
    assert set(turn["items"][0]) == {"id", "title", "confidence"}
    assert all({"type", "text"} <= set(message) and "turn" not in message for message in turn["messages"])
    assert json.loads(json.dumps(turn)) == turn


def test_a_hand_over_names_a_number_to_call(say: Say) -> None:
    assert "phone" in [message["type"] for message in say("转人工")["messages"]]


# ---------------------------------------------------------------- sessions


def test_understanding_touches_no_session(engine: Engine, url: str, resident: Resident) -> None:
    resident.say("失业金在哪里领")
    query = asyncio.run(engine.understand("工伤认定要多久"))
    assert query.items[0].id == "injury_determination"
    assert eventually(lambda: stored_texts(url, resident.session) == ["失业金在哪里领"])
    assert item_of(resident.say("要什么材料")) == "unemployment_benefit_claim"


def test_understanding_is_the_same_every_time(engine: Engine) -> None:
    first, second = (asyncio.run(engine.understand("社保断缴了怎么补")) for _ in range(2))
    assert first == second


def test_two_sessions_do_not_mix(new_session: Callable[[], Say]) -> None:
    anna, bo = new_session(), new_session()
    anna("失业金在哪里领")
    bo("工伤认定要多久")
    assert item_of(anna("要什么材料")) == "unemployment_benefit_claim"
    assert item_of(bo("要什么材料")) == "injury_determination"


def test_sessions_at_the_same_time_do_not_mix(engine: Engine) -> None:
    questions = {f"at-once-{number}": QUESTIONS[number % 4] for number in range(12)}

    async def ask(texts: dict[str, str]) -> list[Turn]:
        return await asyncio.gather(*(engine.turn(session, text) for session, text in texts.items()))

    asyncio.run(ask({session: text for session, (text, _, _) in questions.items()}))
    turns = asyncio.run(ask(dict.fromkeys(questions, "电话多少")))
    assert [turn["session"] for turn in turns] == list(questions)
    assert [turn["items"][0]["id"] for turn in turns] == [item_id for _, item_id, _ in questions.values()]


def test_a_conversation_is_one_row_that_holds_its_last_turns(engine: Engine, url: str, resident: Resident) -> None:
    for text in ("失业金在哪里领", *["谢谢"] * 20):
        resident.say(text)
    assert eventually(lambda: len(stored_texts(url, resident.session)) == 12)
    assert set(stored_texts(url, resident.session)) == {"谢谢"}
    with closing(Database.open(url)) as database, database.engine.begin() as connection:
        rows = sa.text("SELECT count(*) FROM conversations WHERE session = :session")
        assert connection.execute(rows, {"session": resident.session}).scalar_one() == 1


def test_who_goes_on_after_half_an_hour_of_silence_is_told_about_what(engine: Engine, resident: Resident) -> None:
    at_hand = engine.services
    before = at_hand.now() - timedelta(minutes=31)
    engine.services = dataclasses.replace(at_hand, now=lambda: before)
    try:
        resident.say("失业金在哪里领")
    finally:
        engine.services = at_hand
    turn = resident.say("收费吗")
    assert item_of(turn) == "unemployment_benefit_claim"
    assert engine.services.wording.say("picked_up_again") in [message["text"] for message in turn["messages"]]


def test_an_elder_is_answered_with_the_same_facts(engine: Engine) -> None:
    young, old = newcomer(engine).session, newcomer(engine).session
    text = "失业金在哪里领"
    turns = [asyncio.run(engine.turn(young, text)), asyncio.run(engine.turn(old, text, elder=True))]
    facts = [[message["facts"] for message in turn["messages"] if message["type"] == "answer"] for turn in turns]
    assert facts[0] == facts[1] != []


# ---------------------------------------------------------------- records

ENDINGS = [
    (["失业金在哪里领"], Outcome.ANSWERED),
    (["工伤认定的流程是什么"], Outcome.PARTLY_ANSWERED),
    (["失业金领取要带什么材料"], Outcome.NARROWED),
    (["失业金领取要带什么材料", "2"], Outcome.NARROWED),
    (["失业金领取要带什么材料", "全部"], Outcome.ANSWERED),
    (["社保卡"], Outcome.CLARIFIED),
    (["公积金怎么提取"], Outcome.NOT_IN_GUIDE),
    (["一次性扩岗补助怎么申请"], Outcome.EXPIRED_POLICY),
    (["我的养老金到账没有"], Outcome.OWN_RECORD),
    (["我要投诉你们窗口的工作人员态度太差"], Outcome.COMPLAINT),
    (["我不想活了"], Outcome.CRISIS),
    (["你好"], Outcome.SMALL_TALK),
    (["转人工"], Outcome.HANDED_OFF),
    (["转人工", "13977700001"], Outcome.HANDED_OFF),
    (["转人工", "取消"], Outcome.SMALL_TALK),
    (["转人工", "失业金在哪里领"], Outcome.ANSWERED),
    (["？？？"], Outcome.UNREADABLE),
    (["？？？", "……", "！！！"], Outcome.HANDED_OFF),
]


@pytest.mark.parametrize(("texts", "outcome"), ENDINGS)
def test_every_turn_leaves_one_record_that_says_how_it_ended(
    engine: Engine, resident: Resident, texts: list[str], outcome: Outcome
) -> None:
    for text in texts[:-1]:
        resident.say(text)
    since = engine.services.now()
    turn = resident.say(texts[-1])
    assert eventually(lambda: bool(engine.outcomes.read(since)))
    (record,) = engine.outcomes.read(since)
    assert record == TurnRecord(
        session=record.session,
        at=record.at,
        outcome=outcome,
        decision=Decision(turn["decision"]),
        items=tuple((item["id"], item["confidence"]) for item in turn["items"]),
        facets=tuple(turn["facets"]),
        edition=engine.services.base.document.edition,
        model=model_digest(load_settings()),
        channel="terminal",
    )


def test_a_turn_in_which_a_clerk_has_the_conversation_is_recorded_as_silent(engine: Engine, resident: Resident) -> None:
    number = resident.say("转人工")["messages"][0]["ticket"]
    engine.desk.take(number, "李敏", engine.services.now())
    since = engine.services.now()
    resident.say("失业金在哪里领")
    assert eventually(lambda: [turn.outcome for turn in engine.outcomes.read(since)] == [Outcome.SILENT])


def test_every_outcome_is_the_end_of_some_turn() -> None:
    told = {outcome for _, outcome in ENDINGS} | {Outcome.SILENT}
    assert told == set(Outcome) - {Outcome.FAILED}  # tests/bot/test_faults.py lets turns fail


def test_records_hold_neither_words_nor_sessions(engine: Engine, url: str, resident: Resident) -> None:
    said = ["失业金在哪里领", "我叫韦秋月，住在康熙岭镇"]
    since = engine.services.now()
    for text in said:
        resident.say(text)
    assert eventually(lambda: len(engine.outcomes.read(since)) == len(said))
    with closing(Database.open(url)) as database, database.engine.begin() as connection:
        kept = "\n".join(str(tuple(row)) for row in connection.execute(sa.text("SELECT * FROM outcomes")))
    assert "unemployment_benefit_claim" in kept
    assert not [word for word in (*said, "韦秋月", resident.session) if word in kept]


def test_who_is_erased_is_nowhere_in_the_database_and_begins_anew(engine: Engine, url: str) -> None:
    resident, other = newcomer(engine), newcomer(engine)
    other.say("工伤认定要多久")
    since = engine.services.now()
    for text in ("失业金在哪里领", "我叫农丽娟", "转人工", "13877712345"):
        resident.say(text)
    assert eventually(lambda: len(engine.outcomes.read(since)) == 4)
    asyncio.run(engine.erase(resident.session))
    with closing(Database.open(url)) as database:
        kept = everything_in(database.engine)
    assert not [word for word in (resident.session, "农丽娟", "13877712345") if word in kept]
    assert engine.outcomes.read(since) == []
    assert resident.say("收费吗")["decision"] != "answer"
    assert item_of(other.say("收费吗")) == "injury_determination"


def test_who_is_erased_in_the_middle_of_a_turn_does_not_come_back(engine: Engine, url: str, resident: Resident) -> None:
    since = engine.services.now()

    async def erase_at_once() -> None:
        turn = asyncio.create_task(engine.turn(resident.session, "失业金在哪里领"))
        await asyncio.sleep(0)
        await engine.erase(resident.session)
        await turn

    asyncio.run(erase_at_once())
    newcomer(engine).say("你好")
    assert eventually(lambda: len(engine.outcomes.read(since)) == 1)
    assert stored_texts(url, resident.session) == []


def test_what_is_older_than_the_settings_keep_it_is_forgotten(tmp_path: Path) -> None:
    url = new_url(tmp_path)
    with opened(url) as engine, closing(Database.open(url)) as database:
        resident = newcomer(engine)
        for text in ("转人工", "取消"):
            resident.say(text)
        at_hand = engine.services
        now = at_hand.now()
        left = {}
        for days in (1, 31, 181, 401):
            engine.services = dataclasses.replace(at_hand, now=lambda: now + days * DAY)  # noqa: B023  # called here
            engine.prune()
            tables = ("conversations", "tickets", "outcomes")
            left[days] = [number_of_rows(database.engine, table) for table in tables]
    assert left == {1: [1, 1, 2], 31: [0, 1, 2], 181: [0, 0, 2], 401: [0, 0, 0]}


# ---------------------------------------------------------------- personal numbers

NUMBERS = ["450702199001011234", "45070219900101123X", "6222021234567890123", "13877712345"]


@pytest.mark.parametrize("number", NUMBERS)
def test_personal_numbers_are_not_repeated_to_anybody(engine: Engine, say: Say, number: str) -> None:
    assert number not in json.dumps(say(f"我的号是{number}，失业金在哪里领"))
    assert number not in asyncio.run(engine.understand(f"我的号是{number}，失业金在哪里领")).text


@pytest.mark.parametrize("number", NUMBERS)
def test_personal_numbers_are_kept_nowhere(url: str, resident: Resident, number: str) -> None:
    resident.say(f"我的号是{number}，失业金在哪里领")
    assert eventually(lambda: bool(stored_texts(url, resident.session)))
    with closing(Database.open(url)) as database:
        assert number not in everything_in(database.engine)


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


def test_two_engines_in_one_process_do_not_share_their_desks(
    engine: Engine, resident: Resident, tmp_path: Path
) -> None:
    with opened(new_url(tmp_path)) as other:
        ticket = resident.say("转人工")["messages"][0]["ticket"]
        assert engine.desk.find(ticket) is not None
        assert other.desk.find(ticket) is None
