"""A person called from a conversation, through the whole engine: the queue, the silence, and the way back."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.dates.hours import OfficeHours
from bot.desk.ticket import Author, Reason, Ticket, TicketState
from bot.records.database import Database
from bot.settings import OFFICE_TIME
from bot.wording import Wording
from knowledge.vocabulary import OpeningSpan
from tests.bot.conftest import Turn
from tests.bot.databases import everything_in
from tests.bot.engines import Resident, item_of, new_url, newcomer, opened, texts_of

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

WISH = "转人工"
CRISIS = "我不想活了"
COMPLAINT = "我要投诉你们窗口的工作人员态度太差"
QUESTION = "失业金在哪里领"
FOLLOW_UP = "收费吗"
MOBILE = "13877712345"
ID_NUMBER = "450702199001011234"
CLERK = "李敏"
THURSDAY = datetime(2026, 11, 26, 10, 0, tzinfo=OFFICE_TIME)
HOURS = OfficeHours((OpeningSpan(time(9), time(12)),))


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return new_url(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def engine(url: str) -> Iterator[Engine]:
    with opened(url) as engine:
        yield engine


@pytest.fixture
def arrive(engine: Engine) -> Iterator[Callable[[], Resident]]:
    """Let residents come; with them their tickets go, so that each test begins with an empty queue."""
    came: list[Resident] = []

    def one() -> Resident:
        came.append(newcomer(engine))
        return came[-1]

    yield one
    for resident in came:
        asyncio.run(engine.erase(resident.session))
    assert engine.desk.waiting() == []


@pytest.fixture
def resident(arrive: Callable[[], Resident]) -> Resident:
    return arrive()


@pytest.fixture
def office(engine: Engine) -> Iterator[Callable[[OfficeHours | None, datetime], None]]:
    """Set the office's hours and its clock for one test."""
    before = engine.services

    def set_to(hours: OfficeHours | None, now: datetime) -> None:
        engine.services = dataclasses.replace(
            before, office=dataclasses.replace(before.office, hours=hours), now=lambda: now
        )

    yield set_to
    engine.services = before


def ticket_of(resident: Resident) -> Ticket:
    ticket = resident.engine.desk.open_ticket_of(resident.session)
    assert ticket is not None
    return ticket


def take(resident: Resident) -> Ticket:
    return resident.engine.desk.take(ticket_of(resident).number, CLERK, THURSDAY)


def answer(resident: Resident, text: str) -> None:
    resident.engine.desk.say(ticket_of(resident).number, Author.AGENT, CLERK, text, THURSDAY)


def close(resident: Resident) -> None:
    resident.engine.desk.close(ticket_of(resident).number, CLERK, "已答复", THURSDAY)


def transcript(engine: Engine, ticket: Ticket) -> list[tuple[Author, str]]:
    return [(message.author, message.text) for message in engine.desk.messages(ticket.number)]


def handoffs(turn: Turn) -> list[str]:
    """Return the numbers of the tickets that a turn tells of."""
    return [message["ticket"] for message in turn["messages"] if message["type"] == "handoff"]


# ---------------------------------------------------------------- calling


def test_who_wishes_for_a_person_is_told_number_and_place_and_the_hotline(resident: Resident) -> None:
    turn = resident.say(WISH)
    ticket = ticket_of(resident)
    assert turn["decision"] == "handoff"
    assert handoffs(turn) == [ticket.number]
    assert ticket.number in texts_of(turn)
    assert "下一位就是您" in texts_of(turn)
    assert "12333" in [message["number"] for message in turn["messages"] if message["type"] == "phone"]


def test_who_comes_later_is_told_how_many_are_before(arrive: Callable[[], Resident]) -> None:
    places = [texts_of(arrive().say(WISH)) for _ in range(3)]
    assert "下一位就是您" in places[0]
    assert "前面还有 1 位" in places[1]
    assert "前面还有 2 位" in places[2]


def test_who_wishes_twice_keeps_the_ticket(engine: Engine, resident: Resident) -> None:
    first, second = resident.say(WISH), resident.say("有人吗，我要找人工客服")
    assert handoffs(first) == handoffs(second)
    assert [ticket.session for ticket in engine.desk.waiting()] == [resident.session]


@pytest.mark.parametrize(
    ("text", "reason"), [(WISH, Reason.WISH), (COMPLAINT, Reason.COMPLAINT), (CRISIS, Reason.CRISIS)]
)
def test_a_ticket_says_why_a_person_is_needed(resident: Resident, text: str, reason: Reason) -> None:
    assert handoffs(resident.say(text)) == [ticket_of(resident).number]
    assert ticket_of(resident).reason is reason


