"""What breaks while residents talk: each fault is made to happen, and nothing that was said is lost."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.desk.store import TicketStore
from bot.desk.ticket import Ticket
from bot.records.conversations import read_state
from bot.records.database import Connection, Database
from bot.records.outcomes import Outcome, OutcomeStore
from bot.records.turns import KeptTurn, TurnStore
from bot.settings import ROOT, Waits
from bot.wording import Wording
from knowledge.model import KnowledgeBase
from knowledge.store import KnowledgeStore
from tests.bot.conftest import Turn
from tests.bot.databases import everything_in
from tests.bot.engines import (
    Resident,
    built_base,
    eventually,
    item_of,
    locked,
    new_url,
    newcomer,
    opened,
    refusing_writes,
    stored_texts,
    texts_of,
)

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

QUESTION = "失业金在哪里领"
FOLLOW_UP = "收费吗"
ITEM = "unemployment_benefit_claim"
ANOTHER_QUESTION = "工伤认定要多久"
ANOTHER_ITEM = "injury_determination"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return new_url(tmp_path_factory.mktemp("faults"))


@pytest.fixture(scope="module")
def engine(url: str) -> Iterator[Engine]:
    with opened(url, waits=Waits()) as engine:
        yield engine


@pytest.fixture
def resident(engine: Engine) -> Resident:
    return newcomer(engine)


def outcomes_of(url: str, since: datetime) -> list[Outcome]:
    with closing(Database.open(url)) as database:
        return [turn.outcome for turn in OutcomeStore(database).read(since)]


# ---------------------------------------------------------------- the store is locked or full


def test_while_another_process_holds_the_store_replies_come_and_the_thread_goes_on(
    engine: Engine, url: str, resident: Resident
) -> None:
    since = engine.services.now()
    with locked(url) as let_go:
        assert item_of(resident.say(QUESTION)) == ITEM
        assert stored_texts_while_locked(url, resident.session) == []
        assert item_of(resident.say(FOLLOW_UP)) == ITEM
        let_go()
    assert eventually(lambda: stored_texts(url, resident.session) == [QUESTION, FOLLOW_UP])
    assert eventually(lambda: outcomes_of(url, since) == [Outcome.ANSWERED] * 2)


def stored_texts_while_locked(url: str, session: str) -> list[str]:
    """Return what stored_texts does; readers wait for no pen."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        row = connection.execute("SELECT state FROM conversations WHERE session = ?", (session,)).fetchone()
    return [said["text"] for said in json.loads(row[0])["log"]] if row else []


def test_what_a_full_disk_refused_is_stored_with_the_next_turn_of_anybody(
    engine: Engine, url: str, resident: Resident
) -> None:
    since = engine.services.now()
    with refusing_writes(url, "conversations", "outcomes"):
        assert item_of(resident.say(QUESTION)) == ITEM
        assert item_of(resident.say(FOLLOW_UP)) == ITEM
        assert stored_texts(url, resident.session) == []
    newcomer(engine).say(ANOTHER_QUESTION)
    assert eventually(lambda: stored_texts(url, resident.session) == [QUESTION, FOLLOW_UP])
    assert eventually(lambda: len(outcomes_of(url, since)) == 3)


def test_what_is_not_stored_yet_is_stored_when_the_service_stops(tmp_path: Path) -> None:
    url = new_url(tmp_path)
    with opened(url) as engine:
        resident = newcomer(engine)
        since = engine.services.now()
        with refusing_writes(url, "conversations", "outcomes"):
            resident.say(QUESTION)
    assert stored_texts(url, resident.session) == [QUESTION]
    assert outcomes_of(url, since) == [Outcome.ANSWERED]


def test_who_is_erased_before_the_store_could_write_does_not_come_back(
    engine: Engine, url: str, resident: Resident
) -> None:
    since = engine.services.now()
    with refusing_writes(url, "conversations", "outcomes"):
        resident.say(QUESTION)
        asyncio.run(engine.erase(resident.session))
    other = newcomer(engine)
    other.say(ANOTHER_QUESTION)
    assert eventually(lambda: stored_texts(url, other.session) == [ANOTHER_QUESTION])
    assert eventually(lambda: len(outcomes_of(url, since)) == 1)
    assert stored_texts(url, resident.session) == []


