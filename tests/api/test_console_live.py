"""What a console's page is told as it happens: the queue, words in order and once, typing, presence."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from websockets.client import connect
from websockets.exceptions import InvalidStatusCode

from api.access.passwords import Passwords
from api.access.role import Role
from api.access.staff import StaffAccess
from bot.door import office_now
from bot.settings import load_settings
from tests.api.office import PASSWORD, QUICK
from tests.api.service import PATIENCE, Frame, Service, Tab, serving
from tests.bot.engines import new_url, opened

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

QUESTION = "工伤认定要多久"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine with a desk and people of its own."""
    with opened(new_url(tmp_path_factory.mktemp("console-live"))) as engine:
        access = StaffAccess(engine.database, load_settings(), office_now, Passwords(QUICK))
        for name, role in (("李敏", Role.AGENT), ("王强", Role.AGENT), ("陈查", Role.CLERK)):
            access.add_account(name, role, PASSWORD)
        yield engine


Story = Callable[[Service], Coroutine[Any, Any, None]]
Lead = Callable[[Story], None]


@pytest.fixture(scope="module")
def lead(engine: Engine) -> Iterator[Lead]:
    """Runs stories with one service, in its event loop, which is not the tests' own: a browser may have that."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    open_parts = AsyncExitStack()

    def call(work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(2 * PATIENCE)

    service = call(open_parts.enter_async_context(serving(engine)))
    yield lambda story: call(story(service))
    call(open_parts.aclose())
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


@dataclass
class Seat:
    """An agent who is logged in, at the running service."""

    service: Service
    http: httpx.AsyncClient

    async def does(self, number: str, what: str, **body: Any) -> None:
        response = await self.http.post(f"/api/v1/console/tickets/{number}/{what}", json=body)
        assert response.status_code in {200, 204}, response.text

    async def takes(self, resident_says: str = "转人工") -> tuple[Any, str]:
        """Let a new resident ask for a person and take the ticket; return both."""
        resident, number = await waiting(self.service, resident_says)
        await self.does(number, "take")
        return resident, number

    @asynccontextmanager
    async def page(self) -> AsyncIterator[Page]:
        """Open the live socket of a page."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        address = self.service.address.replace("http", "ws") + "/api/v1/console/live"
        async with connect(
            address, extra_headers={"Cookie": cookies}, open_timeout=PATIENCE, close_timeout=1
        ) as socket:
            yield Page(socket)


class Page(Tab):
    """The live socket of a console's page."""

    async def next(self, kind: str) -> Frame:
        """Return the next frame of that kind, whatever else is told meanwhile."""
        while (frame := await self.frame())["type"] != kind:
            pass
        return frame

    async def board(self, part: str, *numbers: str) -> None:
        """Wait until that part of the board has just those tickets."""
        while [line["number"] for line in (await self.next("board"))["board"][part]] != list(numbers):
            pass

    async def said(self, count: int) -> list[dict[str, Any]]:
        """Return the next entries in which something is said."""
        entries: list[dict[str, Any]] = []
        while len(entries) < count:
            entry = (await self.next("entry"))["entry"]
            if entry["text"]:
                entries.append(entry)
        return entries

    async def ticket(self, **wanted: object) -> Frame:
        """Return the ticket on the screen as soon as it has what is *wanted*."""
        while not wanted.items() <= (ticket := (await self.next("ticket"))["ticket"]).items():
            pass
        told: Frame = ticket
        return told

    async def presence(self, name: str, presence: str) -> None:
        """Wait until that colleague is there, away or gone."""
        while True:
            told = (await self.next("colleagues"))["colleagues"]
            if presence in [one["presence"] for one in told if one["name"] == name]:
                return


@asynccontextmanager
async def seat(service: Service, name: str = "李敏") -> AsyncIterator[Seat]:
    """Log an agent in."""
    async with httpx.AsyncClient(base_url=service.address, timeout=PATIENCE) as http:
        response = await http.post("/api/v1/staff/login", json={"name": name, "password": PASSWORD})
        http.headers["X-CSRF-Token"] = response.json()["csrf"]
        yield Seat(service, http)


async def waiting(service: Service, text: str = "转人工") -> tuple[Any, str]:
    """Return a new resident and the number of the ticket."""
    resident = await service.resident()
    reply = await service.say(resident, text)
    return resident, next(message["ticket"] for message in reply["messages"] if message["type"] == "handoff")


