"""What ends a live socket, a resident's or the office's, and the code and reason with which it is closed then."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Coroutine
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from api.edge.problems import REFUSED
from api.live.frames import FrameError
from api.live.listeners import ListenerEndedError
from knowledge.store import StoreError

CLOSE_SECONDS = 5.0
"""How long a page that does not read is waited for when its socket is closed."""

FRAMES = 200
"""Frames that a page may send in FRAMES_SECONDS; somebody who types sends a few a second."""
FRAMES_SECONDS = 10.0

TRY_AGAIN = 1013
DONE = 1000


class ClosingError(Exception):
    """The socket is to be closed, with WebSocket's code and a reason for whoever wrote the page."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


async def lead_to_its_end(websocket: WebSocket, talk: Awaitable[None], store_away: str) -> None:
    """Await *talk*, which ends by raising only, and close the socket by what it raised.

    *store_away* is the reason where a store could not be reached.
    """
    try:
        await talk
    except WebSocketDisconnect:
        return
    except FrameError as error:
        closing = ClosingError(REFUSED, str(error))
    except ListenerEndedError as error:
        closing = ClosingError(error.ending.code, error.ending.reason)
    except StoreError:
        closing = ClosingError(TRY_AGAIN, store_away)
    except ClosingError as error:
        closing = error
    # Whoever does not read does not read this either: the service goes on without waiting for it.
    with contextlib.suppress(asyncio.TimeoutError, WebSocketDisconnect):
        await asyncio.wait_for(websocket.close(closing.code, closing.reason), CLOSE_SECONDS)


async def until_one_ends(*work: Coroutine[Any, Any, None]) -> None:
    """Do all of *work* at once until one part ends, stop the others, and raise what ended it."""
    tasks = [asyncio.create_task(part) for part in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def receive(websocket: WebSocket) -> dict[str, Any]:
    """Return the next message of the page. Raises WebSocketDisconnect where it has gone."""
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", DONE))
    return dict(message)


class FrameCount:
    """Counts what a page sends, from now on."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._since, self._count = self._loop.time(), 0

    def add(self) -> None:
        """Count one frame. Raises ClosingError where they are too many."""
        if self._loop.time() - self._since > FRAMES_SECONDS:
            self._since, self._count = self._loop.time(), 0
        self._count += 1
        if self._count > FRAMES:
            raise ClosingError(REFUSED, f"more than {FRAMES} frames in {FRAMES_SECONDS:.0f} s")