def test_who_is_erased_while_the_store_is_writing_does_not_come_back(
    engine: Engine, url: str, resident: Resident
) -> None:
    with locked(url) as let_go:
        resident.say(QUESTION)
        erasing = threading.Thread(target=lambda: asyncio.run(engine.erase(resident.session)))
        erasing.start()
        let_go()
        erasing.join()
    newcomer(engine).say(ANOTHER_QUESTION)
    assert stored_texts(url, resident.session) == []
    with closing(Database.open(url)) as database:
        assert resident.session not in everything_in(database.engine)


def test_a_conversation_that_cannot_be_read_costs_one_apology_and_is_there_again(
    url: str, resident: Resident, wording: Wording
) -> None:
    resident.say(QUESTION)
    with closing(Database.open(url)) as database:
        with database.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE conversations RENAME TO away")
        broken = resident.say(FOLLOW_UP)
        with database.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE away RENAME TO conversations")
    assert texts_of(broken) == wording.say("failed") + "\n12333"
    assert item_of(resident.say(FOLLOW_UP)) == ITEM


# ---------------------------------------------------------------- another edition in mid conversation


@pytest.fixture
def publish(engine: Engine, url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[KnowledgeBase], None]]:
    """Put other editions in force, at once; the first one is back afterwards."""
    monkeypatch.setattr("bot.runtime.engine.EDITION_CHECK", 0.0)
    store = KnowledgeStore(url)

    def put_in_force(base: KnowledgeBase) -> None:
        store.save(base, base.document.edition)

    yield put_in_force
    put_in_force(edition(built_base(), "first again"))
    newcomer(engine).say("你好")
    assert engine.services.base.document.edition == "first again"


def edition(base: KnowledgeBase, name: str) -> KnowledgeBase:
    return dataclasses.replace(base, document=dataclasses.replace(base.document, edition=name))


def changed(item_id: str, old: str, new: str) -> KnowledgeBase:
    """Return an edition in which the facts of an item say *new* where they said *old*."""
    base = built_base()
    item = base.by_id[item_id]
    facts = tuple(dataclasses.replace(fact, text=fact.text.replace(old, new)) for fact in item.facts)
    assert facts != item.facts
    rest = {**base.by_id, item_id: dataclasses.replace(item, facts=facts)}
    return edition(dataclasses.replace(base, items=tuple(rest.values())), f"{item_id} says {new}")


def without(item_id: str) -> KnowledgeBase:
    base = built_base()
    left = tuple(item for item in base.items if item.id != item_id)
    return edition(dataclasses.replace(base, items=left), f"{item_id} is gone")


def test_an_item_that_another_edition_changed_is_answered_by_it_and_that_is_said_once(
    resident: Resident, wording: Wording, publish: Callable[[KnowledgeBase], None]
) -> None:
    resident.say(QUESTION)
    publish(changed(ITEM, "5个工作日", "7个工作日"))
    turn = resident.say("要多久")
    assert item_of(turn) == ITEM
    assert turn["messages"][0]["text"] == wording.say("item_changed")
    assert "7个工作日" in texts_of(turn)
    assert "5个工作日" not in texts_of(turn)
    assert wording.say("item_changed") not in texts_of(resident.say(FOLLOW_UP))


def test_another_edition_that_leaves_the_item_as_it_was_is_not_mentioned(
    engine: Engine, resident: Resident, wording: Wording, publish: Callable[[KnowledgeBase], None]
) -> None:
    resident.say(QUESTION)
    publish(changed(ANOTHER_ITEM, "送达20日", "送达10日"))
    turn = resident.say(FOLLOW_UP)
    assert engine.services.base.document.edition == f"{ANOTHER_ITEM} says 送达10日"
    assert item_of(turn) == ITEM
    assert wording.say("item_changed") not in texts_of(turn)


def test_an_item_that_another_edition_lacks_is_said_to_be_gone_and_the_talk_goes_on(
    resident: Resident, wording: Wording, publish: Callable[[KnowledgeBase], None]
) -> None:
    resident.say(QUESTION)
    publish(without(ITEM))
    turn = resident.say(FOLLOW_UP)
    assert turn["messages"][0]["text"] == wording.say("item_gone")
    assert ITEM not in [item["id"] for item in turn["items"]]
    assert wording.say("item_gone") not in texts_of(resident.say("谢谢"))
    assert item_of(resident.say(ANOTHER_QUESTION)) == ANOTHER_ITEM


