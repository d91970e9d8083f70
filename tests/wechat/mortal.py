"""python -m tests.wechat.mortal POINT [arguments of python -m api]: the service, killed when it comes to POINT.

Nothing of its own is left to say goodbye with: SIGKILL, as by the kernel or a power cut. Its leases are short, so that
nobody waits six seconds for a worker that is known to be dead; who comes after it takes the time for an answer that a
busy machine needs.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from enum import Enum
from typing import Any

from bot.wechat.answering import Answering
from bot.wechat.arriving.incoming import Incoming
from bot.wechat.channel import Channel
from bot.wechat.kept import replies, waiting
from bot.wechat.kept.replies import ReplyStore
from bot.wechat.platform.client import Platform
from tests.wechat.platform import UNHURRIED

LEASE = timedelta(seconds=1)


class Point(str, Enum):
    """Where in a message's way the service is killed."""

    ARRIVED = "arrived"
    """The message is noted, nothing has been done about it."""
    LED = "led"
    """The engine has stored its turn, the channel does not know the reply yet."""
    KEPT = "kept"
    """The answer is stored, and has not left the process."""
    SENDING = "sending"
    """An agent's words are taken from what waits, and not handed to the platform."""
    NEVER = "never"

    def __str__(self) -> str:
        return self.value


def die(*_: object) -> None:
    """End here."""
    os.kill(os.getpid(), signal.SIGKILL)


def arrange(point: Point) -> None:
    """Let the process end at *point*."""
    waiting.LEASE = LEASE
    if point is Point.NEVER:
        _answer_within(UNHURRIED)
        return
    replies.LEASE = LEASE
    if point is Point.ARRIVED:
        _end_after(ReplyStore, "arrive")
    elif point is Point.LED:
        _end_after_awaiting(Answering, "respond")
    elif point is Point.KEPT:
        _end_after(ReplyStore, "finish")
    elif point is Point.SENDING:
        Platform.send = die  # type: ignore[assignment, method-assign]


def _answer_within(seconds: float) -> None:
    begin: Callable[..., None] = Channel.__init__

    def unhurried(this: Channel, *arguments: Any) -> None:
        begin(this, *arguments[:-1], seconds)

    Channel.__init__ = unhurried  # type: ignore[assignment, method-assign]


def _end_after(owner: type, name: str) -> None:
    own: Callable[..., Any] = getattr(owner, name)

    def last(*arguments: Any, **options: Any) -> None:
        own(*arguments, **options)
        die()

    setattr(owner, name, last)


def _end_after_awaiting(owner: type, name: str) -> None:
    own: Callable[..., Any] = getattr(owner, name)

    async def last(this: Any, incoming: Incoming, *arguments: Any) -> None:
        await own(this, incoming, *arguments)
        die()

    setattr(owner, name, last)


if __name__ == "__main__":
    from api.__main__ import main

    arrange(Point(sys.argv.pop(1)))
    sys.exit(main())
