"""What the doctor says of this channel: whether Telegram knows the token, and how updates come."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from telegram import Bot, WebhookInfo
from telegram.error import InvalidToken, TelegramError

from bot.doctor.finding import Finding, State
from bot.settings import Settings
from bot.telegram.account import TelegramAccount
from bot.telegram.running import make_bot
from bot.wording.pages import PageWording

PATIENCE = 10.0
MANY_PENDING = 20
"""Updates that wait at Telegram; a bot that runs leaves none."""


def check_telegram(settings: Settings, copy: PageWording) -> Iterator[Finding]:
    """Look at the account, and ask Telegram about it. It changes nothing there."""
    if settings.telegram is None:
        return iter([Finding(State.OFF, copy.say("telegram_off"))])
    return iter(asyncio.run(_ask(settings.telegram, copy)))


async def _ask(account: TelegramAccount, copy: PageWording) -> list[Finding]:
    bot = make_bot(account, PATIENCE)
    try:
        await bot.initialize()
        info = await bot.get_webhook_info()
    except InvalidToken:
        return [Finding(State.AMISS, copy.say("telegram_token"))]
    except TelegramError as error:
        return [Finding(State.AMISS, copy.say("telegram_unreachable", reason=error))]
    finally:
        await bot.shutdown()
    return [*_of_bot(bot, copy), *_of_updates(account, info, copy)]


def _of_bot(bot: Bot, copy: PageWording) -> Iterator[Finding]:
    yield Finding(State.WELL, copy.say("telegram", name=bot.username))
    if not bot.bot.supports_inline_queries:
        yield Finding(State.OFF, copy.say("telegram_inline_off"))
    if bot.bot.can_read_all_group_messages:
        yield Finding(State.OFF, copy.say("telegram_groups"))


def _of_updates(account: TelegramAccount, info: WebhookInfo, copy: PageWording) -> Iterator[Finding]:
    if account.webhook is None:
        yield Finding(State.WELL, copy.say("telegram_polling"))
        if info.url:
            yield Finding(State.AMISS, copy.say("telegram_webhook_left", url=info.url))
    elif info.url == account.webhook.url:
        yield Finding(State.WELL, copy.say("telegram_webhook", url=info.url))
    else:
        registered = info.url or copy.say("telegram_webhook_none")
        said = copy.say("telegram_webhook_other", url=account.webhook.url, registered=registered)
        yield Finding(State.AMISS, said)
    if info.last_error_message and info.url:
        yield Finding(State.AMISS, copy.say("telegram_webhook_failing", reason=info.last_error_message))
    if info.pending_update_count > MANY_PENDING:
        yield Finding(State.AMISS, copy.say("telegram_pending", count=info.pending_update_count))