@pytest.fixture(autouse=True)
def clear_desk(engine: Engine) -> Iterator[None]:
    yield
    for number in [line.number for line in engine.desk.waiting()]:
        ticket = engine.desk.find(number)
        if ticket is not None:
            engine.desk.erase(ticket.session)


# ---------------------------------------------------------------- the board


def test_who_asks_for_a_person_is_on_the_board_at_once(lead: Lead) -> None:
    async def story(service: Service) -> None:
        async with seat(service) as agent, agent.page() as page:
            await page.board("waiting")
            _, number = await waiting(service)
            await page.board("waiting", number)

    lead(story)


def test_what_one_takes_leaves_the_queue_of_all(lead: Lead) -> None:
    async def story(service: Service) -> None:
        async with seat(service) as agent, seat(service, "王强") as other, agent.page() as mine, other.page() as theirs:
            _, number = await agent.takes()
            await mine.board("mine", number)
            await theirs.board("others", number)
            await agent.does(number, "close", outcome="answered")
            await theirs.board("others")

    lead(story)


# ---------------------------------------------------------------- words


def test_all_that_is_said_on_an_own_ticket_is_told_in_order_and_once(lead: Lead) -> None:
    async def story(service: Service) -> None:
        async with seat(service) as agent, agent.page() as page:
            resident, number = await agent.takes()
            await page.board("mine", number)
            async with service.tab(resident) as tab:
                for index in range(5):
                    await service.say(resident, f"第{index}句")
                    await agent.does(number, "say", text=f"答{index}")
                    while (await tab.entry())["text"] != f"答{index}":
                        pass
                told = await page.said(10)
            assert [entry["text"] for entry in told] == [
                f"{who}{index}{end}" for index in range(5) for who, end in (("第", "句"), ("答", ""))
            ]
            assert [entry["seq"] for entry in told] == sorted({entry["seq"] for entry in told})
            await agent.does(number, "close", outcome="answered")

    lead(story)


def test_the_ticket_on_the_screen_is_followed_before_it_is_taken(lead: Lead) -> None:
    async def story(service: Service) -> None:
        async with seat(service) as agent, agent.page() as page:
            resident, number = await waiting(service)
            last = (await service.poll(resident))["entries"][-1]["seq"]
            await page.send({"type": "watch", "ticket": number, "after": last})
            await page.ticket(number=number, state="waiting")
            await service.say(resident, QUESTION)
            question, answer = await page.said(2)
            assert question["text"] == QUESTION
            assert answer["understood"]["items"][0]["id"] == "injury_determination"

    lead(story)


def test_a_page_that_comes_back_gets_what_it_missed(lead: Lead) -> None:
    async def story(service: Service) -> None:
        async with seat(service) as agent:
            resident, number = await agent.takes()
            last = (await service.poll(resident))["entries"][-1]["seq"]
            await service.say(resident, "有人吗")
            async with agent.page() as page:
                await page.send({"type": "watch", "ticket": number, "after": last})
                assert (await page.said(1))[0]["text"] == "有人吗"
            await agent.does(number, "close", outcome="answered")

    lead(story)


def test_words_are_under_way_until_the_resident_is_there(lead: Lead) -> None:
    async def story(service: Service) -> None:
        async with seat(service) as agent, agent.page() as page:
            resident, number = await agent.takes()
            await page.send({"type": "watch", "ticket": number, "after": 0})
            await agent.does(number, "say", text="您好")
            while not (ticket := await page.ticket(number=number))["underway"]:
                pass
            assert [words["text"] for words in ticket["underway"]] == ["您好"]
            async with service.tab(resident):
                ticket = await page.ticket(underway=[], reach={"state": "connected", "note": None})
            await agent.does(number, "close", outcome="answered")

    lead(story)


def test_a_ticket_that_was_erased_is_gone(lead: Lead) -> None:
    async def story(service: Service) -> None:
        async with seat(service) as agent, agent.page() as page:
            resident, number = await waiting(service)
            await page.send({"type": "watch", "ticket": number, "after": 0})
            await page.ticket(number=number)
            await service.http.delete(f"/api/v1/sessions/{resident.session_id}", headers=resident.headers)
            assert (await page.next("gone"))["ticket"] == number

    lead(story)


# ---------------------------------------------------------------- typing