def test_a_crisis_comes_before_all_who_wait(engine: Engine, arrive: Callable[[], Resident]) -> None:
    wishing, complaining, despairing = arrive(), arrive(), arrive()
    wishing.say(WISH)
    complaining.say(COMPLAINT)
    turn = despairing.say(CRISIS)
    assert [t.session for t in engine.desk.waiting()] == [r.session for r in (despairing, wishing, complaining)]
    assert "下一位就是您" in texts_of(turn)


def test_who_falls_into_a_crisis_while_waiting_goes_before_the_others(
    engine: Engine, arrive: Callable[[], Resident]
) -> None:
    first, second = arrive(), arrive()
    number = [handoffs(resident.say(WISH)) for resident in (first, second)][1]
    turn = second.say(CRISIS)
    assert handoffs(turn) == number
    assert "下一位就是您" in texts_of(turn)
    assert ticket_of(second).reason is Reason.CRISIS
    assert [ticket.session for ticket in engine.desk.waiting()] == [second.session, first.session]


def test_in_a_crisis_the_emergency_numbers_come_first_and_no_item_is_named(resident: Resident) -> None:
    turn = resident.say(CRISIS)
    first = turn["messages"][0]
    assert first["type"] == "text"
    assert all(number in first["text"] for number in ("110", "120", "12356"))
    assert turn["items"] == []
    assert not {"answer", "choices"} & {message["type"] for message in turn["messages"]}


def test_after_two_failed_turns_the_next_calls_a_person(resident: Resident) -> None:
    turns = [resident.say(text) for text in ("？？？", "……", "！！！")]
    assert [turn["decision"] for turn in turns] == ["oos", "oos", "handoff"]
    assert handoffs(turns[2]) == [ticket_of(resident).number]
    assert ticket_of(resident).reason is Reason.FAILED_TURNS


def test_a_turn_that_succeeds_lets_the_counting_begin_anew(engine: Engine, resident: Resident) -> None:
    for text in ("？？？", "……", QUESTION, "？？？", "……"):
        resident.say(text)
    assert engine.desk.open_ticket_of(resident.session) is None


def test_whoever_takes_over_reads_what_was_asked_and_answered(engine: Engine, resident: Resident) -> None:
    for text in (QUESTION, "公积金怎么提取", WISH):
        resident.say(text)
    title = engine.services.base.by_id["unemployment_benefit_claim"].title
    asked, outside, wish = ticket_of(resident).summary
    assert QUESTION in asked
    assert title in asked
    assert engine.services.wording.facet("location") in asked
    assert "公积金怎么提取" in outside
    assert wish == WISH


def test_no_personal_number_stands_in_a_summary(resident: Resident) -> None:
    resident.say(f"我的身份证号是{ID_NUMBER}，失业金在哪里领")
    resident.say(WISH)
    assert "〔证件号〕" in ticket_of(resident).summary[0]
    assert ID_NUMBER not in "".join(ticket_of(resident).summary)


def test_a_ticket_names_the_channel_it_came_by(engine: Engine, resident: Resident) -> None:
    asyncio.run(engine.turn(resident.session, WISH, channel="wechat"))
    assert ticket_of(resident).channel == "wechat"


# ---------------------------------------------------------------- the office's hours


def test_in_office_hours_there_is_a_queue(
    resident: Resident, office: Callable[[OfficeHours | None, datetime], None]
) -> None:
    office(HOURS, THURSDAY)
    assert "下一位就是您" in texts_of(resident.say(WISH))


def test_outside_hours_a_message_is_left_and_it_is_said_when_the_office_opens(
    resident: Resident, wording: Wording, office: Callable[[OfficeHours | None, datetime], None]
) -> None:
    office(HOURS, THURSDAY.replace(day=27, hour=18))
    turn = resident.say(WISH)
    assert handoffs(turn) == [ticket_of(resident).number]
    assert "2026年11月30日（星期一）09:00" in texts_of(turn)
    assert wording.say("ask_contact") in texts_of(turn)
    assert "下一位" not in texts_of(turn)


# ---------------------------------------------------------------- waiting


def test_who_waits_goes_on_asking_and_is_answered_in_the_same_thread(resident: Resident) -> None:
    resident.say(QUESTION)
    resident.say(WISH)
    turn = resident.say(FOLLOW_UP)
    assert (item_of(turn), turn["facets"]) == ("unemployment_benefit_claim", ["fee"])
    assert ticket_of(resident).state is TicketState.WAITING


