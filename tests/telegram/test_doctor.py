"""`python -m bot doctor` on this channel: a sentence for what is well, off or amiss."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.doctor.command import load_copy
from bot.doctor.finding import Finding, State
from bot.settings import Settings
from bot.telegram.account import TelegramAccount, Webhook
from bot.telegram.checking import check_telegram
from tests.telegram.service import run
from tests.telegram.stand_in import TOKEN, BotApi, bot_api

WEBHOOK = Webhook("https://bot.example.org/telegram", "s" * 32)


def findings(
    token: str = TOKEN, webhook: Webhook | None = None, prepare: Callable[[BotApi], None] = lambda _api: None
) -> list[Finding]:
    """Return what the doctor finds with the stand-in."""
    found: list[Finding] = []

    async def look() -> None:
        async with bot_api() as api:
            prepare(api)
            settings = Settings(telegram=TelegramAccount(token, webhook, api.address))
            found.extend(await asyncio.to_thread(lambda: list(check_telegram(settings, load_copy()))))

    run(look())
    return found


def amiss(found: list[Finding]) -> str:
    return "\n".join(finding.sentence for finding in found if finding.state is State.AMISS)


def test_a_good_account_is_well() -> None:
    found = findings()
    assert {finding.state for finding in found} == {State.WELL}
    assert "@guide_test_bot" in found[0].sentence


def test_no_account_is_nothing_bad() -> None:
    [finding] = check_telegram(Settings(), load_copy())
    assert finding.state is State.OFF


def test_a_token_that_telegram_does_not_know_is_amiss_and_not_repeated() -> None:
    wrong = "999:" + "B" * 35
    [finding] = findings(wrong)
    assert "BotFather" in amiss([finding])
    assert "BBBB" not in str(finding)


def test_a_telegram_out_of_reach_is_amiss() -> None:
    settings = Settings(telegram=TelegramAccount(TOKEN, api_base="http://127.0.0.1:9"))
    assert "连不上 Telegram" in amiss(list(check_telegram(settings, load_copy())))


def test_a_webhook_that_was_left_is_told_where_the_bot_polls() -> None:
    def leave(api: BotApi) -> None:
        api.webhook = {"url": "https://old.example.org/"}

    assert "https://old.example.org/" in amiss(findings(prepare=leave))


def test_a_webhook_that_is_not_set_is_told_where_telegram_should_call() -> None:
    assert "没有登记" in amiss(findings(webhook=WEBHOOK))
