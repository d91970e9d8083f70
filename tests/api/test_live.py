"""Live events: every tab hears everything in order and once, residents and agents hear each other, noise is refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from websockets.exceptions import ConnectionClosed, InvalidStatusCode

from api.live import closing, hub, rooms, socket
from api.live.events import OfficeEventKind
from api.live.hub import OfficeListener
from api.live.listeners import Ending, Listener, ListenerEndedError
from bot.desk.store import TicketStore
from bot.desk.ticket import Author
from bot.records.transcripts import EntryAuthor
from bot.settings import OFFICE_TIME, load_settings
from tests.api.service import PATIENCE, Resident, Service, eventually, lead, serving
from tests.bot.engines import new_url, opened

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

QUESTION = "工伤认定要多久"
AGENT = "李敏"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine with a queue of its own."""
    with opened(new_url(tmp_path_factory.mktemp("live"))) as engine:
        yield engine


@pytest.fixture
def desk(engine: Engine) -> TicketStore:
    """The desk, as the agents' console has it: in the same process."""
    return engine.desk


@pytest.fixture
def desk_elsewhere(engine: Engine) -> TicketStore:
    """The desk, as another process has it: what is done there is told to nobody here."""
    return TicketStore(engine.database, OFFICE_TIME)


def now() -> datetime:
    return datetime.now(OFFICE_TIME)


async def call_person(service: Service, resident: Resident) -> str:
    """Let *resident* wait for a person; return the ticket's number."""
    reply = await service.say(resident, "转人工")
    (number,) = (message["ticket"] for message in reply["messages"] if message["type"] == "handoff")
    return str(number)


async def take(desk: TicketStore, number: str, agent: str = AGENT) -> None:
    await asyncio.to_thread(desk.take, number, agent, now())


async def answer(desk: TicketStore, number: str, text: str) -> None:
    await asyncio.to_thread(desk.say, number, Author.AGENT, AGENT, text, now())


async def close(desk: TicketStore, number: str) -> None:
    await asyncio.to_thread(desk.close, number, AGENT, "已答复", now())


# ---------------------------------------------------------------- tabs


def test_both_tabs_of_a_session_hear_the_same_in_the_same_order(engine: Engine) -> None:
    async def story(service: Service) -> None:
        resident = await service.resident()
        async with service.tab(resident) as one, service.tab(resident) as other:
            for text in (QUESTION, "要什么材料", "在哪里办"):
                await service.say(resident, text)
            heard = await one.entries(6)
            assert heard == await other.entries(6)
            assert heard == (await service.poll(resident))["entries"]

    lead(engine, story)


def test_a_tab_that_opens_hears_what_was_said_before(engine: Engine) -> None:
    async def story(service: Service) -> None:
        resident = await service.resident()
        reply = await service.say(resident, QUESTION)
        async with service.tab(resident) as tab:
            said, answered = await tab.entries(2)
            assert (said["author"], said["text"]) == ("resident", QUESTION)
            assert (answered["author"], answered["turn"]) == ("bot", reply)

    lead(engine, story)


def test_a_tab_that_connects_again_hears_what_it_missed(engine: Engine) -> None:
    async def story(service: Service) -> None:
        resident = await service.resident()
        async with service.tab(resident) as tab:
            await service.say(resident, QUESTION)
            last = (await tab.entries(2))[-1]["seq"]
        await service.say(resident, "要什么材料")
        async with service.tab(resident, after=last) as tab:
            assert (await tab.entry())["text"] == "要什么材料"

    lead(engine, story)


def test_who_opens_a_tab_in_the_middle_misses_nothing_and_hears_nothing_twice(engine: Engine) -> None:
    async def story(service: Service) -> None:
        resident = await service.resident()

        async def listen(delay: float) -> list[int]:
            await asyncio.sleep(delay)
            async with service.tab(resident) as tab:
                return [entry["seq"] for entry in await tab.entries(24)]

        listening = [asyncio.create_task(listen(number * 0.02)) for number in range(10)]
        for _ in range(12):
            await service.say(resident, QUESTION)
        wanted = [entry["seq"] for entry in (await service.poll(resident))["entries"]]
        assert await asyncio.gather(*listening) == [wanted] * 10

    lead(engine, story)