def test_who_no_longer_wants_anybody_calls_the_ticket_off(engine: Engine, resident: Resident) -> None:
    number = handoffs(resident.say(WISH))[0]
    turn = resident.say("取消")
    assert (turn["decision"], handoffs(turn)) == ("chitchat", [])
    called_off = engine.desk.find(number)
    assert called_off is not None
    assert called_off.state is TicketState.CALLED_OFF
    assert engine.desk.waiting() == []


def test_after_calling_off_the_next_wish_is_a_new_ticket(resident: Resident) -> None:
    first = handoffs(resident.say(WISH))
    resident.say("取消")
    assert handoffs(resident.say(WISH)) != first


def test_without_a_ticket_there_is_nothing_to_call_off(engine: Engine, resident: Resident, wording: Wording) -> None:
    resident.say(QUESTION)
    assert wording.say("called_off") not in texts_of(resident.say("取消"))


def test_who_calls_off_while_a_clerk_takes_the_ticket_is_not_told_that_it_is_off(
    engine: Engine, resident: Resident, wording: Wording, monkeypatch: pytest.MonkeyPatch
) -> None:
    resident.say(WISH)
    number = ticket_of(resident).number
    real = type(engine.desk).call_off

    def taken_just_before(desk: object, session: str, at: datetime) -> Ticket | None:
        engine.desk.take(number, CLERK, at)
        return real(engine.desk, session, at)

    monkeypatch.setattr(type(engine.desk), "call_off", taken_just_before)
    assert texts_of(resident.say("取消")) == wording.say("failed") + "\n12333"
    assert ticket_of(resident).state is TicketState.TAKEN


# ---------------------------------------------------------------- a number to call back


def test_a_number_sent_while_waiting_is_kept_on_the_ticket_and_nowhere_else(
    engine: Engine, url: str, resident: Resident
) -> None:
    for text in (QUESTION, WISH, f"打我电话{MOBILE[:3]} {MOBILE[3:7]} {MOBILE[7:]}", MOBILE, FOLLOW_UP):
        assert MOBILE not in texts_of(resident.say(text))
    assert ticket_of(resident).contact == MOBILE
    with closing(Database.open(url)) as database:
        kept = everything_in(database.engine)
        assert kept.count(MOBILE) == 1
        assert f"{MOBILE[:3]} {MOBILE[3:7]} {MOBILE[7:]}" not in kept
        with database.engine.begin() as connection:
            assert connection.execute(sa.text("SELECT contact FROM tickets")).scalars().all() == [MOBILE]
    engine.desk.call_off(resident.session, THURSDAY)
    with closing(Database.open(url)) as database:
        assert MOBILE not in everything_in(database.engine)


def test_who_sends_a_number_is_told_on_which_ticket_it_stands(resident: Resident) -> None:
    resident.say(WISH)
    assert ticket_of(resident).number in texts_of(resident.say(MOBILE))


@pytest.mark.parametrize("number", [ID_NUMBER, "6222021234567890123"])
def test_no_other_number_is_kept_even_while_waiting(url: str, resident: Resident, number: str) -> None:
    resident.say(WISH)
    assert number not in texts_of(resident.say(f"我的号是{number}"))
    assert ticket_of(resident).contact is None
    with closing(Database.open(url)) as database:
        assert number not in everything_in(database.engine)


def test_a_number_sent_without_waiting_is_kept_nowhere(url: str, resident: Resident, wording: Wording) -> None:
    turn = resident.say(f"我的手机号是{MOBILE}，失业金在哪里领")
    assert item_of(turn) == "unemployment_benefit_claim"
    assert wording.say("number_not_needed") in texts_of(turn)
    with closing(Database.open(url)) as database:
        assert MOBILE not in everything_in(database.engine)


# ---------------------------------------------------------------- while a person has the conversation


def test_while_a_clerk_has_the_conversation_the_bot_is_silent(resident: Resident) -> None:
    resident.say(WISH)
    take(resident)
    for text in (QUESTION, "2", "取消", CRISIS, "？？？"):
        turn = resident.say(text)
        assert (turn["decision"], turn["messages"], turn["items"]) == ("handoff", [], [])
    assert ticket_of(resident).state is TicketState.TAKEN


def test_what_the_resident_says_meanwhile_reaches_the_clerk_with_its_numbers_masked(
    engine: Engine, url: str, resident: Resident
) -> None:
    resident.say(WISH)
    ticket = take(resident)
    resident.say("我上个月交过了")
    resident.say(f"我的手机号是{MOBILE}，证件号是{ID_NUMBER}")
    assert transcript(engine, ticket) == [
        (Author.RESIDENT, "我上个月交过了"),
        (Author.RESIDENT, "我的手机号是〔手机号〕，证件号是〔证件号〕"),
    ]
    with closing(Database.open(url)) as database:
        kept = everything_in(database.engine)
    assert MOBILE not in kept
    assert ID_NUMBER not in kept


