"""When something fails, at Telegram, on the way, or in the database: no reply is lost, none is sent twice."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import logging
import os
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bot.settings import load_settings
from bot.telegram.account import TelegramAccount
from bot.telegram.introducing import ChannelError
from bot.telegram.running import serve
from bot.telegram.traffic import channel, polling
from tests.bot.engines import locked, refusing_writes
from tests.telegram.service import FAST, open_channel, run, serving
from tests.telegram.stand_in import BotApi, Fault, bot_api

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

_chats = itertools.count(20_001)
QUESTION, ITEM = "工伤认定要多久", "【工伤认定——工伤认定申请】"


def newcomer() -> int:
    """Return the chat of somebody whom the bot does not know."""
    return next(_chats)


def answers(api: BotApi, chat: int) -> int:
    """Return how many answers are shown in *chat*."""
    return sum(ITEM in text for text in api.texts(chat))


# ---------------------------------------------------------------- Telegram


@pytest.mark.parametrize(
    "fault",
    [
        Fault("sendMessage", 500, times=2),
        Fault("sendMessage", 502, description="Bad Gateway"),
        Fault("sendMessage", 429, retry_after=1, description="Too Many Requests: retry after 1"),
        Fault("sendMessage", "cut", times=2),
        Fault("sendMessage", "hang"),
        Fault("getUpdates", 500, times=2),
        Fault("getUpdates", "cut", times=2),
        Fault("getUpdates", 429, retry_after=1),
        Fault("answerCallbackQuery", 400, description="Bad Request: query is too old"),
    ],
    ids=lambda fault: f"{fault.method} {fault.what}",
)
def test_what_goes_wrong_at_telegram_delays_a_reply_and_no_more(telegram_engine: Engine, fault: Fault) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            api.faults.append(fault)
            await api.say(chat, QUESTION)
            assert answers(api, chat) == 1

    run(test())


def test_a_reply_whose_arrival_nobody_can_know_is_sent_again_rather_than_lost(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            api.faults.append(Fault("sendMessage", "cut after"))
            await api.say(chat, QUESTION)
            await api.quiet(0.4)
            assert answers(api, chat) == 2

    run(test())


def test_a_chat_that_must_wait_holds_up_no_other(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            slow, quick = newcomer(), newcomer()
            api.faults.append(Fault("sendMessage", 429, times=99, chat=slow, retry_after=3))
            api.give(api.message(slow, QUESTION))
            await api.say(quick, QUESTION)
            assert answers(api, quick) == 1
            assert answers(api, slow) == 0

    run(test())


@pytest.mark.parametrize(
    "fault",
    [
        Fault("sendMessage", 403, description="Forbidden: bot was blocked by the user"),
        Fault("sendMessage", 400, description="Bad Request: chat not found"),
    ],
    ids=lambda fault: str(fault.what),
)
def test_a_chat_that_is_gone_is_no_error(
    telegram_engine: Engine, caplog: pytest.LogCaptureFixture, fault: Fault
) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            # Letters of other chats may still be on their way: the fault and the waiting are this chat's alone.
            api.faults.append(dataclasses.replace(fault, chat=chat))
            api.give(api.message(chat, QUESTION))
            await api.until(lambda: any(int(call["chat_id"]) == chat for call in api.called("sendMessage")))
            await api.quiet(0.4)  # until the refusal is dealt with
            await api.say(chat, QUESTION)
            assert answers(api, chat) == 1

    with caplog.at_level(logging.WARNING, "bot.telegram"):
        run(test())
    assert not caplog.records


def test_somebody_who_blocks_the_bot_gets_nothing_that_was_on_its_way(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            api.faults.append(Fault("sendMessage", 500, times=3, chat=chat))
            member = {"user": api.me, "status": "member"}
            kicked = {"user": api.me, "status": "kicked", "until_date": 0}
            blocking = {
                "chat": api.chat(chat),
                "from": {"id": chat, "is_bot": False, "first_name": "居民"},
                "date": 1_760_000_000,
                "old_chat_member": member,
                "new_chat_member": kicked,
            }
            api.give(api.message(chat, QUESTION), api.update(my_chat_member=blocking), api.message(chat, "/start"))
            await api.until(lambda: any("办事指南助手" in text for text in api.texts(chat)))
            await api.quiet()
            assert answers(api, chat) <= 1

    run(test())


def test_a_group_that_became_a_supergroup_gets_its_reply_there(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            group, became = -newcomer(), -newcomer()
            api.faults.append(Fault("sendMessage", 400, chat=group, migrate_to=became))
            api.give(api.message(group, "/help"))
            await api.until(lambda: bool(api.shown[became]))
            assert not api.shown[group]

    run(test())


def test_a_message_that_telegram_finds_wrong_arrives_in_plain_words(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            api.faults.append(Fault("sendMessage", 400, description="Bad Request: can't parse entities"))
            [shown] = await api.say(chat, QUESTION)
            assert ITEM in shown.text
            assert "<b>" not in shown.text

    run(test())


def test_a_message_to_change_that_is_gone_is_sent_anew(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            [shown] = await api.say(chat, "/items")
            press = api.press(shown, "社会保障卡")
            api.faults.append(Fault("editMessageText", 400, description="Bad Request: message to edit not found"))
            [anew] = await api.tell(chat, press)
            assert "点一下" in anew.text

    run(test())


def test_another_process_that_fetches_is_waited_for(
    telegram_engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(polling, "AFTER_CONFLICT", 0.05)

    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            api.faults.append(Fault("getUpdates", 409, times=3, description="Conflict: terminated by other getUpdates"))
            await api.say(chat, "/help")
            await api.say(chat, QUESTION)
            assert answers(api, chat) == 1

    run(test())
    assert sum("another process" in record.message for record in caplog.records) == 1


def test_a_token_that_telegram_does_not_know_is_a_clear_refusal(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with bot_api() as api:
            account = TelegramAccount("999:" + "B" * 35, api_base=api.address)
            with pytest.raises(ChannelError, match="TELEGRAM_TOKEN") as refused:
                await serve(telegram_engine, load_settings(), account, asyncio.Event(), FAST)
            assert "BBBB" not in str(refused.value)

    run(test())


def test_a_token_that_is_taken_back_ends_the_channel(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with bot_api() as api, serving(telegram_engine, api) as task:
            await api.until(lambda: bool(api.called("setMyDescription")))
            api.faults.append(Fault("sendMessage", 401, description="Unauthorized"))
            api.give(api.message(newcomer(), QUESTION))
            with pytest.raises(ChannelError):
                await task

    run(test())


def test_a_telegram_out_of_reach_at_the_start_is_waited_for(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with bot_api() as api:
            api.faults += [Fault("getMe", 500, times=2), Fault("deleteWebhook", "cut", times=2)]
            async with serving(telegram_engine, api):
                chat = newcomer()
                await api.say(chat, QUESTION)
                assert answers(api, chat) == 1

    run(test())


# ---------------------------------------------------------------- updates


def test_an_update_that_comes_twice_is_answered_once(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            update = api.message(chat, QUESTION)
            await api.tell(chat, update, update)
            api.give(update)
            await api.quiet(0.4)
            assert answers(api, chat) == 1

    run(test())


def test_updates_out_of_order_are_answered_in_the_order_of_their_numbers(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            first, second = api.message(chat, "工伤"), api.message(chat, "2")
            await api.tell(chat, second, first)
            await api.until(lambda: len(api.texts(chat)) == 2)
            assert "哪一项" in api.texts(chat)[0]
            assert api.texts(chat)[1].startswith("【")

    run(test())


def test_an_update_that_nobody_can_read_holds_up_nobody(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            await api.tell(chat, api.update(message={"text": "没有别的"}), api.message(chat, QUESTION))
            assert answers(api, chat) == 1

    run(test())


def test_a_turn_that_breaks_gets_the_apology_and_the_rest_goes_on(
    telegram_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError("broken")

    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            with monkeypatch.context() as breaking:
                breaking.setattr("bot.telegram.conversing.list_letter", broken)
                [shown] = await api.say(chat, "/items")
            assert shown.text == telegram_engine.services.wording.say("failed")
            await api.say(chat, QUESTION)
            assert answers(api, chat) == 1

    run(test())


def test_fifty_chats_at_once_each_get_their_replies_in_order(telegram_engine: Engine) -> None:
    """For CHATS_SECONDS, a few in the suite; each chat writes again as soon as it was answered."""
    end = time.monotonic() + float(os.environ.get("CHATS_SECONDS", "5"))
    said = [("工伤", "哪一项"), ("2", "【"), (QUESTION, ITEM), ("/new", "前面问的不算了")]

    async def test() -> None:
        async with open_channel(telegram_engine, patience=20.0) as api:

            def has_more_than(chat: int, count: int) -> bool:
                return len(api.shown[chat]) > count

            async def lead(chat: int) -> None:
                for number in itertools.count():
                    text, reply = said[number % len(said)]
                    api.give(api.message(chat, text))
                    await api.until(partial(has_more_than, chat, number))
                    assert reply in api.texts(chat)[number]
                    if time.monotonic() > end and number:
                        break
                await api.quiet(0.2)
                assert len(api.shown[chat]) == number + 1

            await asyncio.gather(*(lead(newcomer()) for _ in range(50)))

    run(test())


# ---------------------------------------------------------------- the database


def test_while_updates_cannot_be_kept_residents_are_told_and_then_answered(
    telegram_engine: Engine, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "SAY_AWAY_AFTER", 0.1)

    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            with refusing_writes(url, "telegram_updates"):
                [comfort] = await api.say(chat, QUESTION)
                assert "好了马上回答您" in comfort.text
                assert api.pending
            await api.until(lambda: answers(api, chat) == 1)
            await api.until(lambda: not api.pending)
            assert len(api.shown[chat]) == 2

    run(test())


@pytest.mark.parametrize("away", [10.0])
def test_a_database_that_is_away_for_ten_seconds_costs_no_reply_and_doubles_none(
    telegram_engine: Engine, url: str, away: float
) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            with locked(url) as let_go:
                asyncio.get_running_loop().call_later(away, let_go)
                api.give(api.message(chat, QUESTION))
                await api.until(lambda: answers(api, chat) == 1)
            await api.until(lambda: not api.pending)
            await api.quiet(0.5)
            assert answers(api, chat) == 1

    run(test())


def test_a_reply_that_cannot_be_kept_is_kept_and_sent_later(telegram_engine: Engine, url: str) -> None:
    async def test() -> None:
        async with open_channel(telegram_engine) as api:
            chat = newcomer()
            with refusing_writes(url, "telegram_letters"):
                api.give(api.message(chat, QUESTION))
                await api.quiet(0.8)
                assert not api.shown[chat]
            await api.until(lambda: answers(api, chat) == 1)
            await api.quiet(0.4)
            assert answers(api, chat) == 1

    run(test())


def test_a_reply_that_is_made_when_the_bot_stops_is_sent_at_its_next_start(
    telegram_engine: Engine, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "GRACE", 0.0)

    async def test() -> None:
        async with bot_api() as api:
            chat = newcomer()
            with refusing_writes(url, "telegram_letters"):
                async with serving(telegram_engine, api):
                    api.give(api.message(chat, QUESTION))
                    await api.until(lambda: bool(telegram_engine.transcripts.last_seq(f"telegram:{chat}")))
            async with serving(telegram_engine, api):
                await api.until(lambda: answers(api, chat) == 1)
                await api.quiet(0.4)
            assert answers(api, chat) == 1
            said = telegram_engine.transcripts.read(f"telegram:{chat}")
            assert len(said) == 2

    run(test())


def test_a_letter_that_is_on_its_way_when_the_bot_stops_arrives_once(telegram_engine: Engine) -> None:
    async def test() -> None:
        async with bot_api() as api:
            chat = newcomer()
            async with serving(telegram_engine, api):
                api.faults.append(Fault("sendMessage", 500, times=2))
                api.give(api.message(chat, QUESTION))
                await api.until(lambda: bool(api.called("sendMessage")))
            async with serving(telegram_engine, api):
                await api.until(lambda: answers(api, chat) == 1)
                await api.quiet(0.4)
            assert answers(api, chat) == 1

    run(test())