def test_a_long_conversation_is_heard_whole(engine: Engine) -> None:
    async def story(service: Service) -> None:
        resident = await service.resident()
        for number in range(1001):
            engine.transcripts.add(resident.session_id, now(), EntryAuthor.SYSTEM, str(number))
        async with service.tab(resident) as tab:
            heard = await tab.entries(1001)
        assert [entry["text"] for entry in heard] == [str(number) for number in range(1001)]

    lead(engine, story)


def test_fifty_residents_at_once_hear_their_own_and_no_others(engine: Engine) -> None:
    async def story(service: Service) -> None:
        async def converse() -> tuple[list[Any], list[Any]]:
            resident = await service.resident()
            async with service.tab(resident) as tab:
                replies = [await service.say(resident, text) for text in (QUESTION, "要什么材料")]
                return replies, [entry["turn"] for entry in (await tab.entries(4))[1::2]]

        for replies, heard in await asyncio.gather(*(converse() for _ in range(50))):
            assert replies == heard

    lead(engine, story)


def test_a_program_has_live_events_without_a_token(engine: Engine) -> None:
    async def story(service: Service) -> None:
        async with service.socket() as tab:
            await tab.send({"type": "hello", "session_id": "a-program", "after": 0})
            reply = (await service.http.post("/api/v1/chat", json={"session_id": "a-program", "text": QUESTION})).json()
            assert (await tab.entries(2))[1]["turn"] == reply

    lead(engine, story)


# ---------------------------------------------------------------- the desk


def test_a_resident_follows_the_ticket_to_its_end(engine: Engine, desk: TicketStore) -> None:
    async def story(service: Service) -> None:
        resident = await service.resident()
        async with service.tab(resident) as tab:
            nobody = {"state": "none", "ticket": None, "place": None, "agent": None, "typing": False}
            assert await tab.desk() == nobody
            number = await call_person(service, resident)
            place = desk.waiting_place(number)
            assert await tab.desk() == {**nobody, "state": "waiting", "ticket": number, "place": place}
            await take(desk, number)
            taken = {**nobody, "state": "taken", "ticket": number, "agent": AGENT}
            assert await tab.desk() == taken
            service.hub.agent_types(resident.session_id)
            assert await tab.desk() == {**taken, "typing": True}
            await answer(desk, number, "请带身份证")
            assert (await tab.desk())["typing"] is False
            await close(desk, number)
            assert await tab.desk() == nobody

    lead(engine, story)