def test_a_clerks_answer_is_shown_once(resident: Resident) -> None:
    resident.say(WISH)
    take(resident)
    answer(resident, "您好，请讲")
    answer(resident, "材料齐了")
    assert resident.reads() == ["您好，请讲", "材料齐了"]
    assert resident.reads() == []


def test_of_two_who_look_at_once_one_shows_the_clerks_answer(engine: Engine, resident: Resident) -> None:
    resident.say(WISH)
    take(resident)
    answer(resident, "您好")

    async def look() -> int:
        shown = await asyncio.gather(*(engine.deliver(resident.session) for _ in range(4)))
        return sum(len(messages) for messages in shown)

    assert asyncio.run(look()) == 1


def test_a_clerks_answer_reaches_nobody_else(arrive: Callable[[], Resident]) -> None:
    asking, other = arrive(), arrive()
    asking.say(WISH)
    other.say(WISH)
    take(asking)
    answer(asking, "您好")
    assert other.reads() == []
    assert item_of(other.say(QUESTION)) == "unemployment_benefit_claim"


def test_after_the_clerk_closes_the_bot_answers_again_in_the_thread_before(resident: Resident) -> None:
    resident.say(QUESTION)
    resident.say(WISH)
    take(resident)
    assert resident.say(FOLLOW_UP)["messages"] == []
    close(resident)
    turn = resident.say(FOLLOW_UP)
    assert (item_of(turn), turn["facets"]) == ("unemployment_benefit_claim", ["fee"])


def test_the_clerks_last_words_are_shown_after_closing(resident: Resident) -> None:
    resident.say(WISH)
    take(resident)
    answer(resident, "再见")
    close(resident)
    assert resident.reads() == ["再见"]


def test_the_bot_answers_while_nobody_has_a_ticket_whose_clerk_was_lost(engine: Engine, resident: Resident) -> None:
    resident.say(WISH)
    take(resident)
    assert resident.say(QUESTION)["messages"] == []
    engine.desk.release_lost(THURSDAY.replace(hour=11))
    assert item_of(resident.say(QUESTION)) == "unemployment_benefit_claim"
    assert ticket_of(resident).state is TicketState.WAITING


def test_a_ticket_outlives_a_restart(tmp_path: Path) -> None:
    url = new_url(tmp_path)
    with opened(url) as engine:
        resident = newcomer(engine)
        resident.say(WISH)
        take(resident)
        answer(resident, "您好")
    with opened(url) as engine:
        back = Resident(engine, resident.session)
        assert back.say(QUESTION)["messages"] == []
        assert back.reads() == ["您好"]


# ---------------------------------------------------------------- a desk that cannot be reached


@pytest.fixture
def unreachable(resident: Resident, url: str) -> Iterator[None]:
    """The desk's table is gone while the resident is there."""
    assert resident
    with closing(Database.open(url)) as database:
        with database.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE tickets RENAME TO tickets_away")
        yield
        with database.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE tickets_away RENAME TO tickets")


@pytest.mark.parametrize("text", [WISH, COMPLAINT, CRISIS])
@pytest.mark.usefixtures("unreachable")
def test_with_the_desk_out_of_reach_the_hotline_is_named_and_no_ticket(resident: Resident, text: str) -> None:
    turn = resident.say(text)
    assert (turn["decision"], handoffs(turn)) == ("handoff", [])
    assert "12333" in texts_of(turn)


@pytest.mark.usefixtures("unreachable")
def test_with_the_desk_out_of_reach_questions_are_answered(resident: Resident) -> None:
    assert item_of(resident.say(QUESTION)) == "unemployment_benefit_claim"


def test_words_that_do_not_reach_the_clerk_are_not_met_with_silence(
    engine: Engine, resident: Resident, wording: Wording, monkeypatch: pytest.MonkeyPatch
) -> None:
    resident.say(WISH)
    ticket = take(resident)
    real = type(engine.desk).say

    def closed_just_before(desk: object, *said: object) -> None:
        engine.desk.close(ticket.number, CLERK, "已答复", THURSDAY)
        real(engine.desk, *said)  # type: ignore[arg-type]  # as the engine gave them

    monkeypatch.setattr(type(engine.desk), "say", closed_just_before)
    assert wording.say("failed") in texts_of(resident.say(QUESTION))
    monkeypatch.undo()
    assert item_of(resident.say(QUESTION)) == "unemployment_benefit_claim"
