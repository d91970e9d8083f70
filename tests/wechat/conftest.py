"""An engine with records of its own, the stand-in of the platform, and the service between them."""

from __future__ import annotations

import asyncio
import dataclasses
import re
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import sqlalchemy as sa

from bot.records.database import Database
from bot.settings import Waits, load_settings
from bot.wechat.account import Mode, WechatAccount
from bot.wechat.kept.tables import tables, waiting
from tests.api.service import Service, eventually, serving
from tests.bot.engines import new_url, opened
from tests.wechat.platform import AES_KEY, APP_ID, SECRET, TOKEN, UNHURRIED, Platform, calls_taken, new_openid

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

PATIENCE = 25.0
_LINK = re.compile(r'<a href="weixin://bizmsgmenu\?msgmenucontent=([^"&]*)&msgmenuid=([^"&]*)">([^<]*)</a>')


@dataclass(frozen=True)
class Talk:
    """A resident's chat with the account, by way of the platform."""

    engine: Engine
    platform: Platform
    http: httpx.AsyncClient
    openid: str

    @property
    def session(self) -> str:
        return f"wechat:{self.openid}"

    async def says(self, content: str, **fields: str) -> str:
        """Write something; return the answer, empty for none."""
        return await self.platform.says(self.http, self.openid, content, **fields) or ""

    async def does(self, fields: dict[str, str]) -> str:
        """Let the platform bring something else."""
        return await self.platform.push(self.http, fields) or ""

    async def taps(self, link: tuple[str, str]) -> str:
        return await self.platform.taps(self.http, self.openid, link) or ""

    async def gets(self, count: int = 1) -> list[str]:
        """Return the customer-service messages, as soon as there are so many and the service knows that they came."""
        await eventually(lambda: len(self.platform.texts_of(self.openid)) >= count)
        await eventually(lambda: not self._is_saying())
        return self.platform.texts_of(self.openid)

    def _is_saying(self) -> bool:
        """Tell whether words are with the platform, or have been and it is not noted."""
        held = sa.select(waiting.c.id).where(waiting.c.session == self.session, waiting.c.lease.is_not(None))
        with self.engine.database.transaction() as connection:
            return connection.execute(held).first() is not None


def links_in(shown: str) -> list[tuple[str, str]]:
    """Return what the links of a text send, and their ids."""
    return [(content, id_) for content, id_, _ in _LINK.findall(shown)]


def seen(shown: str) -> str:
    """Return a text as it looks: links as their labels."""
    return re.sub(r"<a [^>]*>([^<]*)</a>", r"\1", shown)


Story = Callable[[Service, Talk], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Stage:
    """Where stories are played: one engine, one platform, one service that stands, others where a story needs them."""

    engine: Engine
    platform: Platform
    account: WechatAccount
    loop: asyncio.AbstractEventLoop
    standing: Service

    def play(self, story: Story, **changed: Any) -> None:
        """Run *story* with somebody new; where fields of the account are *changed*, at a service of its own."""
        if changed:
            self.play_on(dataclasses.replace(self.account, **changed), story)
        else:
            self.run(story(self.standing, self.talk(self.standing)))

    def play_on(self, account: WechatAccount | None, story: Story) -> None:
        """Run *story* at a service for *account*, which is gone afterwards."""

        async def run() -> None:
            async with self.serving(account) as service:
                await story(service, self.talk(service))

        self.run(run())

    def serving(self, account: WechatAccount | None, **changed: Any) -> AbstractAsyncContextManager[Service]:
        """Run a service for *account*, other settings *changed*, while the block runs."""
        return serving(self.engine, dataclasses.replace(load_settings({}), wechat=account, **changed))

    def run(self, play: Coroutine[Any, Any, None]) -> None:
        """Run something where the services run."""
        asyncio.run_coroutine_threadsafe(play, self.loop).result()

    def talk(self, service: Service) -> Talk:
        """Return the chat of somebody new."""
        return Talk(self.engine, self.platform, service.http, new_openid())


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return new_url(tmp_path_factory.mktemp("wechat"))


@pytest.fixture(scope="session")
def engine(url: str) -> Iterator[Engine]:
    with opened(url, waits=Waits()) as engine:
        yield engine


@pytest.fixture(scope="session")
def theatre(engine: Engine) -> Iterator[Stage]:
    """The stage, on which one service stands for the whole season."""
    platform = Platform()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    with calls_taken(platform) as address:
        account = WechatAccount(TOKEN, APP_ID, SECRET, AES_KEY, Mode.SAFE, address, answer_within=UNHURRIED)
        standing = serving(engine, dataclasses.replace(load_settings({}), wechat=account))
        service = asyncio.run_coroutine_threadsafe(standing.__aenter__(), loop).result()
        try:
            yield Stage(engine, platform, account, loop, service)
        finally:
            asyncio.run_coroutine_threadsafe(standing.__aexit__(None, None, None), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


@pytest.fixture
def stage(theatre: Stage) -> Stage:
    """The stage, the platform as it is on a good day."""
    platform = theatre.platform
    platform.mode, platform.patience, platform.off = "safe", PATIENCE, 0.0
    platform.errors.clear()
    platform.errors_of_token.clear()
    return theatre


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database that has the channel's tables alone."""
    with closing(Database.open(f"sqlite:///{tmp_path}/channel.db")) as database:
        database.make(tables)
        yield database
