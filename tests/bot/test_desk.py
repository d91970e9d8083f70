"""Tickets: one a session, a queue in order, one agent each, words delivered once; and the desk at the terminal."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.desk.events import Events, TicketEvent, TicketEventKind
from bot.desk.store import TicketStore
from bot.desk.terminal import add_desk_commands, run
from bot.desk.ticket import Author, Reason, Ticket, TicketError, TicketMessage, TicketState
from bot.records.database import Connection, Database
from knowledge.store import StoreError
from tests.bot.databases import KINDS, everything_in, new_database, number_of_rows, scanned_tables

OFFICE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 26, 12, 0, tzinfo=OFFICE)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
SUMMARY = ("问：工伤认定要什么材料", "答：已按指南列出")


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
def store(database: Database) -> TicketStore:
    return TicketStore(database, OFFICE)


@pytest.fixture
def processes(url: str) -> Iterator[list[TicketStore]]:
    """Stores that share the database and nothing else."""
    databases = [Database.open(url) for _ in range(6)]
    yield [TicketStore(database, OFFICE) for database in databases]
    for database in databases:
        database.close()


def open_ticket(store: TicketStore, session: str = "s", reason: Reason = Reason.WISH, at: datetime = NOON) -> Ticket:
    return store.open(session, "web", reason, SUMMARY, at)


def at_once(stores: list[TicketStore], step: Callable[[int, TicketStore], object]) -> list[object]:
    """Let every store take *step* at the same moment; return what each came to, its TicketError included."""
    start = threading.Barrier(len(stores))

    def one(number: int) -> object:
        start.wait()
        try:
            return step(number, stores[number])
        except TicketError as error:
            return error

    with ThreadPoolExecutor(len(stores)) as threads:
        return list(threads.map(one, range(len(stores))))


def texts(messages: list[TicketMessage]) -> list[str]:
    return [message.text for message in messages]


# ---------------------------------------------------------------- what a ticket allows

WAITING = Ticket("1126-001", "s", "web", Reason.WISH, TicketState.WAITING, NOON, SUMMARY)
TAKEN = WAITING.take("李敏", NOON)
CLOSED = TAKEN.close("李敏", "已答复", NOON)
CALLED_OFF = WAITING.call_off(NOON)
STEPS: dict[str, Callable[[Ticket], Ticket]] = {
    "take": lambda ticket: ticket.take("王强", NOON),
    "hand over": lambda ticket: ticket.hand_over("李敏", "王强"),
    "close": lambda ticket: ticket.close("李敏", "已答复", NOON),
    "call off": lambda ticket: ticket.call_off(NOON),
    "leave contact": lambda ticket: ticket.leave_contact("微信 abc", NOON),
}


@pytest.mark.parametrize(
    ("ticket", "step", "state"),
    [
        (WAITING, "take", TicketState.TAKEN),
        (WAITING, "call off", TicketState.CALLED_OFF),
        (WAITING, "leave contact", TicketState.WAITING),
        (TAKEN, "hand over", TicketState.TAKEN),
        (TAKEN, "close", TicketState.CLOSED),
        (TAKEN, "leave contact", TicketState.TAKEN),
    ],
)
def test_a_step_that_a_ticket_allows(ticket: Ticket, step: str, state: TicketState) -> None:
    assert STEPS[step](ticket).state is state


@pytest.mark.parametrize(
    ("ticket", "step", "told"),
    [
        (WAITING, "hand over", "工单 1126-001 还没有人接手"),
        (WAITING, "close", "工单 1126-001 还没有人接手"),
        (TAKEN, "take", "工单 1126-001 已由 李敏 接手"),
        (TAKEN, "call off", "工单 1126-001 已由 李敏 接手"),
        *((CLOSED, step, "工单 1126-001 已经办结") for step in STEPS),
        *((CALLED_OFF, step, "工单 1126-001 已由来访人撤回") for step in STEPS),
    ],
)
def test_a_step_that_a_ticket_refuses_says_why(ticket: Ticket, step: str, told: str) -> None:
    with pytest.raises(TicketError, match=f"^{told}$"):
        STEPS[step](ticket)


@pytest.mark.parametrize("step", [TAKEN.hand_over, TAKEN.close], ids=["hand over", "close"])
def test_only_the_agent_who_has_a_ticket_disposes_of_it(step: Callable[..., Ticket]) -> None:
    arguments = ("赵芳", "王强") if step == TAKEN.hand_over else ("赵芳", "已答复", NOON)
    with pytest.raises(TicketError, match="已由 李敏 接手"):
        step(*arguments)


def test_a_ticket_called_off_forgets_the_contact() -> None:
    called_off = WAITING.leave_contact("微信 abc", NOON).call_off(NOON)
    assert (called_off.contact, called_off.consented) == (None, None)


# ---------------------------------------------------------------- opening


def test_a_new_ticket_waits_with_all_that_was_said_of_it(store: TicketStore) -> None:
    ticket = open_ticket(store, reason=Reason.COMPLAINT)
    assert ticket == replace(WAITING, reason=Reason.COMPLAINT)
    assert store.find(ticket.number) == ticket
    assert store.open_ticket_of("s") == ticket


def test_numbers_run_through_the_day_and_begin_anew_on_the_next(store: TicketStore) -> None:
    times = [NOON, NOON + MINUTE, NOON + DAY]
    numbers = [open_ticket(store, str(number), at=at).number for number, at in enumerate(times)]
    assert numbers == ["1126-001", "1126-002", "1127-001"]


def test_the_day_of_a_number_is_the_offices(store: TicketStore) -> None:
    late_in_london = datetime(2026, 11, 26, 16, 30, tzinfo=timezone.utc)
    assert open_ticket(store, at=late_in_london).number == "1127-001"


def test_a_number_that_a_ticket_of_last_year_still_has_is_left_out(store: TicketStore) -> None:
    old = open_ticket(store, "old")
    new = open_ticket(store, "new", at=NOON.replace(year=2027))
    assert (old.number, new.number) == ("1126-001", "1126-002")
    assert store.find("1126-001") == old


def test_the_number_of_an_erased_ticket_is_not_given_again_that_day(store: TicketStore) -> None:
    open_ticket(store)
    store.erase("s")
    assert open_ticket(store).number == "1126-002"


def test_a_session_with_an_open_ticket_gets_that_one_back(store: TicketStore) -> None:
    first = open_ticket(store)
    assert open_ticket(store, reason=Reason.ANGER, at=NOON + MINUTE) == first
    taken = store.take(first.number, "李敏", NOON)
    assert open_ticket(store) == taken


def test_a_session_whose_ticket_has_ended_gets_a_new_one(store: TicketStore) -> None:
    first = open_ticket(store)
    store.call_off("s", NOON)
    second = open_ticket(store)
    store.take(second.number, "李敏", NOON)
    store.close(second.number, "李敏", "已答复", NOON)
    third = open_ticket(store)
    assert len({first.number, second.number, third.number}) == 3
    assert store.open_ticket_of("s") == third


def test_one_session_opens_one_ticket_from_many_threads(store: TicketStore) -> None:
    opened = at_once([store] * 8, lambda _number, store: open_ticket(store).number)
    assert len(set(opened)) == 1
    assert len(store.waiting()) == 1


def test_one_session_opens_one_ticket_from_many_processes(processes: list[TicketStore]) -> None:
    opened = at_once(processes, lambda _number, store: open_ticket(store).number)
    assert len(set(opened)) == 1
    assert len(processes[0].waiting()) == 1


def test_many_processes_never_give_a_number_twice(processes: list[TicketStore]) -> None:
    opened = at_once(processes, lambda number, store: open_ticket(store, f"s{number}").number)
    assert set(opened) == {f"1126-{number:03d}" for number in range(1, len(processes) + 1)}


# ---------------------------------------------------------------- the queue


def test_a_crisis_comes_first_and_then_whoever_waits_longest(store: TicketStore) -> None:
    open_ticket(store, "second", at=NOON + 2 * MINUTE)
    open_ticket(store, "first", Reason.ANGER, at=NOON + MINUTE)
    open_ticket(store, "later crisis", Reason.CRISIS, at=NOON + 9 * MINUTE)
    open_ticket(store, "crisis", Reason.CRISIS, at=NOON + 8 * MINUTE)
    queue = store.waiting()
    assert [ticket.session for ticket in queue] == ["crisis", "later crisis", "first", "second"]
    assert [store.waiting_place(ticket.number) for ticket in queue] == [1, 2, 3, 4]


def test_those_behind_move_up_when_a_ticket_is_taken_or_called_off(store: TicketStore) -> None:
    first, second, third = (open_ticket(store, str(number), at=NOON + number * MINUTE) for number in range(3))
    store.take(first.number, "李敏", NOON)
    assert store.waiting_place(third.number) == 2
    store.call_off(second.session, NOON)
    assert store.waiting_place(third.number) == 1


def test_a_ticket_that_does_not_wait_has_no_place(store: TicketStore) -> None:
    ticket = open_ticket(store)
    store.take(ticket.number, "李敏", NOON)
    assert store.waiting_place(ticket.number) == 0
    assert store.waiting_place("0101-001") == 0


# ---------------------------------------------------------------- agents


def test_a_taken_ticket_names_its_agent_and_since_when(store: TicketStore) -> None:
    taken = store.take(open_ticket(store).number, "李敏", NOON + MINUTE)
    assert taken == replace(WAITING, state=TicketState.TAKEN, agent="李敏", taken=NOON + MINUTE)
    assert store.open_ticket_of("s") == taken


def test_two_threads_that_take_one_ticket_never_both_get_it(store: TicketStore) -> None:
    number = open_ticket(store).number
    came_to = at_once([store] * 2, lambda agent, store: store.take(number, f"agent {agent}", NOON))
    (won,) = [ticket for ticket in came_to if isinstance(ticket, Ticket)]
    (lost,) = [str(error) for error in came_to if isinstance(error, TicketError)]
    assert lost == f"工单 {number} 已由 {won.agent} 接手"
    assert store.find(number) == won


def test_of_many_processes_that_take_one_ticket_one_gets_it(processes: list[TicketStore]) -> None:
    number = open_ticket(processes[0]).number
    came_to = at_once(processes, lambda agent, store: store.take(number, f"agent {agent}", NOON))
    assert sum(isinstance(one, Ticket) for one in came_to) == 1


def test_a_ticket_handed_over_obeys_its_new_agent_alone(store: TicketStore) -> None:
    number = open_ticket(store).number
    store.take(number, "李敏", NOON)
    assert store.hand_over(number, "李敏", "王强").agent == "王强"
    with pytest.raises(TicketError, match="已由 王强 接手"):
        store.close(number, "李敏", "已答复", NOON)
    assert store.close(number, "王强", "已答复", NOON).state is TicketState.CLOSED


def test_a_closed_ticket_keeps_what_came_of_it_and_frees_the_session(store: TicketStore) -> None:
    number = open_ticket(store).number
    store.take(number, "李敏", NOON)
    store.close(number, "李敏", "已电话答复", NOON + MINUTE)
    closed = store.find(number)
    assert closed is not None
    assert (closed.state, closed.outcome, closed.closed) == (TicketState.CLOSED, "已电话答复", NOON + MINUTE)
    assert store.open_ticket_of("s") is None


def test_a_lost_agents_ticket_waits_again_at_its_old_place(store: TicketStore) -> None:
    first, second = (open_ticket(store, str(number), at=NOON + number * MINUTE) for number in range(2))
    store.take(first.number, "李敏", NOON + 2 * MINUTE)
    assert store.release_lost(NOON + 3 * MINUTE) == [first]
    assert store.waiting() == [first, second]
    assert store.take(first.number, "王强", NOON + 4 * MINUTE).agent == "王强"


@pytest.mark.parametrize("sign", ["seen", "taking", "saying"])
def test_an_agent_who_gave_a_sign_keeps_the_ticket(store: TicketStore, sign: str) -> None:
    number = open_ticket(store).number
    store.take(number, "李敏", NOON + 5 * MINUTE if sign == "taking" else NOON)
    if sign == "seen":
        store.seen("李敏", NOON + 5 * MINUTE)
    elif sign == "saying":
        store.say(number, Author.AGENT, "李敏", "您好", NOON + 5 * MINUTE)
    assert store.release_lost(NOON + 5 * MINUTE) == []
    assert store.waiting() == []


def test_a_ticket_handed_to_somebody_who_is_not_there_is_released(store: TicketStore) -> None:
    number = open_ticket(store).number
    store.take(number, "李敏", NOON)
    store.hand_over(number, "李敏", "王强")
    assert [ticket.number for ticket in store.release_lost(NOON - MINUTE)] == [number]


@pytest.mark.parametrize(
    "step",
    [
        lambda store: store.take("1126-009", "李敏", NOON),
        lambda store: store.hand_over("1126-009", "李敏", "王强"),
        lambda store: store.close("1126-009", "李敏", "已答复", NOON),
        lambda store: store.leave_contact("1126-009", "微信 abc", NOON),
        lambda store: store.say("1126-009", Author.SYSTEM, None, "您好", NOON),
    ],
    ids=["take", "hand over", "close", "leave contact", "say"],
)
def test_a_number_that_nobody_gave_is_refused(store: TicketStore, step: Callable[[TicketStore], object]) -> None:
    with pytest.raises(TicketError, match="没有工单 1126-009"):
        step(store)
    assert store.find("1126-009") is None


# ---------------------------------------------------------------- the resident


def test_a_resident_calls_off_a_ticket_that_waits(store: TicketStore) -> None:
    open_ticket(store)
    called_off = store.call_off("s", NOON + MINUTE)
    assert called_off == replace(WAITING, state=TicketState.CALLED_OFF, closed=NOON + MINUTE)
    assert store.open_ticket_of("s") is None
    assert store.waiting() == []


def test_a_resident_cannot_call_off_what_an_agent_has_taken(store: TicketStore) -> None:
    taken = store.take(open_ticket(store).number, "李敏", NOON)
    with pytest.raises(TicketError, match="已由 李敏 接手"):
        store.call_off("s", NOON)
    assert store.open_ticket_of("s") == taken


def test_there_is_nothing_to_call_off_without_a_ticket(store: TicketStore) -> None:
    assert store.call_off("s", NOON) is None


def test_the_contact_and_the_moment_of_consent_stand_on_the_ticket(store: TicketStore) -> None:
    number = open_ticket(store).number
    store.leave_contact(number, "微信 abc", NOON + MINUTE)
    ticket = store.find(number)
    assert ticket is not None
    assert (ticket.contact, ticket.consented) == ("微信 abc", NOON + MINUTE)


# ---------------------------------------------------------------- what is said


def test_a_transcript_is_read_in_the_order_in_which_it_was_said(store: TicketStore) -> None:
    number = open_ticket(store).number
    store.say(number, Author.RESIDENT, None, "在吗", NOON)
    store.take(number, "李敏", NOON)
    store.say(number, Author.SYSTEM, None, "李敏为您服务", NOON)
    store.say(number, Author.AGENT, "李敏", "您好", NOON)
    said = [(message.author, message.name, message.text, message.at) for message in store.messages(number)]
    assert said == [
        (Author.RESIDENT, None, "在吗", NOON),
        (Author.SYSTEM, None, "李敏为您服务", NOON),
        (Author.AGENT, "李敏", "您好", NOON),
    ]


def test_transcripts_do_not_mix(store: TicketStore) -> None:
    one, two = open_ticket(store, "one"), open_ticket(store, "two")
    store.say(one.number, Author.RESIDENT, None, "一", NOON)
    store.say(two.number, Author.RESIDENT, None, "二", NOON)
    assert texts(store.messages(one.number)) == ["一"]


def test_only_the_agent_who_has_the_ticket_may_answer(store: TicketStore) -> None:
    number = open_ticket(store).number
    with pytest.raises(TicketError, match="还没有人接手"):
        store.say(number, Author.AGENT, "李敏", "您好", NOON)
    store.take(number, "李敏", NOON)
    with pytest.raises(TicketError, match="已由 李敏 接手"):
        store.say(number, Author.AGENT, "王强", "您好", NOON)
    assert store.messages(number) == []


def test_a_resident_says_nothing_on_a_ticket_that_has_ended(store: TicketStore) -> None:
    number = open_ticket(store).number
    store.call_off("s", NOON)
    with pytest.raises(TicketError, match="已由来访人撤回"):
        store.say(number, Author.RESIDENT, None, "在吗", NOON)


@pytest.mark.parametrize(
    ("said", "kept"), [("半个字\ud83d", "半个字?"), ("零\0字节", "零字节"), ("㐂𠮷👵🏽", "㐂𠮷👵🏽")]
)
def test_a_text_that_no_database_can_keep_is_kept_without_that(store: TicketStore, said: str, kept: str) -> None:
    number = open_ticket(store).number
    store.say(number, Author.RESIDENT, None, said, NOON)
    assert texts(store.messages(number)) == [kept]


@pytest.fixture
def answered(store: TicketStore) -> Ticket:
    """A ticket on which everybody said something: one line of the agent's is not delivered yet."""
    ticket = store.take(open_ticket(store).number, "李敏", NOON)
    store.say(ticket.number, Author.RESIDENT, None, "在吗", NOON)
    store.say(ticket.number, Author.SYSTEM, None, "李敏为您服务", NOON)
    store.say(ticket.number, Author.AGENT, "李敏", "您好", NOON)
    return ticket


