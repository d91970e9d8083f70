"""Residents at their phones: each says something every few seconds, every second one with a live socket open."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import aiohttp

from tests.load.conversation import Conversation, Json, Said
from tests.load.figures import Figures

PAUSE = 5.0
"""Seconds from one message of a resident to the next."""
TIMEOUT = aiohttp.ClientTimeout(total=30)
LATE_SECONDS = 10.0
"""How long a socket may take to tell what has been said."""


@dataclass(frozen=True)
class Resident:
    """Somebody with a connection of their own."""

    conversation: Conversation
    http: aiohttp.ClientSession

    async def say(self, text: str, figures: Figures, due: float) -> None:
        """Say something; what takes longer than *due* because the reply before was late counts as waiting, too."""
        message_id = str(uuid.UUID(int=random.getrandbits(128), version=4))
        reply = None
        try:
            reply = await self._reply_to(text, message_id)
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            figures.failed(f"{type(error).__name__}: {error}")
        else:
            figures.took(time.perf_counter() - due)
        self.conversation.said.append(Said(message_id, text, reply))

    async def _reply_to(self, text: str, message_id: str) -> Json:
        body = {"session_id": self.conversation.session_id, "text": text, "message_id": message_id}
        async with self.http.post("/api/v1/chat", json=body, headers=self.conversation.headers) as response:
            if response.status != 200:
                raise aiohttp.ClientError(f"{response.status} {await response.text()}")
            reply: Json = await response.json()
            return reply

    async def entries(self) -> list[Json]:
        """Return everything that the service has kept of the conversation."""
        found: list[Json] = []
        url = f"/api/v1/sessions/{self.conversation.session_id}/entries"
        while True:
            after = {"after": str(found[-1]["seq"] if found else 0)}
            async with self.http.get(url, params=after, headers=self.conversation.headers) as response:
                response.raise_for_status()
                more = (await response.json())["entries"]
            if not more:
                return found
            found += more


@asynccontextmanager
async def newcomer(address: str, *, has_socket: bool) -> AsyncIterator[Resident]:
    """Begin a session, and listen to it while the block runs if it has a socket."""
    async with aiohttp.ClientSession(address, timeout=TIMEOUT) as http:
        async with http.post("/api/v1/sessions") as response:
            response.raise_for_status()
            conversation = Conversation(**await response.json())
        resident = Resident(conversation, http)
        if not has_socket:
            yield resident
            return
        async with http.ws_connect("/api/v1/live") as socket:
            hello = {"type": "hello", "session_id": conversation.session_id, "token": conversation.token, "after": 0}
            await socket.send_json(hello)
            conversation.told = []
            listening = asyncio.create_task(_listen(socket, conversation.told))
            try:
                yield resident
            finally:
                listening.cancel()
                with suppress(asyncio.CancelledError):
                    await listening


async def _listen(socket: aiohttp.ClientWebSocketResponse, told: list[Json]) -> None:
    async for message in socket:
        frame = message.json()
        if frame["type"] == "entry":
            told.append(frame["entry"])


async def converse(resident: Resident, texts: Sequence[str], begin: float, figures: Figures) -> None:
    """Say *texts*, one in PAUSE seconds, the first at *begin*; nobody speaks before the last reply has come."""
    for number, text in enumerate(texts):
        due = begin + number * PAUSE
        now = time.perf_counter()
        if now < due:
            await asyncio.sleep(due - now)
            # That this machine woke us late is not the service's doing.
            due = time.perf_counter()
        await resident.say(text, figures, due)


async def until_told(conversation: Conversation, count: int) -> None:
    """Wait until the socket has told *count* entries, or for LATE_SECONDS."""
    end = time.perf_counter() + LATE_SECONDS
    while conversation.told is not None and len(conversation.told) < count and time.perf_counter() < end:
        await asyncio.sleep(0.05)
