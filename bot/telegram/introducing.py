"""Making the bot known (登记): how updates come, the commands with their descriptions, the menu button."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Bot, BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats, MenuButtonCommands
from telegram.error import BadRequest, InvalidToken, RetryAfter, TelegramError

from bot.telegram.account import Webhook
from bot.telegram.incoming import ALLOWED_UPDATES
from bot.telegram.traffic.sending import LONGEST_WAIT, seconds_of
from bot.wording.pages import PageWording

logger = logging.getLogger(__name__)

COMMANDS = ("start", "help", "items", "human", "new", "delete")
COMMANDS_IN_GROUPS = ("help", "items")
ONE_CONNECTION = 1
"""Connections by which Telegram may call at once: with one, calls do not overtake each other."""


class ChannelError(Exception):
    """The channel cannot be opened, or not go on; the message says what to do."""


async def set_webhook(bot: Bot, webhook: Webhook) -> None:
    """Let Telegram call. Raises ChannelError where it does not want to."""
    try:
        await bot.set_webhook(
            webhook.url,
            secret_token=webhook.secret,
            allowed_updates=list(ALLOWED_UPDATES),
            max_connections=ONE_CONNECTION,
        )
    except BadRequest as error:
        raise ChannelError(f"Telegram refuses TELEGRAM_WEBHOOK_URL={webhook.url}: {error}") from error


async def insist(call: Callable[[], Awaitable[Any]], try_again: float, stop: asyncio.Event) -> None:
    """Make a call that the channel cannot begin without, until it succeeds or the channel is stopped."""
    wait = try_again
    while not stop.is_set():
        try:
            await call()
            return
        except InvalidToken:
            raise
        except TelegramError as error:
            logger.warning("Telegram could not be reached; trying again: %s", error)
            if isinstance(error, RetryAfter):
                wait = max(wait, seconds_of(error))
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), wait)
            wait = min(wait * 2, LONGEST_WAIT)


async def introduce(bot: Bot, copy: PageWording, office: str) -> None:
    """Let Telegram show commands, menu button and what the bot is for; without them it works as well."""

    def commands(names: tuple[str, ...]) -> list[BotCommand]:
        return [BotCommand(name, copy.say(f"command_{name}")) for name in names]

    try:
        await bot.set_my_commands(commands(COMMANDS), scope=BotCommandScopeAllPrivateChats())
        await bot.set_my_commands(commands(COMMANDS_IN_GROUPS), scope=BotCommandScopeAllGroupChats())
        await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
        await bot.set_my_short_description(copy.say("about_short", office=office))
        await bot.set_my_description(copy.say("about_long"))
    except TelegramError as error:
        logger.warning("the menu could not be set; it is set at the next start: %s", error)
