"""Running the channel (运行): everything wired around an engine, until it is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

from telegram.error import InvalidToken
from telegram.request import HTTPXRequest

from bot.runtime.engine import Engine
from bot.settings import Settings
from bot.telegram.account import TelegramAccount, Webhook
from bot.telegram.agents import Agents
from bot.telegram.conversing import Conversing
from bot.telegram.introducing import ChannelError, insist, introduce, set_webhook
from bot.telegram.traffic.channel import Channel
from bot.telegram.traffic.pace import Pace, Rates
from bot.telegram.traffic.patience import Patient
from bot.telegram.traffic.polling import PollingBot, Take, poll
from bot.telegram.traffic.records import TelegramRecords
from bot.telegram.traffic.sending import Sender
from bot.telegram.traffic.sequence import SETTLE
from bot.telegram.traffic.webhook import webhook_server
from bot.wording.pages import PageWording, load_page_wording
from knowledge.store import StoreError

logger = logging.getLogger(__name__)

WORDING = Path(__file__).parent.parent / "wording"
CONNECTIONS = 64
"""To Telegram, at once; what is sent beyond them waits."""
LOOK_EVERY = 1.0
"""Seconds after which the channel looks for agents' words."""


def load_copy() -> PageWording:
    """Return the sentences of this channel."""
    return load_page_wording("telegram", folder=WORDING)


def make_bot(account: TelegramAccount, patience: float = 20.0) -> PollingBot:
    """Return the bot of *account*; a call takes *patience* seconds at most until it counts as failed."""
    request, fetching = (
        HTTPXRequest(size, read_timeout=patience, write_timeout=patience, connect_timeout=10.0, pool_timeout=60.0)
        for size in (CONNECTIONS, 1)
    )
    if account.api_base is None:
        return PollingBot(account.token, request=request, get_updates_request=fetching)
    return PollingBot(account.token, base_url=f"{account.api_base}/bot", request=request, get_updates_request=fetching)


def serve_until_stopped(engine: Engine, settings: Settings, account: TelegramAccount) -> None:
    """Serve residents until the process is told to stop. Raises ChannelError."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    # Our own news and no library's: httpx would write the token with each call.
    logging.getLogger("bot").setLevel(logging.INFO)

    async def run() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await serve(engine, settings, account, stop)

    asyncio.run(run())


async def serve(
    engine: Engine,
    settings: Settings,
    account: TelegramAccount,
    stop: asyncio.Event,
    rates: Rates | None = None,
    patience: float = 20.0,
    try_again: float = 1.0,
) -> None:
    """Serve residents at Telegram until *stop*. Raises ChannelError."""
    bot = make_bot(account, patience)
    try:
        await insist(bot.initialize, try_again, stop)
        if stop.is_set():
            return
        await _serve(engine, settings, account, bot, stop, rates, try_again)
    except InvalidToken:
        # The library's own message repeats the token.
        raise ChannelError("Telegram refuses TELEGRAM_TOKEN: ask BotFather for the bot's current token") from None
    finally:
        await bot.shutdown()


async def _serve(
    engine: Engine,
    settings: Settings,
    account: TelegramAccount,
    bot: PollingBot,
    stop: asyncio.Event,
    rates: Rates | None,
    try_again: float,
) -> None:
    now = engine.services.now
    copy, patient = load_copy(), Patient()
    records = TelegramRecords(engine.database)
    engine.keep_beside(records)
    agents = Agents(engine.database, engine.desk, records, copy, now)
    sender = Sender(bot, records, patient, Pace(rates), agents.not_sent, try_again)
    conversing = Conversing(engine, settings, bot, records, patient, agents, copy)
    settle = SETTLE if account.webhook else 0.0
    channel = Channel(engine, bot, bot.bot, records, patient, sender, conversing, settle)
    await sender.begin()
    await channel.begin()
    introducing = asyncio.create_task(introduce(bot, copy, engine.services.base.document.office))
    try:
        async with _source(account, bot, channel.take, try_again, stop) as source:
            if not stop.is_set():
                logger.info("telegram: @%s, by %s", bot.username, account.mode)
            looking = asyncio.create_task(_look(agents, patient, sender))
            stopping = asyncio.create_task(stop.wait())
            try:
                await asyncio.wait((source, looking, stopping, sender.failed), return_when=asyncio.FIRST_COMPLETED)
                for ended in (source, looking, sender.failed):
                    if ended.done():
                        ended.result()
            finally:
                for task in (looking, stopping):
                    task.cancel()
    finally:
        introducing.cancel()
        sender.failed.cancel()
        await channel.stop()
        await sender.stop()
        await conversing.close()
        patient.close()


@contextlib.asynccontextmanager
async def _source(
    account: TelegramAccount, bot: PollingBot, take: Take, try_again: float, stop: asyncio.Event
) -> AsyncIterator[asyncio.Task[None]]:
    """Let updates come while the block runs, the one way or the other."""
    if account.webhook is None:
        await insist(bot.delete_webhook, try_again, stop)
        polling = asyncio.create_task(poll(bot, take, try_again))
        try:
            yield polling
        finally:
            polling.cancel()
        return
    webhook = account.webhook
    with _listening(webhook) as door:
        server = webhook_server(webhook, take)
        serving = asyncio.create_task(server.serve(sockets=[door]))
        try:
            await insist(lambda: set_webhook(bot, webhook), try_again, stop)
            yield serving
        finally:
            server.should_exit = True
            await serving


def _listening(webhook: Webhook) -> socket.socket:
    family = socket.AF_INET6 if ":" in webhook.host else socket.AF_INET
    try:
        return socket.create_server((webhook.host, webhook.port), family=family)
    except OSError as error:
        where = f"{webhook.host}:{webhook.port}"
        raise ChannelError(f"TELEGRAM_WEBHOOK_LISTEN={where}: nobody can listen there: {error}") from error


async def _look(agents: Agents, patient: Patient, sender: Sender) -> None:
    """Bring agents' words into the chats, for ever."""
    while True:
        with contextlib.suppress(StoreError):
            for chat in await patient.once(agents.look):
                sender.wake(chat)
        await asyncio.sleep(LOOK_EVERY)
