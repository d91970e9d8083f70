"""What is kept of conversations: one row each, turns without texts or sessions, and nothing after it is erased."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot.query import Decision
from bot.records.conversations import ConversationStore
from bot.records.database import Database
from bot.records.outcomes import Outcome, OutcomeStore, TurnRecord
from knowledge.store import StoreError, open_engine
from tests.bot.databases import KINDS, everything_in, new_database, number_of_rows, scanned_tables

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
HOUR = timedelta(hours=1)
STATE = {"item": "injury_determination", "offered": ["a", "b"], "asked": {"facets": [], "at": None, "turns": 3}}
TURN = TurnRecord(
    session="resident-4711",
    at=NOON,
    outcome=Outcome.ANSWERED,
    decision=Decision.ANSWER,
    items=(("injury_determination", 0.97), ("injury_medical_claim", 0.02)),
    facets=("materials", "time_limit"),
    edition="2024-05",
    model="3f2a",
    channel="web",
)


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with new_database(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database.open(url)
    yield database
    database.close()


@pytest.fixture
def conversations(database: Database) -> ConversationStore:
    return ConversationStore(database)


@pytest.fixture
def outcomes(database: Database) -> OutcomeStore:
    return OutcomeStore(database)


# ---------------------------------------------------------------- the database


def test_processes_that_start_together_make_the_tables_once(url: str) -> None:
    open_engine(url).connect().close()  # the knowledge base is built in this database before any of them starts
    with ThreadPoolExecutor(8) as threads:
        opened = list(threads.map(Database.open, [url] * 8))
    for number, database in enumerate(opened):
        ConversationStore(database).save(str(number), STATE, NOON)
    assert number_of_rows(opened[0].engine, "conversations") == 8
    for database in opened:
        database.close()


def test_opening_an_old_database_keeps_what_is_in_it(url: str, conversations: ConversationStore) -> None:
    conversations.save("s", STATE, NOON)
    again = Database.open(url)
    assert ConversationStore(again).load("s") == STATE
    again.close()


def test_a_commit_on_sqlite_waits_for_no_disk(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path}/service.db")
    with database.transaction() as connection:
        normal = connection.execute(sa.text("PRAGMA synchronous")).scalar()
        journal = connection.execute(sa.text("PRAGMA journal_mode")).scalar()
    assert (normal, journal) == (1, "wal")
    database.close()


def test_the_log_of_sqlite_outlives_the_connection_of_a_turn(tmp_path: Path) -> None:
    """Whoever closes the last connection copies the log into the database and waits for the disk."""
    database = Database.open(f"sqlite:///{tmp_path}/service.db")
    ConversationStore(database).save("s", STATE, NOON)
    assert (tmp_path / "service.db-wal").stat().st_size > 0
    database.close()
    assert not (tmp_path / "service.db-wal").exists()


def test_a_database_that_fails_is_a_store_error_without_what_was_said(
    database: Database, conversations: ConversationStore
) -> None:
    with database.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE conversations"))
    with pytest.raises(StoreError, match="数据库用不了") as caught:
        conversations.save("resident-4711", {"text": "I broke my leg"}, NOON)
    told = f"{caught.value} {caught.value.__cause__}"
    assert "INSERT INTO conversations" in told
    assert "resident-4711" not in told
    assert "broke my leg" not in told


def test_a_transaction_that_raises_is_taken_back(database: Database, conversations: ConversationStore) -> None:
    conversations.save("s", STATE, NOON)
    with pytest.raises(ZeroDivisionError), database.transaction() as connection:
        connection.execute(sa.text("DELETE FROM conversations"))
        raise ZeroDivisionError
    assert conversations.load("s") == STATE


# ---------------------------------------------------------------- conversations


def test_a_conversation_is_loaded_as_it_was_saved(conversations: ConversationStore) -> None:
    conversations.save("s", STATE, NOON)
    assert conversations.load("s") == STATE


@pytest.mark.parametrize("text", ["离职 10 天了", "㐂𠮷👵🏽", "半个字\ud83d", "零\0字节", "引号'\";--", ""])
def test_any_text_in_a_state_comes_back(conversations: ConversationStore, text: str) -> None:
    conversations.save("s", {"said": text}, NOON)
    assert conversations.load("s") == {"said": text}


def test_a_session_never_seen_has_no_state(conversations: ConversationStore) -> None:
    assert conversations.load("s") is None


def test_sessions_do_not_mix(conversations: ConversationStore) -> None:
    conversations.save("one", {"item": "a"}, NOON)
    conversations.save("two", {"item": "b"}, NOON)
    assert conversations.load("one") == {"item": "a"}


def test_a_conversation_stays_one_row_however_many_turns_it_has(
    database: Database, conversations: ConversationStore
) -> None:
    for turn in range(20):
        conversations.save("s", {"turn": turn}, NOON + turn * HOUR)
    assert number_of_rows(database.engine, "conversations") == 1
    assert conversations.load("s") == {"turn": 19}


def test_a_conversation_goes_on_after_a_restart(url: str) -> None:
    before = Database.open(url)
    ConversationStore(before).save("s", STATE, NOON)
    before.close()
    after = Database.open(url)
    assert ConversationStore(after).load("s") == STATE
    after.close()


def test_an_erased_conversation_is_gone_and_no_other(database: Database, conversations: ConversationStore) -> None:
    conversations.save("resident-4711", STATE, NOON)
    conversations.save("other", STATE, NOON)
    conversations.erase("resident-4711")
    assert conversations.load("resident-4711") is None
    assert conversations.load("other") == STATE
    assert "resident-4711" not in everything_in(database.engine)


def test_old_conversations_are_pruned_by_their_last_turn(conversations: ConversationStore) -> None:
    for session, last in (("old", NOON - 2 * HOUR), ("at the limit", NOON), ("new", NOON + HOUR)):
        conversations.save(session, {}, NOON - 9 * HOUR)
        conversations.save(session, {}, last)
    assert conversations.prune(NOON) == 1
    assert [s for s in ("old", "at the limit", "new") if conversations.load(s) is not None] == ["at the limit", "new"]


def test_retention_is_counted_in_moments_not_in_wall_clocks(conversations: ConversationStore) -> None:
    conversations.save("s", {}, NOON)
    assert conversations.prune(datetime(2026, 11, 26, 4, 0, tzinfo=timezone.utc)) == 0
    assert conversations.prune(datetime(2026, 11, 26, 4, 1, tzinfo=timezone.utc)) == 1


def test_a_moment_without_a_zone_is_refused(conversations: ConversationStore) -> None:
    with pytest.raises(StoreError, match="with its zone"):
        conversations.save("s", {}, NOON.replace(tzinfo=None))


def test_no_turn_walks_through_the_conversations_of_others(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path}/service.db")
    conversations = ConversationStore(database)
    with scanned_tables(database.engine) as scans:
        conversations.load("s")
        conversations.save("s", {}, NOON)
        conversations.erase("s")
        conversations.prune(NOON)
    assert scans == []
    database.close()


def test_threads_may_share_a_store(conversations: ConversationStore) -> None:
    def talk(session: str) -> object:
        for turn in range(5):
            conversations.save(session, {"session": session, "turn": turn}, NOON)
        return conversations.load(session)

    sessions = [f"s{number}" for number in range(16)]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(talk, sessions)) == [{"session": session, "turn": 4} for session in sessions]


# ---------------------------------------------------------------- outcomes


def test_a_turn_is_read_as_it_was_added_but_for_its_session(outcomes: OutcomeStore) -> None:
    outcomes.add(TURN)
    (read,) = outcomes.read(NOON)
    assert replace(read, session=TURN.session) == TURN
    assert read.session != TURN.session


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_can_be_kept(outcomes: OutcomeStore, outcome: Outcome) -> None:
    outcomes.add(replace(TURN, outcome=outcome, items=(), facets=()))
    assert [(turn.outcome, turn.items, turn.facets) for turn in outcomes.read(NOON)] == [(outcome, (), ())]


def test_turns_are_read_from_a_moment_on_in_their_order(outcomes: OutcomeStore) -> None:
    for hours in (2, -1, 0, 1):
        outcomes.add(replace(TURN, at=NOON + hours * HOUR))
    assert [turn.at for turn in outcomes.read(NOON)] == [NOON, NOON + HOUR, NOON + 2 * HOUR]


def test_turns_of_one_session_belong_together_and_differ_from_others(outcomes: OutcomeStore) -> None:
    for session in ("one", "two", "one"):
        outcomes.add(replace(TURN, session=session))
    first, second, third = (turn.session for turn in outcomes.read(NOON))
    assert first == third
    assert first != second


def test_the_session_itself_is_nowhere_in_the_database(database: Database, outcomes: OutcomeStore) -> None:
    outcomes.add(TURN)
    kept = everything_in(database.engine)
    assert "injury_determination" in kept
    assert TURN.session not in kept


def test_another_database_hashes_the_same_session_otherwise(tmp_path: Path) -> None:
    hashes = set()
    for name in ("here", "there"):
        database = Database.open(f"sqlite:///{tmp_path}/{name}.db")
        store = OutcomeStore(database)
        store.add(TURN)
        hashes |= {turn.session for turn in store.read(NOON)}
        database.close()
    assert len(hashes) == 2


def test_the_key_is_made_once_whichever_process_asks_first(url: str) -> None:
    opened = [Database.open(url) for _ in range(6)]
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda database: OutcomeStore(database).add(TURN), opened))
    assert number_of_rows(opened[0].engine, "secrets") == 1
    assert len({turn.session for turn in OutcomeStore(opened[0]).read(NOON)}) == 1
    for database in opened:
        database.close()


def test_erasing_a_session_removes_its_turns_and_no_others(url: str, outcomes: OutcomeStore) -> None:
    outcomes.add(TURN)
    outcomes.add(replace(TURN, session="other", at=NOON + HOUR))
    outcomes.add(replace(TURN, at=NOON + 2 * HOUR))
    another_process = Database.open(url)
    OutcomeStore(another_process).erase(TURN.session)
    another_process.close()
    assert [turn.at for turn in outcomes.read(NOON)] == [NOON + HOUR]


def test_old_turns_are_pruned(outcomes: OutcomeStore) -> None:
    for hours in (-2, -1, 0):
        outcomes.add(replace(TURN, at=NOON + hours * HOUR))
    assert outcomes.prune(NOON) == 2
    assert [turn.at for turn in outcomes.read(NOON - 9 * HOUR)] == [NOON]


def test_no_request_walks_through_the_turns_of_others(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path}/service.db")
    outcomes = OutcomeStore(database)
    outcomes.add(TURN)
    with scanned_tables(database.engine) as scans:
        outcomes.erase(TURN.session)
        outcomes.prune(NOON)
        outcomes.read(NOON)
    assert scans == []
    database.close()


def test_a_file_put_in_the_place_of_the_database_is_used_from_then_on(tmp_path: Path) -> None:
    now = datetime.now(timezone.utc)
    url, path = f"sqlite:///{tmp_path}/service.db", tmp_path / "service.db"
    with closing(Database.open(url)) as database:
        ConversationStore(database).save("anna", {"item": "card_apply"}, now)
        with closing(Database.open(f"sqlite:///{tmp_path}/other.db")) as other:
            ConversationStore(other).save("bo", {"item": "card_cancel"}, now)
        for rest in tmp_path.glob("service.db-*"):
            rest.unlink()
        (tmp_path / "other.db").replace(path)
        assert ConversationStore(database).load("bo") == {"item": "card_cancel"}
        assert ConversationStore(database).load("anna") is None