def test_a_choice_that_another_edition_lacks_cannot_be_picked_and_the_others_keep_their_numbers(
    resident: Resident, publish: Callable[[KnowledgeBase], None]
) -> None:
    offered = [item["id"] for item in resident.say("社保卡")["items"]]
    publish(without(offered[0]))
    assert item_of(resident.say("2")) == offered[1]


def test_records_name_the_edition_that_answered(
    engine: Engine, url: str, resident: Resident, publish: Callable[[KnowledgeBase], None]
) -> None:
    since = engine.services.now()
    resident.say(QUESTION)
    publish(changed(ITEM, "5个工作日", "7个工作日"))
    resident.say("要多久")
    with closing(Database.open(url)) as database:
        store = OutcomeStore(database)
        assert eventually(lambda: len(store.read(since)) == 2)
        editions = [turn.edition for turn in store.read(since)]
    assert editions[0] != editions[1] == f"{ITEM} says 7个工作日"


@pytest.mark.usefixtures("publish")
def test_while_the_base_cannot_be_read_the_edition_before_answers(engine: Engine, url: str, resident: Resident) -> None:
    before = engine.services.base
    with closing(Database.open(url)) as database:
        with database.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE editions RENAME COLUMN inputs TO away")
        turn = resident.say(QUESTION)
        with database.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE editions RENAME COLUMN away TO inputs")
    assert item_of(turn) == ITEM
    assert engine.services.base is before


def test_a_base_whose_file_is_replaced_is_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.runtime.engine import Engine

    monkeypatch.setattr("bot.runtime.engine.EDITION_CHECK", 0.0)
    url, records = f"sqlite:///{tmp_path}/base.db", f"sqlite:///{tmp_path}/records.db"
    KnowledgeStore(url).save(built_base(), "first")
    KnowledgeStore(f"sqlite:///{tmp_path}/new.db").save(changed(ITEM, "5个工作日", "7个工作日"), "second")
    with opened(url, records) as engine:
        assert isinstance(engine, Engine)
        resident = newcomer(engine)
        assert item_of(resident.say(QUESTION)) == ITEM
        (tmp_path / "new.db").replace(tmp_path / "base.db")
        assert "7个工作日" in texts_of(resident.say("要多久"))


# ---------------------------------------------------------------- an action raises


