"""The webhook: Telegram's own calls are answered once they are kept, everybody else's are refused."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from bot.settings import load_settings
from bot.telegram.account import TelegramAccount, Webhook
from bot.telegram.introducing import ChannelError
from bot.telegram.running import serve
from bot.telegram.traffic.records import KeptUpdate
from bot.telegram.traffic.sequence import InOrder
from bot.telegram.traffic.webhook import LARGEST_BODY, SECRET_HEADER
from tests.bot.engines import refusing_writes
from tests.telegram.service import open_channel, run
from tests.telegram.stand_in import TOKEN, BotApi, Update

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

SECRET = "s" * 40
URL = "https://bot.example.org/telegram/in"
HEADER = SECRET_HEADER.decode()
_chats = itertools.count(30_001)
QUESTION, ITEM = "工伤认定要多久", "【工伤认定——工伤认定申请】"


class Door:
    """The webhook's door as Telegram, or somebody else, finds it."""

    def __init__(self, api: BotApi, address: str, http: httpx.AsyncClient) -> None:
        self.api = api
        self.address = address
        self.http = http

    async def call(self, update: Update | str, secret: str | None = SECRET) -> int:
        """Call; return the status."""
        headers = {} if secret is None else {HEADER: secret}
        body = {"content": update} if isinstance(update, str) else {"json": update}
        return (await self.http.post(self.address, headers=headers, **body)).status_code


@asynccontextmanager
async def open_door(engine: Engine) -> AsyncIterator[Door]:
    """Open the channel by webhook."""
    webhook = Webhook(URL, SECRET, port=free_port())
    async with open_channel(engine, webhook=webhook) as api, httpx.AsyncClient() as http:
        await api.until(lambda: api.webhook is not None)
        yield Door(api, f"http://127.0.0.1:{webhook.port}{webhook.path}", http)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def test_telegram_is_told_where_to_call_and_by_which_secret(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_door(telegram_engine) as door:
            [told] = door.api.called("setWebhook")
            assert (told["url"], told["secret_token"], told["max_connections"]) == (URL, SECRET, 1)
            assert "message" in told["allowed_updates"]

    run(test())


def test_an_update_is_answered(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_door(telegram_engine) as door:
            chat = next(_chats)
            assert await door.call(door.api.message(chat, QUESTION)) == 200
            await door.api.until(lambda: len(door.api.shown[chat]) == 1)
            assert ITEM in door.api.texts(chat)[0]

    run(test())


@pytest.mark.parametrize("secret", [None, "", "x" * 40, SECRET[:-1], "秘" * 13])
def test_a_forged_call_is_refused(telegram_engine: Engine, secret: str | None) -> None:
    async def test() -> None:
        async with open_door(telegram_engine) as door:
            forged = door.api.message(next(_chats), QUESTION)
            headers = {} if secret is None else {HEADER: secret.encode()}
            response = await door.http.post(door.address, headers=headers, json=forged)  # type: ignore[arg-type]
            assert response.status_code == 403
            chat = next(_chats)
            await door.call(door.api.message(chat, QUESTION))
            await door.api.until(lambda: bool(door.api.shown[chat]))
            assert set(door.api.shown) == {chat}

    run(test())


@pytest.mark.parametrize(
    ("body", "status"),
    [("", 400), ("[]", 400), ("{}", 400), ('{"update_id":"1"}', 400), ("\0", 400), ("x" * (LARGEST_BODY + 1), 413)],
)
def test_what_is_no_update_is_refused(telegram_engine: Engine, body: str, status: int) -> None:
    async def test() -> None:
        async with open_door(telegram_engine) as door:
            assert await door.call(body) == status

    run(test())


def test_nothing_else_is_to_be_found_there(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_door(telegram_engine) as door:
            assert (await door.http.get(door.address)).status_code == 405
            assert (await door.http.post(door.address + "/more")).status_code == 404

    run(test())


def test_a_call_that_is_repeated_is_answered_once(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_door(telegram_engine) as door:
            chat = next(_chats)
            update = door.api.message(chat, QUESTION)
            assert [await door.call(update) for _ in range(3)] == [200, 200, 200]
            await door.api.until(lambda: bool(door.api.shown[chat]))
            await door.api.quiet(0.5)
            assert len(door.api.shown[chat]) == 1

    run(test())


def test_a_call_that_cannot_be_kept_is_to_come_again(telegram_engine: Engine, url: str) -> None:
    async def test() -> None:
        async with open_door(telegram_engine) as door:
            chat = next(_chats)
            update = door.api.message(chat, QUESTION)
            with refusing_writes(url, "telegram_updates"):
                assert await door.call(update) == 503
            assert await door.call(update) == 200
            await door.api.until(lambda: len(door.api.shown[chat]) == 1)

    run(test())


def test_calls_that_overtake_each_other_are_put_in_order(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_door(telegram_engine) as door:
            chat = next(_chats)
            first, second = door.api.message(chat, "工伤"), door.api.message(chat, "2")
            await door.call(second)
            await door.call(first)
            await door.api.until(lambda: len(door.api.texts(chat)) == 2)
            assert "哪一项" in door.api.texts(chat)[0]
            assert door.api.texts(chat)[1].startswith("【")

    run(test())


def test_what_comes_much_too_late_is_still_handed_on() -> None:
    async def test() -> None:
        handed_on: list[int] = []
        in_order = InOrder(lambda updates: handed_on.extend(update.id for update in updates), settle=0.01)
        in_order.add([KeptUpdate(7, "")])
        await asyncio.sleep(0.05)
        in_order.add([KeptUpdate(5, "")])
        in_order.add([KeptUpdate(8, "")])
        assert handed_on == [7, 5, 8]

    run(test())


def test_a_port_that_is_taken_is_a_clear_refusal(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            with socket.create_server(("127.0.0.1", 0)) as taken:
                account = TelegramAccount(TOKEN, Webhook(URL, SECRET, port=taken.getsockname()[1]), api.address)
                with pytest.raises(ChannelError, match="TELEGRAM_WEBHOOK_LISTEN"):
                    await serve(telegram_engine, load_settings(), account, asyncio.Event())

    run(test())
