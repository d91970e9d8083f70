"""The service killed (SIGKILL) at each point of a message's way, and started again: no reply is lost, none doubled."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import httpx
import pytest

from bot.desk.store import TicketStore
from bot.desk.ticket import Author
from bot.door import office_now
from bot.records.database import Database
from bot.records.transcripts import EntryAuthor, TranscriptStore
from bot.settings import OFFICE_TIME, ROOT
from tests.api.service import PATIENCE, eventually
from tests.bot.engines import new_url
from tests.wechat.mortal import Point
from tests.wechat.platform import AES_KEY, APP_ID, SECRET, TOKEN, Platform, calls_taken, new_openid, text

QUESTION = "失业金在哪里领"
ANSWER = "【失业保险金申领】办理地点"
LOADING = 90.0
"""Seconds after which the service does not come up any more; three on a machine that has nothing else to do."""


@asynccontextmanager
async def service(
    url: str, address: str, point: Point = Point.NEVER
) -> AsyncIterator[tuple[Process, httpx.AsyncClient]]:
    """Run the service of the account, which ends at *point*; the platform is at *address*."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    account = {"TOKEN": TOKEN, "APP_ID": APP_ID, "APP_SECRET": SECRET, "AES_KEY": AES_KEY, "API_BASE": address}
    environment = {
        **os.environ,
        **{f"WECHAT_{name}": value for name, value in account.items()},
        "DATABASE_URL": url,
        "SECRET_FILE": f"{url.removeprefix('sqlite:///')}.secret",
    }
    command = (sys.executable, "-m", "tests.wechat.mortal", point.value, "--port", str(port))
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=DEVNULL, stderr=DEVNULL)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as http:
        try:
            await asyncio.wait_for(ready(http, process), LOADING)
            yield process, http
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


async def ready(http: httpx.AsyncClient, process: Process) -> None:
    """Wait until the service answers."""
    while process.returncode is None:
        try:
            if (await http.get("/readyz")).is_success:
                return
        except httpx.TransportError:
            await asyncio.sleep(0.1)
    raise AssertionError(f"the service ended with {process.returncode}")


def said(url: str, session: str) -> list[EntryAuthor]:
    """Return who said something in *session*, one after another."""
    with closing(Database.open(url)) as database:
        return [entry.author for entry in TranscriptStore(database).read(session)]


@pytest.mark.parametrize("point", [Point.ARRIVED, Point.LED, Point.KEPT])
def test_a_message_that_killed_the_service_is_answered_once_by_the_next(tmp_path: Path, point: Point) -> None:
    url, platform, openid = new_url(tmp_path), Platform(patience=PATIENCE), new_openid()
    asked = text(openid, QUESTION)

    async def test() -> None:
        with calls_taken(platform) as address:
            async with service(url, address, point) as (process, http):
                with pytest.raises(httpx.TransportError):
                    await platform.bring(http, asked)
                assert await process.wait() == -signal.SIGKILL
            async with service(url, address) as (_, http):
                answer = await platform.push(http, asked)
                assert ANSWER in (answer or "")
                assert await platform.push(http, asked) == answer
            assert not platform.texts_of(openid)

    asyncio.run(test())
    assert said(url, f"wechat:{openid}") == [EntryAuthor.RESIDENT, EntryAuthor.BOT]


def test_words_of_an_agent_that_killed_the_service_are_brought_once_by_the_next(tmp_path: Path) -> None:
    url, platform, openid = new_url(tmp_path), Platform(patience=PATIENCE), new_openid()

    async def test() -> None:
        with calls_taken(platform) as address, closing(Database.open(url)) as database:
            async with service(url, address, Point.SENDING) as (process, http):
                await platform.says(http, openid, "转人工")
                desk, now = TicketStore(database, OFFICE_TIME), office_now()
                ticket = desk.open_ticket_of(f"wechat:{openid}")
                assert ticket is not None
                desk.take(ticket.number, "黄宁", now)
                desk.say(ticket.number, Author.AGENT, "黄宁", "您好", now)
                assert await process.wait() == -signal.SIGKILL
            assert not platform.texts_of(openid)
            async with service(url, address):
                await eventually(lambda: platform.texts_of(openid) == ["黄宁：您好"])
                await asyncio.sleep(1.5)  # longer than a lease
            assert platform.texts_of(openid) == ["黄宁：您好"]

    asyncio.run(test())