def test_each_sees_that_the_other_is_typing(lead: Lead) -> None:
    async def story(service: Service) -> None:
        async with seat(service) as agent, agent.page() as page:
            resident, number = await agent.takes()
            await page.board("mine", number)
            async with service.tab(resident) as tab:
                await tab.desk(state="taken")
                await tab.send({"type": "typing"})
                assert (await page.next("typing"))["ticket"] == number
                await page.send({"type": "typing", "ticket": number})
                assert (await tab.desk(typing=True))["agent"] == "李敏"
            await agent.does(number, "close", outcome="answered")

    lead(story)


def test_who_does_not_have_the_ticket_is_not_seen_typing(lead: Lead) -> None:
    async def story(service: Service) -> None:
        async with seat(service) as agent, seat(service, "王强") as other, agent.page() as mine, other.page() as theirs:
            resident, number = await agent.takes()
            await theirs.send({"type": "typing", "ticket": number})
            await theirs.send({"type": "watch", "ticket": number})
            await theirs.ticket(number=number)  # what was sent before it has been dealt with
            assert not (await service.poll(resident))["desk"]["typing"]
            await mine.send({"type": "typing", "ticket": number})
            async with service.tab(resident) as tab:
                await mine.send({"type": "typing", "ticket": number})
                await tab.desk(typing=True)
            await agent.does(number, "close", outcome="answered")

    lead(story)


# ---------------------------------------------------------------- presence


def test_a_colleague_who_comes_or_goes_away_for_a_while_is_seen(lead: Lead) -> None:
    async def story(service: Service) -> None:
        async with seat(service) as agent, seat(service, "王强") as other, agent.page() as page, other.page():
            await page.presence("王强", "here")
            await other.http.put("/api/v1/console/presence", json={"presence": "away"})
            await page.presence("王强", "away")
            await other.http.put("/api/v1/console/presence", json={"presence": "here"})
            await page.presence("王强", "here")

    lead(story)


# ---------------------------------------------------------------- who may, and what


@pytest.mark.parametrize("name", ["陈查", None])
def test_only_agents_get_a_socket(lead: Lead, name: str | None) -> None:
    async def story(service: Service) -> None:
        async with seat(service) as agent:
            if name is None:
                agent.http.cookies.clear()
            else:
                login = await agent.http.post("/api/v1/staff/login", json={"name": name, "password": PASSWORD})
                assert login.status_code == 200
            with pytest.raises(InvalidStatusCode):
                async with agent.page():
                    pass

    lead(story)


def test_a_page_of_another_site_gets_none(lead: Lead) -> None:
    async def story(service: Service) -> None:
        async with seat(service) as agent:
            cookies = "; ".join(f"{name}={value}" for name, value in agent.http.cookies.items())
            headers = {"Cookie": cookies, "Origin": "https://elsewhere.example"}
            address = service.address.replace("http", "ws") + "/api/v1/console/live"
            with pytest.raises(InvalidStatusCode):
                await connect(address, extra_headers=headers, open_timeout=PATIENCE)

    lead(story)


def test_a_session_that_was_ended_ends_the_socket_at_the_next_sign(lead: Lead) -> None:
    async def story(service: Service) -> None:
        async with seat(service) as agent, agent.page() as page:
            await page.next("board")
            assert (await agent.http.post("/api/v1/staff/logout")).status_code == 204
            await page.send({"type": "here", "active": False})
            assert await page.closed() == (1008, "log in again")

    lead(story)


NO_FRAMES: list[str | bytes] = [
    "no json",
    "[]",
    '{"type":"board"}',
    '{"type":"watch","ticket":"../x"}',
    '{"type":"watch","ticket":"1126-001","after":-1}',
    '{"type":"here","active":"yes"}',
    '{"type":"typing"}',
    b"\x00",
    "[" * 4000,
    "x" * 5000,
]


def test_a_frame_that_is_none_ends_the_socket_and_no_other(lead: Lead) -> None:
    async def story(service: Service) -> None:
        async with seat(service) as agent, agent.page() as other:
            for frame in NO_FRAMES:
                async with agent.page() as page:
                    await page.socket.send(frame)
                    assert (await page.closed())[0] == 1008, frame
            _, number = await waiting(service)
            await other.board("waiting", number)

    lead(story)


def test_a_page_hears_of_new_tickets_while_it_says_nothing_but_signs_of_life(lead: Lead) -> None:
    async def story(service: Service) -> None:
        async with seat(service) as agent, agent.page() as page:
            for _ in range(3):
                await page.send({"type": "here", "active": True})
                await asyncio.sleep(0)
            _, number = await waiting(service)
            await page.board("waiting", number)

    lead(story)