def delivered(store: TicketStore) -> list[str]:
    """Deliver what waits for the resident; return its words."""
    return store.deliver("s", lambda _connection, message: message.text)


def test_only_an_agents_words_wait_to_be_delivered(store: TicketStore, answered: Ticket) -> None:
    assert texts(store.undelivered("s")) == ["您好"]
    assert store.undelivered("other") == []
    assert [message.delivered for message in store.messages(answered.number)] == [True, True, False]


def test_what_was_delivered_does_not_come_again(store: TicketStore, answered: Ticket) -> None:
    assert delivered(store) == ["您好"]
    assert store.undelivered("s") == []
    assert all(message.delivered for message in store.messages(answered.number))


@pytest.mark.usefixtures("answered")
def test_of_two_who_read_the_same_words_one_delivers_them(store: TicketStore) -> None:
    def meanwhile(_connection: Connection, message: TicketMessage) -> str:
        return message.text

    assert store.deliver("s", meanwhile) == ["您好"]
    assert store.deliver("s", meanwhile) == []


def test_words_that_could_not_be_kept_are_not_delivered(store: TicketStore, answered: Ticket) -> None:
    def refuse(_connection: Connection, _message: TicketMessage) -> str:
        raise StoreError("disk full")

    with pytest.raises(StoreError):
        store.deliver(answered.session, refuse)
    assert delivered(store) == ["您好"]


