"""The pace of sending: chats wait for themselves, and all of them where it is the bot that is too fast."""

from __future__ import annotations

import asyncio

import pytest

from bot.telegram.traffic.pace import Pace, Rate, Rates
from tests.telegram.service import run

LONG = 3600.0
ONCE = Rates(chat=Rate(1, LONG), group=Rate(1, LONG), all=Rate(1000, 0.001))


async def is_free(pace: Pace, chat: int) -> bool:
    """Tell whether something may be sent to *chat* now; it counts as sent."""
    try:
        await asyncio.wait_for(pace.turn(chat), 0.05)
    except asyncio.TimeoutError:
        return False
    return True


@pytest.mark.parametrize("chat", [7, -7])
def test_a_chat_waits_when_its_burst_is_used_up(chat: int) -> None:
    async def test() -> None:
        pace = Pace(ONCE)
        assert await is_free(pace, chat)
        assert not await is_free(pace, chat)
        assert await is_free(pace, 2 * chat)

    run(test())


def test_all_wait_when_the_bots_burst_is_used_up() -> None:
    async def test() -> None:
        pace = Pace(Rates(chat=Rate(1000, 0.001), group=Rate(1000, 0.001), all=Rate(2, LONG)))
        assert [await is_free(pace, chat) for chat in (1, 2, 3)] == [True, True, False]

    run(test())


def test_a_chat_that_telegram_holds_waits_alone() -> None:
    async def test() -> None:
        pace = Pace()
        pace.hold(1, LONG)
        assert not await is_free(pace, 1)
        assert await is_free(pace, 2)

    run(test())


def test_when_telegram_holds_a_second_chat_all_wait() -> None:
    async def test() -> None:
        pace = Pace()
        pace.hold(1, LONG)
        pace.hold(2, LONG)
        assert not await is_free(pace, 3)

    run(test())


def test_what_was_held_is_free_again_afterwards() -> None:
    async def test() -> None:
        pace = Pace()
        pace.hold(1, 0.01)
        await asyncio.sleep(0.02)
        assert await is_free(pace, 1)

    run(test())
