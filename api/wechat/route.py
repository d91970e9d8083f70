"""Where the platform calls: its check of the address, and every message and event."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response

from api.edge.problems import Refusal
from bot.wechat.arriving.envelope import ForgedError, MalformedError
from bot.wechat.arriving.incoming import parse_incoming
from bot.wechat.channel import AwayError
from bot.wechat.doors import Doors
from bot.wechat.saying.answer import NOTHING, answer_xml

logger = logging.getLogger(__name__)

LOGGED_EVERY = 60.0
"""Seconds in which one refused call is logged: whoever forges some must not fill the log."""

router = APIRouter(include_in_schema=False)


class NotThePlatform(Refusal):
    """A call that does not prove to be the platform's."""

    def __init__(self) -> None:
        super().__init__(403, "not_wechat", "this address is for WeChat")


class Unreadable(Refusal):
    """Something that is no message."""

    def __init__(self) -> None:
        super().__init__(400, "no_wechat_message", "no message of WeChat")


class ComeAgain(Refusal):
    """The call cannot be answered now."""

    def __init__(self) -> None:
        super().__init__(503, "come_again", "try again")


async def _doors(connection: HTTPConnection) -> Doors:
    doors: Doors = connection.app.state.wechat
    return doors


DoorsAtHand = Annotated[Doors, Depends(_doors)]


@router.get("/wechat")
async def check(request: Request, doors: DoorsAtHand) -> Response:
    """Prove to the platform that the address is ours."""
    try:
        stamp = doors.letterbox.check(request.query_params)
        await doors.channel.greet(stamp)
    except ForgedError as error:
        _log(error)
        raise NotThePlatform from error
    return PlainTextResponse(request.query_params.get("echostr", ""))


@router.post("/wechat")
async def receive(request: Request, doors: DoorsAtHand) -> Response:
    """Take a message or an event, and answer it."""
    body = await request.body()
    try:
        opened = doors.letterbox.open(request.query_params, body)
        incoming = parse_incoming(opened.xml)
        text = await _while_there(request, doors.channel.answer(incoming, opened.stamp))
    except ForgedError as error:
        _log(error)
        raise NotThePlatform from error
    except MalformedError as error:
        _log(error)
        raise Unreadable from error
    except AwayError as error:
        raise ComeAgain from error
    if not text:
        return PlainTextResponse(NOTHING)
    return Response(doors.letterbox.seal(answer_xml(incoming, text), opened), media_type="application/xml")


async def _while_there(request: Request, answering: Coroutine[Any, Any, str]) -> str:
    """Return the answer; where the platform has hung up meanwhile, nothing, for nobody takes it.

    The channel must know: an answer that was not taken is kept for the next attempt.
    """

    async def gone() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    answer, hanging_up = asyncio.ensure_future(answering), asyncio.ensure_future(gone())
    try:
        await asyncio.wait({answer, hanging_up}, return_when=asyncio.FIRST_COMPLETED)
        return answer.result() if answer.done() else ""
    finally:
        answer.cancel()
        hanging_up.cancel()


_logged: dict[str, float] = {}


def _log(error: Exception) -> None:
    reason = type(error).__name__
    now = time.monotonic()
    if now - _logged.get(reason, -LOGGED_EVERY) >= LOGGED_EVERY:
        _logged[reason] = now
        logger.warning("WeChat: refused: %s", error)