def test_many_readers_deliver_each_word_once(processes: list[TicketStore]) -> None:
    store = processes[0]
    number = store.take(open_ticket(store).number, "李敏", NOON).number
    words = [str(word) for word in range(10)]
    for word in words:
        store.say(number, Author.AGENT, "李敏", word, NOON)
    given: list[str] = []
    at_once(processes, lambda _number, store: given.extend(delivered(store)))
    assert sorted(given) == words


def test_the_last_words_before_closing_are_still_delivered(store: TicketStore, answered: Ticket) -> None:
    store.close(answered.number, "李敏", "已答复", NOON)
    assert texts(store.undelivered("s")) == ["您好"]


# ---------------------------------------------------------------- forgetting


def test_erasing_a_session_leaves_nothing_of_it_in_any_table(database: Database, store: TicketStore) -> None:
    for _ in range(2):
        ticket = open_ticket(store, "resident-4711")
        store.leave_contact(ticket.number, "微信 abc", NOON)
        store.say(ticket.number, Author.RESIDENT, None, "我的腿摔断了", NOON)
        store.take(ticket.number, "李敏", NOON)
        store.say(ticket.number, Author.AGENT, "李敏", "我查一下", NOON)
        store.close(ticket.number, "李敏", "转工伤科", NOON)
    open_ticket(store, "resident-4711")
    store.erase("resident-4711")
    kept = everything_in(database.engine)
    assert "李敏" in kept, "agents are no part of a session"
    traces = ("resident-4711", "微信 abc", "我的腿摔断了", "我查一下", "转工伤科", *SUMMARY)
    assert [trace for trace in traces if trace in kept] == []
    assert number_of_rows(database.engine, "tickets") == number_of_rows(database.engine, "ticket_messages") == 0


