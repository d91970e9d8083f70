"""What is kept of what was said: each message and reply once, masked, in order, as long as the office keeps it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.desk.ticket import Author
from bot.records.database import Database
from bot.records.transcripts import EntryAuthor, TranscriptStore
from bot.settings import OFFICE_TIME
from tests.bot.conftest import Turn
from tests.bot.databases import KINDS, new_database
from tests.bot.engines import Resident, eventually, new_url, newcomer, opened, refusing_writes

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

QUESTION = "失业金在哪里领"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return new_url(tmp_path_factory.mktemp("transcripts"))


@pytest.fixture(scope="module")
def engine(url: str) -> Iterator[Engine]:
    with opened(url) as engine:
        yield engine


@pytest.fixture
def resident(engine: Engine) -> Resident:
    return newcomer(engine)


def ask(resident: Resident, text: str, message_id: str | None) -> Turn:
    return asyncio.run(resident.engine.turn(resident.session, text, message_id=message_id))


def authors(engine: Engine, session: str) -> list[EntryAuthor]:
    return [entry.author for entry in engine.transcripts.read(session)]


def test_a_turn_leaves_message_and_reply_in_this_order(engine: Engine, resident: Resident) -> None:
    turn = resident.say(QUESTION)
    said, replied = engine.transcripts.read(resident.session)
    assert (said.author, said.text, said.turn) == (EntryAuthor.RESIDENT, QUESTION, None)
    assert (replied.author, replied.seq) == (EntryAuthor.BOT, turn["seq"])
    assert replied.turn is not None
    assert replied.turn["messages"] == turn["messages"]
    assert turn["messages"][0]["text"] in replied.text


def test_entries_are_read_from_a_number_on(engine: Engine, resident: Resident) -> None:
    first = resident.say(QUESTION)["seq"]
    resident.say("收费吗")
    assert next(entry.text for entry in engine.transcripts.read(resident.session, after=first)) == "收费吗"
    assert engine.transcripts.read(resident.session, after=engine.transcripts.last_seq(resident.session)) == []


def test_personal_numbers_are_not_kept(engine: Engine, resident: Resident) -> None:
    resident.say("我的身份证450702199003071234，失业金怎么领")
    assert "450702199003071234" not in "".join(entry.text for entry in engine.transcripts.read(resident.session))


def test_a_repeated_message_gets_the_very_same_reply_and_is_no_turn(engine: Engine, resident: Resident) -> None:
    first = ask(resident, QUESTION, "m-1")
    assert ask(resident, QUESTION, "m-1") == first
    assert authors(engine, resident.session) == [EntryAuthor.RESIDENT, EntryAuthor.BOT]


def test_the_same_words_sent_anew_are_a_turn_of_their_own(engine: Engine, resident: Resident) -> None:
    ask(resident, QUESTION, "m-1")
    ask(resident, QUESTION, "m-2")
    assert len(authors(engine, resident.session)) == 4


def test_a_message_sent_twice_at_once_is_one_turn(engine: Engine, resident: Resident) -> None:
    async def twice() -> list[Turn]:
        turns = (engine.turn(resident.session, QUESTION, message_id="m-1") for _ in range(2))
        return await asyncio.gather(*turns)

    first, second = asyncio.run(twice())
    assert first == second
    assert len(authors(engine, resident.session)) == 2


def test_another_sessions_message_of_the_same_id_is_another_message(engine: Engine) -> None:
    one, other = newcomer(engine), newcomer(engine)
    ask(one, QUESTION, "m-1")
    assert ask(other, "工伤认定要多久", "m-1")["items"][0]["id"] == "injury_determination"


def test_a_repeat_after_a_restart_gets_the_same_reply(tmp_path: Path) -> None:
    url = new_url(tmp_path)
    with opened(url) as engine:
        first = ask(Resident(engine, "anna"), QUESTION, "m-1")
    with opened(url) as engine:
        assert ask(Resident(engine, "anna"), QUESTION, "m-1") == first


def test_a_repeat_while_the_store_refuses_is_no_turn_either(engine: Engine, url: str, resident: Resident) -> None:
    with refusing_writes(url, "transcripts"):
        first = ask(resident, QUESTION, "m-1")
        assert first["seq"] is None
        assert ask(resident, QUESTION, "m-1") == first
    newcomer(engine).say("你好")
    assert eventually(lambda: len(authors(engine, resident.session)) == 2)


def test_a_turn_is_kept_whole_or_not_at_all(engine: Engine, url: str, resident: Resident) -> None:
    since = engine.services.now()
    with refusing_writes(url, "transcripts"):
        resident.say(QUESTION)
        assert engine.outcomes.read(since) == []
    newcomer(engine).say("你好")
    assert eventually(lambda: len(engine.outcomes.read(since)) == 2)


def test_an_agents_words_come_into_the_transcript_once_when_they_are_delivered(
    engine: Engine, resident: Resident
) -> None:
    number = resident.say("转人工")["messages"][0]["ticket"]
    engine.desk.take(number, "李敏", engine.services.now())
    engine.desk.say(number, Author.AGENT, "李敏", "您好", engine.services.now())
    [entry] = asyncio.run(engine.deliver(resident.session))
    assert (entry.author, entry.name, entry.text) == (EntryAuthor.AGENT, "李敏", "您好")
    assert engine.transcripts.read(resident.session)[-1] == entry
    assert asyncio.run(engine.deliver(resident.session)) == []


def test_who_talks_to_a_clerk_is_in_the_transcript_and_the_bot_says_nothing(engine: Engine, resident: Resident) -> None:
    number = resident.say("转人工")["messages"][0]["ticket"]
    engine.desk.take(number, "李敏", engine.services.now())
    resident.say("我想问退休")
    said, replied = engine.transcripts.read(resident.session)[-2:]
    assert said.text == "我想问退休"
    assert (replied.text, (replied.turn or {})["messages"]) == ("", [])


def test_who_is_erased_has_no_transcript(engine: Engine, resident: Resident) -> None:
    resident.say(QUESTION)
    asyncio.run(engine.erase(resident.session))
    assert engine.transcripts.read(resident.session) == []


def test_a_session_that_no_database_can_name_gets_its_answer_and_no_transcript(engine: Engine) -> None:
    turn = Resident(engine, "half\0name").say(QUESTION)
    assert turn["seq"] is None


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_said_too_long_ago_is_forgotten(kind: str, tmp_path: Path) -> None:
    with new_database(kind, tmp_path) as url, closing(Database.open(url)) as database:
        store = TranscriptStore(database)
        now = datetime.now(OFFICE_TIME)
        store.add("anna", now - timedelta(days=40), EntryAuthor.RESIDENT, "旧的")
        kept = store.add("anna", now, EntryAuthor.AGENT, "新的", name="李敏")
        assert store.prune(now - timedelta(days=30)) == 1
        assert [(entry.seq, entry.text, entry.name) for entry in store.read("anna")] == [(kept.seq, "新的", "李敏")]
