"""Sending (发送): the letters of each chat one after another, none lost, at the pace that Telegram allows.

A letter is forgotten when Telegram has it. Should the connection break, or the process be killed, between Telegram's
taking it and our hearing of that, nobody can know, and it is sent again: rather twice than never.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum

from telegram import Bot
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.telegram.letters.letter import Letter
from bot.telegram.letters.markup import put_letter
from bot.telegram.traffic.pace import Pace
from bot.telegram.traffic.patience import Patient
from bot.telegram.traffic.records import KeptLetter, TelegramRecords

logger = logging.getLogger(__name__)

TRY_AGAIN, LONGEST_WAIT = 1.0, 30.0
"""Seconds until a call is made again that failed, doubled each time, and at most."""

GRACE = 5.0
"""Seconds that calls under way may take when the bot stops."""

_UNREACHABLE = ("chat not found", "user not found", "peer_id_invalid", "user is deactivated", "have no rights")
_UNCHANGED = ("message is not modified",)
_GONE_MESSAGE = ("message to edit not found", "message can't be edited", "message_id_invalid")


class Fate(Enum):
    """What became of a letter."""

    DEALT_WITH = "dealt with"
    GONE = "gone"
    """Nobody can be reached in its chat any more: blocked, deleted, put out. That is no error."""


@dataclass(frozen=True)
class Moved:
    """A group became a supergroup, which is another *chat*."""

    chat: int


class Sender:
    """Sends what the records hold; each chat has its own turn, so that a slow one holds up no other."""

    def __init__(
        self,
        bot: Bot,
        records: TelegramRecords,
        patient: Patient,
        pace: Pace,
        when_unsent: Callable[[str], None],
        try_again: float = TRY_AGAIN,
    ) -> None:
        """*when_unsent* is told the ticket of an agent's words that reach nobody, in the stores' thread."""
        self._bot = bot
        self._records = records
        self._patient = patient
        self._pace = pace
        self._when_unsent = when_unsent
        self._try_again = try_again
        self._lanes: dict[int, asyncio.Task[None]] = {}
        self._woken: set[int] = set()
        self._calls: set[asyncio.Task[None]] = set()
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Ends with what nobody can go on after: the token is not valid any more."""

    async def begin(self) -> None:
        """Go on with what was not sent before."""
        for chat in await self._patient.until_done(self._records.chats_with_letters):
            self.wake(chat)

    def wake(self, chat: int) -> None:
        """Send what there is for *chat*."""
        self._woken.add(chat)
        if chat not in self._lanes:
            self._lanes[chat] = asyncio.create_task(self._run(chat))

    async def send_unkept(self, chat: int, letters: Sequence[Letter]) -> None:
        """Send what nobody misses if it does not arrive, and what needs no database."""
        for letter in letters:
            await self._pace.turn(chat)
            try:
                await put_letter(self._bot, chat, letter)
            except TelegramError as error:
                logger.debug("a sign of life did not arrive: %s", error)

    async def stop(self) -> None:
        """Stop; a call under way ends first."""
        self._woken.clear()
        lanes = list(self._lanes.values())
        for lane in lanes:
            lane.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)
        if self._calls:
            await asyncio.wait(self._calls, timeout=GRACE)

    async def _run(self, chat: int) -> None:
        try:
            while chat in self._woken:
                self._woken.discard(chat)
                await self._send_all(chat)
        except InvalidToken as error:
            if not self.failed.done():
                self.failed.set_exception(error)
        finally:
            del self._lanes[chat]

    async def _send_all(self, chat: int) -> None:
        while (kept := await self._patient.until_done(self._records.next_letter, chat)) is not None:
            fate = await self._send(chat, kept)
            if fate is Fate.GONE:
                logger.info("a chat cannot be reached any more; what waited for it is forgotten")
                if kept.letter.ticket is not None:
                    await self._patient.until_done(self._when_unsent, kept.letter.ticket)
                await self._patient.until_done(self._records.drop_letters, chat)
            elif isinstance(fate, Moved):
                await self._patient.until_done(self._records.move, chat, fate.chat)
                self.wake(fate.chat)

    async def _send(self, chat: int, kept: KeptLetter) -> Fate | Moved:
        """Send a letter until Telegram has it, or has said for good that it does not want it."""
        letter: Letter | None = kept.letter
        wait, is_plain = self._try_again, False
        while letter is not None:
            await self._pace.turn(chat)
            try:
                await self._put_and_forget(chat, kept.id, letter, is_plain)
                return Fate.DEALT_WITH
            except RetryAfter as error:
                self._pace.hold(chat, seconds_of(error))
            except ChatMigrated as error:
                return Moved(error.new_chat_id)
            except Forbidden:
                return Fate.GONE
            except BadRequest as error:
                if any(known in error.message.lower() for known in _UNREACHABLE):
                    return Fate.GONE
                letter, is_plain = _otherwise(letter, is_plain, error)
            except InvalidToken:
                raise
            except TelegramError as error:
                logger.warning("Telegram could not be reached; trying again: %s", error)
                await asyncio.sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT)
        await self._patient.until_done(self._records.sent, kept.id)
        return Fate.DEALT_WITH

    async def _put_and_forget(self, chat: int, id_: int, letter: Letter, is_plain: bool) -> None:
        """Send a letter and forget it; whoever stops the lane meanwhile does not stop this."""

        async def call() -> None:
            await put_letter(self._bot, chat, letter, is_plain)
            await self._patient.until_done(self._records.sent, id_)

        calling = asyncio.create_task(call())
        self._calls.add(calling)
        calling.add_done_callback(self._calls.discard)
        await asyncio.shield(calling)


def seconds_of(error: RetryAfter) -> float:
    """Return for how long Telegram wants to be left alone."""
    # The attribute warns of its coming change of type; pickling gives the number of either.
    _, (seconds, *_) = error.__reduce__()
    return seconds.total_seconds() if isinstance(seconds, timedelta) else float(seconds)


def _otherwise(letter: Letter, was_plain: bool, error: BadRequest) -> tuple[Letter | None, bool]:
    """Return what to send in the place of a letter that was refused; None where nothing is to be sent.

    A message of ours that Telegram finds wrong is our fault, and its reader gets its words at least.
    """
    reason = error.message.lower()
    if any(known in reason for known in _UNCHANGED) or (letter.edits is not None and not letter.html):
        return None, False
    if any(known in reason for known in _GONE_MESSAGE):
        return replace(letter, edits=None), was_plain
    logger.error("Telegram refused a message: %s", error)
    return (None, False) if was_plain else (replace(letter, keyboard=(), answers=None), True)