def test_what_was_erased_is_not_left_in_the_file_either(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path}/service.db")
    store = TicketStore(database, OFFICE)
    for session in ("resident-4711", "other"):
        number = open_ticket(store, session).number
        store.say(number, Author.RESIDENT, None, f"words of {session}", NOON)
    store.erase("resident-4711")
    database.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"words of other" in kept
    assert b"resident-4711" not in kept


def test_erasing_a_session_leaves_the_others(store: TicketStore) -> None:
    open_ticket(store, "one")
    other = open_ticket(store, "other")
    store.say(other.number, Author.RESIDENT, None, "在吗", NOON)
    store.erase("one")
    assert store.waiting() == [other]
    assert texts(store.messages(other.number)) == ["在吗"]


def test_an_agent_at_work_on_an_erased_ticket_is_told(store: TicketStore) -> None:
    number = store.take(open_ticket(store).number, "李敏", NOON).number
    store.erase("s")
    with pytest.raises(TicketError, match=f"没有工单 {number}"):
        store.say(number, Author.AGENT, "李敏", "您好", NOON)


def test_tickets_that_ended_long_ago_are_pruned_with_what_was_said(database: Database, store: TicketStore) -> None:
    for session, ended in (("old", NOON - DAY), ("new", NOON)):
        number = open_ticket(store, session, at=NOON - 9 * DAY).number
        store.say(number, Author.RESIDENT, None, f"words of {session}", NOON - 9 * DAY)
        store.call_off(session, ended)
    still_open = open_ticket(store, "open", at=NOON - 9 * DAY)
    assert store.prune(NOON) == 1
    assert "words of old" not in everything_in(database.engine)
    assert number_of_rows(database.engine, "tickets") == 2
    assert store.waiting() == [still_open]