def test_a_tab_that_opens_while_its_resident_waits_hears_what_happens_next(
    engine: Engine, desk: TicketStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing but what happens itself makes the hub look: a look by the clock would hide what was not told.
    monkeypatch.setattr(hub, "LOOK_EVERY", PATIENCE * 2)

    async def story(service: Service) -> None:
        resident = await service.resident()
        await call_person(service, resident)
        await service.hub.desk(resident.session_id)
        async with service.tab(resident) as tab:
            await tab.desk(state="waiting")
            await asyncio.to_thread(desk.call_off, resident.session_id, now())
            await tab.desk(state="none")

    lead(engine, story)


def test_typing_ends_by_itself(engine: Engine, desk: TicketStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "TYPING_SECONDS", 0.2)

    async def story(service: Service) -> None:
        resident = await service.resident()
        number = await call_person(service, resident)
        await take(desk, number)
        async with service.tab(resident) as tab:
            await tab.desk(typing=False)
            service.hub.agent_types(resident.session_id)
            await tab.desk(typing=True)
            await tab.desk(typing=False)

    lead(engine, story)


def test_the_place_in_the_queue_moves_on(engine: Engine, desk: TicketStore) -> None:
    async def story(service: Service) -> None:
        first, second = [await service.resident() for _ in range(2)]
        number = await call_person(service, first)
        async with service.tab(second) as tab:
            await call_person(service, second)
            place = (await tab.desk(state="waiting"))["place"]
            await take(desk, number)
            assert (await tab.desk(state="waiting"))["place"] == place - 1

    lead(engine, story)


def test_a_poll_wakes_when_the_ticket_is_taken(engine: Engine, desk: TicketStore) -> None:
    async def story(service: Service) -> None:
        resident = await service.resident()
        number = await call_person(service, resident)
        page = await service.poll(resident, wait=5)
        after = page["entries"][-1]["seq"]
        polling = asyncio.create_task(service.poll(resident, after=after, wait=25))
        await service.until_waiting(resident)
        await take(desk, number)
        page = await asyncio.wait_for(polling, PATIENCE)
        assert (page["entries"], page["desk"]["agent"]) == ([], AGENT)

    lead(engine, story)


def test_what_happens_between_two_polls_is_answered_at_once(engine: Engine, desk: TicketStore) -> None:
    async def story(service: Service) -> None:
        resident = await service.resident()
        number = await call_person(service, resident)
        after = (await service.poll(resident, wait=5))["entries"][-1]["seq"]
        await take(desk, number)
        page = await asyncio.wait_for(service.poll(resident, after=after, wait=25), PATIENCE)
        assert page["desk"]["agent"] == AGENT

    lead(engine, story)


# ---------------------------------------------------------------- agents' words


@pytest.mark.parametrize("elsewhere", [False, True], ids=["same process", "another process"])
def test_an_agents_words_reach_every_tab(
    engine: Engine, desk: TicketStore, desk_elsewhere: TicketStore, elsewhere: bool
) -> None:
    at = desk_elsewhere if elsewhere else desk

    async def story(service: Service) -> None:
        resident = await service.resident()
        number = await call_person(service, resident)
        after = (await service.poll(resident))["entries"][-1]["seq"]
        async with service.tab(resident, after) as one, service.tab(resident, after) as other:
            await take(at, number)
            await answer(at, number, "请带身份证")
            heard = await one.entry()
            assert (heard["author"], heard["name"], heard["text"]) == ("agent", AGENT, "请带身份证")
            assert await other.entry() == heard

    lead(engine, story)


def test_the_last_words_before_a_ticket_is_closed_elsewhere_arrive(engine: Engine, desk_elsewhere: TicketStore) -> None:
    async def story(service: Service) -> None:
        resident = await service.resident()
        number = await call_person(service, resident)
        after = (await service.poll(resident))["entries"][-1]["seq"]
        async with service.tab(resident, after) as tab:
            await tab.desk(state="waiting")
            await take(desk_elsewhere, number)
            await answer(desk_elsewhere, number, "再见")
            await close(desk_elsewhere, number)
            assert (await tab.entry())["text"] == "再见"

    lead(engine, story)


def test_words_to_a_resident_who_is_away_wait_at_the_desk(engine: Engine, desk: TicketStore) -> None:
    async def story(service: Service) -> None:
        resident = await service.resident()
        number = await call_person(service, resident)
        await take(desk, number)
        await answer(desk, number, "请带身份证")
        with service.hub.office() as office:
            await close(desk, number)
            await next_event(office, OfficeEventKind.CLOSED, number)
        assert [message.text for message in desk.undelivered(resident.session_id)] == ["请带身份证"]
        async with service.tab(resident) as tab:
            assert [entry["text"] for entry in await tab.entries(3)][-1] == "请带身份证"

    lead(engine, story)


def test_a_poll_brings_what_an_agent_said_meanwhile(engine: Engine, desk: TicketStore) -> None:
    async def story(service: Service) -> None:
        resident = await service.resident()
        number = await call_person(service, resident)
        await take(desk, number)
        await answer(desk, number, "请带身份证")
        assert (await service.poll(resident))["entries"][-1]["text"] == "请带身份证"

    lead(engine, story)


def test_what_an_agent_said_stands_before_what_is_said_to_it(engine: Engine, desk: TicketStore) -> None:
    async def story(service: Service) -> None:
        resident = await service.resident()
        number = await call_person(service, resident)
        await take(desk, number)
        await answer(desk, number, "请带身份证")
        await service.say(resident, "好的")
        texts = [entry["text"] for entry in (await service.poll(resident))["entries"]]
        assert texts.index("请带身份证") == texts.index("好的") - 1

    lead(engine, story)


# ---------------------------------------------------------------- the office


async def next_event(office: OfficeListener, kind: OfficeEventKind, number: str) -> None:
    """Wait until *office* hears *kind* of the ticket."""
    while True:
        event = await asyncio.wait_for(office.next(), PATIENCE)
        if (event.kind, event.ticket) == (kind, number):
            return


@pytest.mark.parametrize("elsewhere", [False, True], ids=["same process", "another process"])
def test_the_office_hears_what_happens_on_a_ticket(
    engine: Engine, desk: TicketStore, desk_elsewhere: TicketStore, elsewhere: bool
) -> None:
    at = desk_elsewhere if elsewhere else desk

    async def story(service: Service) -> None:
        resident = await service.resident()
        with service.hub.office() as office:
            number = await call_person(service, resident)
            await next_event(office, OfficeEventKind.OPENED, number)
            await take(at, number)
            await next_event(office, OfficeEventKind.TAKEN, number)
            await asyncio.to_thread(at.hand_over, number, AGENT, "王强")
            await next_event(office, OfficeEventKind.HANDED_OVER, number)
            await asyncio.to_thread(at.release_lost, replace_year(now()))
            await next_event(office, OfficeEventKind.RELEASED, number)
            await take(at, number)
            await next_event(office, OfficeEventKind.TAKEN, number)
            await service.say(resident, "在吗")
            await next_event(office, OfficeEventKind.SAID, number)
            await close(at, number)
            await next_event(office, OfficeEventKind.CLOSED, number)

    lead(engine, story)


def replace_year(at: datetime) -> datetime:
    """Return a moment by which every agent is lost."""
    return at.replace(year=at.year + 1)


def test_the_office_hears_when_words_have_reached_the_resident(engine: Engine, desk: TicketStore) -> None:
    async def story(service: Service) -> None:
        resident = await service.resident()
        number = await call_person(service, resident)
        await take(desk, number)
        with service.hub.office() as office:
            await answer(desk, number, "请带身份证")
            await next_event(office, OfficeEventKind.SAID, number)
            await service.poll(resident)
            await next_event(office, OfficeEventKind.DELIVERED, number)

    lead(engine, story)


def test_the_office_hears_that_a_ticket_is_erased(engine: Engine) -> None:
    async def story(service: Service) -> None:
        resident = await service.resident()
        number = await call_person(service, resident)
        with service.hub.office() as office:
            await service.http.delete(f"/api/v1/sessions/{resident.session_id}", headers=resident.headers)
            await next_event(office, OfficeEventKind.ERASED, number)

    lead(engine, story)


def test_the_office_sees_the_resident_come_write_and_go(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "GRACE_SECONDS", 0.1)

    async def story(service: Service) -> None:
        resident = await service.resident()
        with service.hub.office() as office:
            number = await call_person(service, resident)
            await next_event(office, OfficeEventKind.OPENED, number)  # of tickets not seen yet nothing is told
            async with service.tab(resident) as tab:
                await next_event(office, OfficeEventKind.CAME, number)
                assert service.hub.is_connected(resident.session_id)
                await tab.send({"type": "typing"})
                await next_event(office, OfficeEventKind.TYPING, number)
            await next_event(office, OfficeEventKind.LEFT, number)
            assert not service.hub.is_connected(resident.session_id)

    lead(engine, story)


# ---------------------------------------------------------------- erasing, stopping


def test_the_other_tab_is_told_that_the_session_is_erased(engine: Engine) -> None:
    async def story(service: Service) -> None:
        resident = await service.resident()
        async with service.tab(resident) as tab:
            await tab.desk()
            await service.http.delete(f"/api/v1/sessions/{resident.session_id}", headers=resident.headers)
            assert await tab.frame() == {"type": "erased"}
            assert (await tab.closed())[0] == 1000

    lead(engine, story)


def test_a_tab_that_comes_back_after_the_session_is_erased_is_told_so(engine: Engine) -> None:
    async def story(service: Service) -> None:
        resident = await service.resident()
        seq = (await service.say(resident, QUESTION))["seq"]
        await service.http.delete(f"/api/v1/sessions/{resident.session_id}", headers=resident.headers)
        async with service.tab(resident, after=seq) as tab:
            assert await tab.frame() == {"type": "erased"}

    lead(engine, story)


def test_tabs_are_told_to_come_again_when_the_service_stops(engine: Engine) -> None:
    async def story() -> None:
        async with serving(engine) as service:
            resident = await service.resident()
            async with service.tab(resident) as tab, service.hub.running():
                await tab.desk()
            # The inner block's end is what the app's own end does.
            assert await tab.closed() == (1012, Ending.STOPPING.reason)

    asyncio.run(story())


# ---------------------------------------------------------------- what is refused

HELLO = {"type": "hello", "session_id": "a-program", "after": 0}
NO_HELLO: dict[str, str | bytes] = {
    "nothing": "",
    "no JSON": "{",
    "a list": "[]",
    "a number": "1",
    "no type": "{}",
    "an unknown type": '{"type": "goodbye"}',
    "typing": '{"type": "typing"}',
    "no session": '{"type": "hello", "after": 0}',
    "a session that is none": json.dumps({**HELLO, "session_id": "a b"}),
    "a session with half a character": json.dumps({**HELLO, "session_id": "\ud800"}),
    "a session that is a number": json.dumps({**HELLO, "session_id": 1}),
    "a number below zero": json.dumps({**HELLO, "after": -1}),
    "a number in words": json.dumps({**HELLO, "after": "1"}),
    "a number that nobody can count to": json.dumps({**HELLO, "after": 2**63}),
    "no token": json.dumps({**HELLO, "session_id": "web-aaaaaaaaaaaaaaaaaaaaaaaaaa"}),
    "a wrong token": json.dumps({**HELLO, "session_id": "web-aaaaaaaaaaaaaaaaaaaaaaaaaa", "token": "\ud800"}),
    "a binary frame": json.dumps(HELLO).encode(),
    "a frame that is too long": json.dumps({**HELLO, "more": "a" * 5000}),
    "a frame that is too deep": "[" * 4000,
}


@pytest.mark.parametrize("name", NO_HELLO)
def test_who_does_not_say_hello_properly_is_sent_away_with_a_reason(engine: Engine, name: str) -> None:
    async def story(service: Service) -> None:
        async with service.socket() as tab:
            await tab.socket.send(NO_HELLO[name])
            code, reason = await tab.closed()
            assert code == 1008
            assert reason

    lead(engine, story)


LATER: dict[str, str | bytes] = {
    "nothing": "",
    "no JSON": "{",
    "another hello": json.dumps(HELLO),
    "an unknown type": '{"type": "say", "text": "a"}',
    "a binary frame": b'{"type": "typing"}',
    "a frame that is too long": json.dumps({"type": "typing", "more": "a" * 5000}),
}


@pytest.mark.parametrize("name", LATER)
def test_a_tab_that_sends_anything_else_is_sent_away(engine: Engine, name: str) -> None:
    async def story(service: Service) -> None:
        resident = await service.resident()
        async with service.tab(resident) as tab, service.tab(resident) as other:
            await tab.desk()
            await tab.socket.send(LATER[name])
            assert (await tab.closed())[0] == 1008
            await service.say(resident, QUESTION)
            await other.entries(2)

    lead(engine, story)


def test_a_tab_that_floods_is_sent_away(engine: Engine) -> None:
    async def story(service: Service) -> None:
        async with service.tab(await service.resident()) as tab:
            for _ in range(closing.FRAMES + 1):
                await tab.send({"type": "typing"})
            assert (await tab.closed())[0] == 1008

    lead(engine, story)


def test_who_says_nothing_is_not_waited_for(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "HELLO_SECONDS", 0.1)

    async def story(service: Service) -> None:
        async with service.socket() as tab:
            assert (await tab.closed())[0] == 1008

    lead(engine, story)


def test_who_goes_away_without_a_word_does_no_harm(engine: Engine) -> None:
    async def story(service: Service) -> None:
        async with service.socket() as tab:
            tab.socket.transport.abort()
        resident = await service.resident()
        async with service.tab(resident) as tab:
            await tab.desk()
            tab.socket.transport.abort()
        await eventually(lambda: not service.hub._rooms[resident.session_id].listeners)
        await service.say(resident, QUESTION)

    lead(engine, story)


# ---------------------------------------------------------------- who may connect


async def connects(service: Service, origin: str) -> bool:
    """Tell whether a page of *origin* may open a socket."""
    try:
        async with service.socket(extra_headers={"Origin": origin}):
            return True
    except InvalidStatusCode as error:
        assert error.status_code == 403
        return False


def test_our_own_pages_may_connect_and_no_others(engine: Engine) -> None:
    async def story(service: Service) -> None:
        assert await connects(service, service.address)
        for origin in ("http://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1:1", "file://"):
            assert not await connects(service, origin)

    lead(engine, story)


def test_pages_that_the_settings_name_may_connect(engine: Engine) -> None:
    settings = replace(
        load_settings(),
        allowed_origins=("https://www.example.org",),
        widget_hosts=("https://one.example", "two.example", "*.three.example"),
    )

    async def story() -> None:
        async with serving(engine, settings) as service:
            for origin in (
                "https://www.example.org",
                "https://one.example",
                "https://two.example",
                "http://two.example:8080",
                "https://a.three.example",
            ):
                assert await connects(service, origin)
            for origin in (
                "http://www.example.org",
                "http://one.example",
                "https://a.two.example",
                "https://three.example",
            ):
                assert not await connects(service, origin)

    asyncio.run(story())


# ---------------------------------------------------------------- who does not read


def test_a_line_that_is_full_ends_its_listener() -> None:
    async def story() -> None:
        listener = Listener[int](longest=2)
        for number in range(2):
            listener.tell(number)
        assert await listener.next() == 0
        for number in range(2):
            listener.tell(number)
        assert await listener.over() is Ending.TOO_SLOW
        with pytest.raises(ListenerEndedError, match="too slow"):
            await listener.next()

    asyncio.run(story())


def test_a_tab_that_does_not_read_is_sent_away_and_the_others_go_on(engine: Engine) -> None:
    async def story(service: Service) -> None:
        resident = await service.resident()

        async with (
            service.socket(max_queue=1, read_limit=1024, compression=None) as slow,
            service.tab(resident) as other,
        ):
            await slow.send({"type": "hello", **vars(resident), "after": 0})
            await slow.desk()
            await other.desk()
            room = service.hub._rooms[resident.session_id]
            for text, count in [("字" * 300_000, 20), *[("字", 100)] * 3]:
                for _ in range(count):
                    engine.transcripts.add(resident.session_id, now(), EntryAuthor.SYSTEM, text)
                service.hub.stir(resident.session_id)
                await other.entries(count)
            await eventually(lambda: len(room.listeners) == 1)
            with pytest.raises(ConnectionClosed) as closed:
                await slow.entries(220)
            assert closed.value.code == 1013

    lead(engine, story)


# ---------------------------------------------------------------- a store that is away


@asynccontextmanager
async def away(engine: Engine, table: str) -> AsyncIterator[None]:
    """Take a table away while the block runs."""
    rename = "ALTER TABLE {} RENAME TO {}"
    with engine.database.engine.begin() as connection:
        connection.execute(sa.text(rename.format(table, f"{table}_away")))
    try:
        yield
    finally:
        with engine.database.engine.begin() as connection:
            connection.execute(sa.text(rename.format(f"{table}_away", table)))


def test_entries_that_cannot_be_read_are_a_problem_for_the_moment(engine: Engine) -> None:
    async def story(service: Service) -> None:
        resident = await service.resident()
        await service.say(resident, QUESTION)
        url = f"/api/v1/sessions/{resident.session_id}/entries"
        async with away(engine, "transcripts"):
            for wait in (0, 1):
                response = await service.http.get(f"{url}?wait={wait}", headers=resident.headers)
                assert (response.status_code, response.json()["code"]) == (503, "store_away")
            async with service.tab(resident) as tab:
                assert (await tab.closed())[0] == 1013
        async with service.tab(resident) as tab:
            await tab.entries(2)

    lead(engine, story)


def test_a_desk_that_was_away_is_looked_at_again(engine: Engine, desk_elsewhere: TicketStore) -> None:
    async def story(service: Service) -> None:
        resident = await service.resident()
        number = await call_person(service, resident)
        async with service.tab(resident) as tab:
            await tab.desk(state="waiting")
            async with away(engine, "tickets"):
                await asyncio.sleep(1.5)
            await take(desk_elsewhere, number)
            await tab.desk(state="taken")

    lead(engine, story)