@pytest.fixture
def break_one_reply(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let the next reply raise, and only that."""

    def break_it() -> None:
        def broken(*_arguments: object) -> None:
            monkeypatch.undo()
            raise ZeroDivisionError

        monkeypatch.setattr("actions.turn.reply_to", broken)

    return break_it


def test_an_action_that_raises_costs_one_apology_and_not_the_thread(
    engine: Engine, url: str, resident: Resident, wording: Wording, break_one_reply: Callable[[], None]
) -> None:
    resident.say(QUESTION)
    since = engine.services.now()
    break_one_reply()
    turn = resident.say("要多久")
    assert (turn["session"], turn["items"], turn["facets"]) == (resident.session, [], [])
    assert texts_of(turn) == wording.say("failed") + "\n12333"
    after = resident.say(FOLLOW_UP)
    assert (item_of(after), after["facets"]) == (ITEM, ["fee"])
    assert eventually(lambda: outcomes_of(url, since) == [Outcome.FAILED, Outcome.ANSWERED])


def test_an_action_that_raises_in_the_first_turn_leaves_a_session_that_can_begin(
    resident: Resident, break_one_reply: Callable[[], None]
) -> None:
    break_one_reply()
    resident.say(QUESTION)
    assert item_of(resident.say(QUESTION)) == ITEM


def test_a_session_that_no_database_can_name_gets_an_apology(engine: Engine, wording: Wording) -> None:
    assert texts_of(Resident(engine, "\ud800").say(QUESTION)) == wording.say("failed") + "\n12333"
    assert item_of(newcomer(engine).say(QUESTION)) == ITEM


# ---------------------------------------------------------------- at once


def test_two_messages_at_once_are_both_answered_in_their_order(url: str, resident: Resident) -> None:
    engine, session = resident.engine, resident.session

    async def both() -> list[Turn]:
        return await asyncio.gather(*(engine.turn(session, text) for text in (QUESTION, FOLLOW_UP)))

    first, second = asyncio.run(both())
    assert (item_of(first), first["facets"]) == (ITEM, ["location"])
    assert (item_of(second), second["facets"]) == (ITEM, ["fee"])
    assert eventually(lambda: stored_texts(url, session) == [QUESTION, FOLLOW_UP])


SUBJECTS = [
    ("失业保险金申领", "unemployment_benefit_claim"),
    ("工伤认定", "injury_determination"),
    ("社保卡补卡", "card_replace"),
    ("社保卡密码修改", "card_password"),
    ("社保卡注销", "card_cancel"),
    ("劳动能力鉴定", "work_capacity_assessment"),
    ("企业社会保险登记", "register_enterprise"),
    ("城乡居民养老保险参保登记", "resident_pension_enroll"),
    ("稳岗返还申报", "job_stabilization_refund"),
    ("参保单位注销", "deregister_employer"),
]
ASPECTS = [("{}在哪里办", "location"), ("收费吗", "fee"), ("要多久", "time_limit"), ("电话多少", "phone")]


def test_fifty_sessions_at_once_keep_their_order_and_never_cross(engine: Engine, url: str) -> None:
    residents = [(newcomer(engine).session, *SUBJECTS[number % len(SUBJECTS)]) for number in range(50)]

    async def all_of_them() -> list[Turn]:
        return await asyncio.gather(
            *(engine.turn(session, text.format(title)) for text, _ in ASPECTS for session, title, _ in residents)
        )

    since = engine.services.now()
    turns = asyncio.run(all_of_them())
    came = [(turn["session"], item_of(turn), turn["facets"]) for turn in turns]
    assert came == [(session, id_, [facet]) for _, facet in ASPECTS for session, _, id_ in residents]
    for session, title, _ in residents:
        wanted = [text.format(title) for text, _ in ASPECTS]
        assert eventually(lambda: stored_texts(url, session) == wanted)  # noqa: B023  # called at once
    assert eventually(lambda: len(outcomes_of(url, since)) == len(turns))


# ---------------------------------------------------------------- a slow store


class Gate:
    """Lets one call for one session wait until it is opened, as a store does whose disk stalls."""

    def __init__(self) -> None:
        self.close("")

    def close(self, call: str) -> None:
        """Stop *call* ("keep newcomer-007") from now on."""
        self._call = call
        self.reached = threading.Event()
        self.is_open = threading.Event()

    def pass_through(self, call: str) -> None:
        """Wait where *call* is the one to be stopped."""
        if call == self._call:
            self.reached.set()
            assert self.is_open.wait(60)


def gated(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a gate before the real stores of whatever engine is opened now."""

    class Turns(TurnStore):
        def keep(self, turns: Sequence[KeptTurn]) -> list[int | None]:
            for turn in turns:
                gate.pass_through(f"keep {turn.record.session}")
            return super().keep(turns)

    class Tickets(TicketStore):
        def open_ticket_of(self, session: str, within: Connection | None = None) -> Ticket | None:
            gate.pass_through(f"ticket {session}")
            return super().open_ticket_of(session, within)

    def load(connection: Connection, session: str) -> Mapping[str, Any] | None:
        gate.pass_through(f"load {session}")
        return read_state(connection, session)

    monkeypatch.setattr("bot.runtime.engine.read_state", load)
    for store in (Turns, Tickets):
        monkeypatch.setattr(f"bot.runtime.engine.{store.__mro__[1].__name__}", store)


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[tuple[Engine, Gate]]:
    gate = Gate()
    with pytest.MonkeyPatch.context() as monkeypatch:
        gated(gate, monkeypatch)
        with opened(new_url(tmp_path), waits=Waits()) as engine:
            yield engine, gate


def test_a_store_that_stalls_for_one_holds_up_nobody_else(slow: tuple[Engine, Gate]) -> None:
    engine, gate = slow

    async def talk(stalled: str, other: str) -> tuple[Turn, Turn]:
        slow_turn = asyncio.create_task(engine.turn(stalled, QUESTION))
        assert await asyncio.to_thread(gate.reached.wait, 60)
        turn = await engine.turn(other, ANOTHER_QUESTION)
        gate.is_open.set()
        return turn, await slow_turn

    for call in ("load", "keep", "ticket"):
        stalled, other = newcomer(engine).session, newcomer(engine).session
        gate.close(f"{call} {stalled}")
        turn, slow_turn = asyncio.run(talk(stalled, other))
        assert (item_of(turn), item_of(slow_turn)) == (ANOTHER_ITEM, ITEM), call


def test_a_reply_that_the_store_keeps_waiting_goes_out_without_its_number(slow: tuple[Engine, Gate]) -> None:
    engine, gate = slow
    resident = newcomer(engine)
    gate.close(f"keep {resident.session}")
    turn = resident.say(QUESTION)
    assert (item_of(turn), turn["seq"]) == (ITEM, None)
    assert engine.transcripts.read(resident.session) == []
    gate.is_open.set()
    assert eventually(lambda: len(engine.transcripts.read(resident.session)) == 2)


# ---------------------------------------------------------------- restart


def test_after_a_restart_the_thread_goes_on(tmp_path: Path) -> None:
    url = new_url(tmp_path)
    with opened(url) as engine:
        resident = newcomer(engine)
        resident.say(QUESTION)
        asked = resident.say("要带什么材料")
        assert asked["messages"][-1]["type"] == "choices"
    with opened(url) as engine:
        back = Resident(engine, resident.session)
        picked = back.say("2")
        assert (item_of(picked), picked["facets"]) == (ITEM, ["materials"])
        assert asked["messages"][-1]["choices"][1]["label"] in texts_of(picked)
    assert stored_texts(url, resident.session) == [QUESTION, "要带什么材料", "2"]


def test_a_process_killed_after_its_reply_has_stored_the_thread(tmp_path: Path) -> None:
    url = new_url(tmp_path)
    chat = subprocess.Popen(
        [sys.executable, "-m", "bot", "chat", "--jsonl", "--resume", "--database", url],
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )
    assert chat.stdin is not None
    assert chat.stdout is not None
    with chat:
        chat.stdin.write(json.dumps({"session": "cut off", "text": QUESTION}) + "\n")
        chat.stdin.flush()
        reply = json.loads(chat.stdout.readline())
        os.kill(chat.pid, signal.SIGKILL)
    assert chat.returncode == -signal.SIGKILL
    assert item_of(reply) == ITEM
    assert stored_texts(url, "cut off") == [QUESTION]
    with opened(url) as engine:
        assert item_of(Resident(engine, "cut off").say(FOLLOW_UP)) == ITEM


# ---------------------------------------------------------------- growth

TALK = [
    "失业金领取要带什么材料",
    "1",
    "全部",
    "谢谢",
    "社保卡",
    "2",
    "我是灵活就业人员",
    "退休要带什么材料",
    "1",
    "公积金怎么提取",
    "刚才那个社保卡的要多久",
    "？？？",
    "社保卡丢了怎么补" * 62,
]


def test_however_long_somebody_talks_the_row_that_is_kept_stays_small(url: str, resident: Resident) -> None:
    sizes = []
    for number in range(200):
        resident.say(TALK[number % len(TALK)])
        sizes.append(stored_size(url, resident.session))
    a_moment = len("1764122345.123456")  # written with some digits more or less
    assert max(sizes[100:]) < max(sizes[:100]) + a_moment < 8000


def test_a_turn_walks_through_no_table_of_records(engine: Engine, url: str, resident: Resident) -> None:
    resident.say(QUESTION)
    asked: list[tuple[str, Any]] = []

    def listen(connection: sa.engine.Connection, _cursor: object, statement: str, values: Any, *_: object) -> None:
        if str(connection.engine.url) == url:  # services of other tests may be at work beside this one
            asked.append((statement, values))

    sa.event.listen(sa.engine.Engine, "before_cursor_execute", listen)
    try:
        for text in (FOLLOW_UP, "转人工", "取消"):
            resident.say(text)
    finally:
        sa.event.remove(sa.engine.Engine, "before_cursor_execute", listen)
    records = ("conversations", "outcomes", "transcripts", "tickets", "ticket_messages")
    touching = [(said, values) for said, values in asked if any(f" {table}" in said for table in records)]
    assert {said.split()[0] for said, _ in touching} == {"SELECT", "INSERT", "UPDATE"}
    with closing(Database.open(url)) as database, database.engine.begin() as connection:
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", values) for said, values in touching]
        assert not [row.detail for plan in plans for row in plan if row.detail.startswith("SCAN")]


def stored_size(url: str, session: str) -> int:
    """Return how many characters are stored of a session."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        [size] = connection.execute(
            "SELECT length(state) FROM conversations WHERE session = ?", (session,)
        ).fetchone() or [0]
    return int(size)