def test_pruning_does_not_begin_the_numbers_of_today_anew(store: TicketStore) -> None:
    open_ticket(store)
    store.call_off("s", NOON)
    store.prune(NOON + MINUTE)
    assert open_ticket(store, at=NOON + 2 * MINUTE).number == "1126-002"


def test_no_turn_walks_through_the_tickets_of_others(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path}/service.db")
    store = TicketStore(database, OFFICE)
    open_ticket(store)
    with scanned_tables(database.engine) as scans:
        open_ticket(store)
        store.open_ticket_of("s")
        delivered(store)
        store.waiting()
        store.call_off("s", NOON)
        store.erase("s")
    assert scans == []
    database.close()


# ---------------------------------------------------------------- events


@pytest.fixture
def heard(store: TicketStore) -> list[tuple[TicketEventKind, str, str]]:
    heard: list[tuple[TicketEventKind, str, str]] = []
    store.events.subscribe(lambda event: heard.append((event.kind, event.number, event.session)))
    return heard


def test_every_change_is_told_once_in_its_order(
    store: TicketStore, heard: list[tuple[TicketEventKind, str, str]]
) -> None:
    number = open_ticket(store).number
    open_ticket(store)
    store.leave_contact(number, "微信 abc", NOON)
    store.take(number, "李敏", NOON)
    store.release_lost(NOON + MINUTE)
    store.take(number, "李敏", NOON)
    store.hand_over(number, "李敏", "王强")
    store.say(number, Author.AGENT, "王强", "您好", NOON)
    store.close(number, "王强", "已答复", NOON)
    open_ticket(store)
    store.call_off("s", NOON)
    store.erase("s")
    told = " ".join(str(kind) for kind, _number, _session in heard)
    assert told == ("opened contact_left taken released taken handed_over said closed opened called_off erased erased")
    assert {heard_number for _kind, heard_number, _session in heard} == {"1126-001", "1126-002"}
    assert {session for _kind, _number, session in heard} == {"s"}


