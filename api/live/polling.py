"""The long poll, for those without WebSocket: what is behind a number, at once or as soon as something comes."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

from starlette.requests import Request

from api.edge.problems import Refusal
from api.live.events import DeskState, Erased
from api.live.hub import Hub
from api.live.listeners import ListenerEndedError
from api.live.rooms import ResidentListener
from bot.records.transcripts import Entry, TranscriptStore

LONGEST_WAIT = 25
"""Seconds; proxies give up after 30."""


PAGE = 500
"""Entries of one answer."""


class SessionGone(Refusal):
    """The number that the page has read up to is not known any more."""

    def __init__(self) -> None:
        super().__init__(410, "session_erased", "the session was erased, or nothing has been said for too long")


@dataclass(frozen=True)
class Found:
    """What a poll answers."""

    entries: list[Entry]
    desk: DeskState


async def look(hub: Hub, transcripts: TranscriptStore, session: str, after: int) -> Found:
    """Return what is there now. Raises StoreError, SessionGone."""
    await hub.bring(session)
    return await _found(hub, transcripts, session, after)


async def wait_for_more(
    request: Request, hub: Hub, transcripts: TranscriptStore, session: str, after: int, seconds: float
) -> Found:
    """Return what is there as soon as it is anything new, or after *seconds*. Raises StoreError, SessionGone.

    Whoever goes away in the meantime is not waited for.
    """
    async with hub.join(session) as listener:
        found = await _found(hub, transcripts, session, after)
        if not found.entries and not hub.is_news(session, found.desk):
            await _until_news(request, listener, after, found.desk, seconds)
            found = await _found(hub, transcripts, session, after)
        hub.answered(session, found.desk)
        return found


async def _found(hub: Hub, transcripts: TranscriptStore, session: str, after: int) -> Found:
    entries = await asyncio.to_thread(transcripts.read, session, after, PAGE)
    if not entries and after and await asyncio.to_thread(transcripts.last_seq, session) < after:
        raise SessionGone
    return Found(entries, await hub.desk(session))


async def _until_news(
    request: Request, listener: ResidentListener, after: int, desk: DeskState, seconds: float
) -> None:
    tasks = [asyncio.create_task(_news(listener, after, desk)), asyncio.create_task(_gone(request))]
    try:
        done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def _news(listener: ResidentListener, after: int, desk: DeskState) -> None:
    """Wait until something is told that the poll does not know."""
    with contextlib.suppress(ListenerEndedError):
        while True:
            event = await listener.next()
            if isinstance(event, Erased):
                raise SessionGone
            if event.seq > after if isinstance(event, Entry) else event != desk:
                return


async def _gone(request: Request) -> None:
    """Wait until the client has gone away."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
