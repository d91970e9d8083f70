"""How fast the bot may send (限速): to one chat, to all of them, and not at all for as long as Telegram says."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

MOST_REMEMBERED = 10_000
"""Chats whose pace is known; one that was quiet for long may begin anew."""


@dataclass(frozen=True)
class Rate:
    """So many letters at once, and then one every so many seconds."""

    burst: int
    seconds: float


@dataclass(frozen=True)
class Rates:
    """What Telegram asks of bots: one message a second in a chat, twenty a minute in a group, thirty a second."""

    chat: Rate = Rate(4, 1.0)
    group: Rate = Rate(5, 3.0)
    all: Rate = Rate(25, 1 / 25)


class Pace:
    """Lets letters wait for their turn. It lives in one event loop."""

    def __init__(self, rates: Rates | None = None) -> None:
        self._rates = rates or Rates()
        self._free: OrderedDict[int, float] = OrderedDict()
        """When each chat's burst would be used up to nothing; in the past for those that may send."""
        self._free_for_all = 0.0
        self._held: dict[int, float] = {}
        self._held_for_all = 0.0

    async def turn(self, chat: int) -> None:
        """Wait until something may be sent to *chat*; it counts as sent."""
        loop = asyncio.get_running_loop()
        rate = self._rates.chat if chat > 0 else self._rates.group
        while True:
            now = loop.time()
            until = max(
                self._held_for_all,
                self._held.get(chat, 0.0),
                self._free.get(chat, 0.0) - (rate.burst - 1) * rate.seconds,
                self._free_for_all - (self._rates.all.burst - 1) * self._rates.all.seconds,
            )
            if until <= now:
                break
            await asyncio.sleep(until - now)
        self._held.pop(chat, None)
        self._free[chat] = max(self._free.pop(chat, 0.0), now) + rate.seconds
        self._free_for_all = max(self._free_for_all, now) + self._rates.all.seconds
        while len(self._free) > MOST_REMEMBERED:
            self._free.popitem(last=False)

    def hold(self, chat: int, seconds: float) -> None:
        """Send nothing to *chat* for so long; where another chat is held already, it is the bot that is too fast."""
        now = asyncio.get_running_loop().time()
        if any(until > now for other, until in self._held.items() if other != chat):
            self._held_for_all = max(self._held_for_all, now + seconds)
        self._held[chat] = now + seconds