def test_what_fails_is_not_told(store: TicketStore, heard: list[tuple[TicketEventKind, str, str]]) -> None:
    number = open_ticket(store).number
    heard.clear()
    with pytest.raises(TicketError):
        store.close(number, "李敏", "已答复", NOON)
    assert heard == []


def test_whoever_is_told_finds_it_committed(store: TicketStore, processes: list[TicketStore]) -> None:
    found: list[Ticket | None] = []
    store.events.subscribe(lambda event: found.append(processes[0].find(event.number)))
    ticket = open_ticket(store)
    assert found == [ticket]


def test_who_unsubscribes_hears_no_more() -> None:
    events = Events()
    heard: list[str] = []
    first = events.subscribe(lambda _event: heard.append("first"))
    events.subscribe(lambda _event: heard.append("second"))
    first()
    first()
    events.publish(TicketEvent(TicketEventKind.OPENED, "1126-001", "s"))
    assert heard == ["second"]


def test_a_listener_that_raises_is_logged_and_harms_nobody(
    store: TicketStore, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[TicketEvent] = []

    def broken(_event: TicketEvent) -> None:
        raise ZeroDivisionError

    store.events.subscribe(broken)
    store.events.subscribe(heard.append)
    ticket = open_ticket(store)
    assert [event.number for event in heard] == [ticket.number]
    assert "a listener failed on opened of ticket 1126-001" in caplog.text


# ---------------------------------------------------------------- the terminal


@pytest.fixture
def desk(url: str, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command of the desk; return its exit code, stdout and stderr."""

    def run_desk(*arguments: str) -> tuple[int, str, str]:
        parser = argparse.ArgumentParser()
        add_desk_commands(parser.add_subparsers())
        code = run(parser.parse_args(["desk", *arguments]), url, NOON)
        return code, *capsys.readouterr()

    return run_desk


Desk = Callable[..., tuple[int, str, str]]


def test_the_list_shows_who_waits_how_long_and_why(desk: Desk, store: TicketStore) -> None:
    open_ticket(store, "one", at=NOON - 12.5 * MINUTE)
    open_ticket(store, "two", Reason.CRISIS, at=NOON - 3.5 * MINUTE)
    code, out, _ = desk("list")
    assert code == 0
    assert out.splitlines() == [
        f"1　1126-002　等了 3 分钟　危急　{SUMMARY[0]}；{SUMMARY[1]}",
        f"2　1126-001　等了 12 分钟　要求人工　{SUMMARY[0]}；{SUMMARY[1]}",
    ]


def test_an_empty_list_says_so(desk: Desk) -> None:
    assert desk("list") == (0, "没有等候的工单\n", "")


def test_a_ticket_is_taken_answered_and_closed_at_the_terminal(desk: Desk, store: TicketStore) -> None:
    number = open_ticket(store).number
    assert desk("take", number, "--agent", "李敏")[0] == 0
    assert desk("say", number, "--agent", "李敏", "您好，", "请讲")[:2] == (0, f"{number}　已发出\n")
    assert texts(store.undelivered("s")) == ["您好， 请讲"]
    assert desk("close", number, "--agent", "李敏", "--outcome", "已答复")[:2] == (0, f"{number}　已办结\n")
    assert store.open_ticket_of("s") is None


def test_a_ticket_is_shown_with_its_whole_transcript(desk: Desk, store: TicketStore) -> None:
    number = open_ticket(store, reason=Reason.FAILED_TURNS).number
    store.leave_contact(number, "微信 abc", NOON + MINUTE)
    store.take(number, "李敏", NOON + 2 * MINUTE)
    store.say(number, Author.RESIDENT, None, "在吗", NOON + 3 * MINUTE)
    store.say(number, Author.AGENT, "李敏", "您好", NOON + 4 * MINUTE)
    store.close(number, "李敏", "已答复", NOON + 5 * MINUTE)
    assert desk("show", number)[1].splitlines() == [
        "工单 1126-001　已办结　机器人没听懂　web",
        "开单 11-26 12:00",
        "接手 11-26 12:02　李敏",
        "结束 11-26 12:05　已答复",
        "联系 微信 abc（11-26 12:01 本人同意留下）",
        f"摘要 {SUMMARY[0]}",
        f"摘要 {SUMMARY[1]}",
        "11-26 12:03　来访人：在吗",
        "11-26 12:04　李敏：您好（未送达）",
    ]


def test_who_takes_a_ticket_sees_it(desk: Desk, store: TicketStore) -> None:
    number = open_ticket(store).number
    store.say(number, Author.RESIDENT, None, "在吗", NOON)
    out = desk("take", number, "--agent", "李敏")[1]
    assert "办理中" in out and "来访人：在吗" in out


def test_what_a_resident_sends_does_not_steer_the_terminal(desk: Desk, store: TicketStore) -> None:
    number = open_ticket(store).number
    store.say(number, Author.RESIDENT, None, "\x1b[2J在吗\r\n1　1126-009", NOON)
    assert desk("show", number)[1].splitlines()[-1] == "11-26 12:00　来访人： [2J在吗  1 1126-009"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["show", "1126-009"], "没有工单 1126-009"),
        (["take", "1126-001", "--agent", "王强"], "工单 1126-001 已由 李敏 接手"),
        (["say", "1126-001", "--agent", "王强", "您好"], "工单 1126-001 已由 李敏 接手"),
        (["close", "1126-001", "--agent", "王强", "--outcome", "已答复"], "工单 1126-001 已由 李敏 接手"),
    ],
)
def test_what_cannot_be_done_is_one_line_on_stderr(
    desk: Desk, store: TicketStore, arguments: list[str], told: str
) -> None:
    store.take(open_ticket(store).number, "李敏", NOON)
    assert desk(*arguments) == (1, "", f"desk: {told}\n")


def test_a_database_that_cannot_be_used_is_one_line_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_desk_commands(parser.add_subparsers())
    assert run(parser.parse_args(["desk", "list"]), "nosuch://localhost/x", NOON) == 1
    out, error = capsys.readouterr()
    assert (out, error.count("\n")) == ("", 1)
    assert "DATABASE_URL 不能用" in error


def test_tickets_of_lost_agents_are_released_at_the_terminal(desk: Desk, store: TicketStore) -> None:
    lost, held = open_ticket(store, "lost"), open_ticket(store, "held")
    store.take(lost.number, "李敏", NOON - 31 * MINUTE)
    store.take(held.number, "王强", NOON - 20 * MINUTE)
    assert desk("release")[1] == f"{lost.number}　等候\n"
    assert desk("release")[1] == "没有要放回的工单\n"
    assert desk("release", "--minutes", "10")[1] == f"{held.number}　等候\n"
