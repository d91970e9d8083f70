"""The whole service on a free port, and residents' tabs at it: everything in one event loop, no test waits for ever."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import uvicorn
from fastapi import FastAPI
from websockets.client import WebSocketClientProtocol, connect

from api.live.hub import Hub
from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

PATIENCE = 30.0
"""Seconds after which what a test waits for will not come."""

Frame = dict[str, Any]


@dataclass(frozen=True)
class Resident:
    """Somebody with a session of the service's own."""

    session_id: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """The headers of a call about the session."""
        return {"Authorization": f"Bearer {self.token}"}


class Tab:
    """An open live socket."""

    def __init__(self, socket: WebSocketClientProtocol) -> None:
        self.socket = socket

    async def send(self, frame: object) -> None:
        """Send a frame as JSON."""
        await self.socket.send(json.dumps(frame))

    async def frame(self) -> Frame:
        """Return the next frame."""
        frame: Frame = json.loads(await asyncio.wait_for(self.socket.recv(), PATIENCE))
        return frame

    async def entry(self) -> dict[str, Any]:
        """Return the next entry, whatever the desk does meanwhile."""
        while (frame := await self.frame())["type"] != "entry":
            assert frame["type"] == "desk"
        entry: dict[str, Any] = frame["entry"]
        return entry

    async def entries(self, count: int) -> list[dict[str, Any]]:
        """Return the next *count* entries."""
        return [await self.entry() for _ in range(count)]

    async def desk(self, **wanted: object) -> dict[str, Any]:
        """Return the next desk that has what is *wanted*, whatever is said meanwhile."""
        while True:
            frame = await self.frame()
            if frame["type"] == "desk" and wanted.items() <= frame["desk"].items():
                desk: dict[str, Any] = frame["desk"]
                return desk

    async def closed(self) -> tuple[int, str]:
        """Return code and reason of the socket's end, whatever comes before it."""
        await asyncio.wait_for(self.socket.wait_closed(), PATIENCE)
        return self.socket.close_code or 0, self.socket.close_reason or ""


@dataclass(frozen=True)
class Service:
    """The running service."""

    app: FastAPI
    address: str
    http: httpx.AsyncClient

    @property
    def hub(self) -> Hub:
        """Whoever tells the tabs."""
        hub: Hub = self.app.state.hub
        return hub

    async def resident(self) -> Resident:
        """Begin a session."""
        return Resident(**(await self.http.post("/api/v1/sessions")).json())

    async def say(self, resident: Resident, text: str, **more: object) -> dict[str, Any]:
        """Say something; return the reply."""
        body = {"session_id": resident.session_id, "text": text, **more}
        response = await self.http.post("/api/v1/chat", json=body, headers=resident.headers)
        assert response.status_code == 200, response.text
        reply: dict[str, Any] = response.json()
        return reply

    async def poll(self, resident: Resident, after: int = 0, wait: int = 0) -> dict[str, Any]:
        """Ask for entries; return them with the desk."""
        response = await self.http.get(
            f"/api/v1/sessions/{resident.session_id}/entries",
            params={"after": after, "wait": wait},
            headers=resident.headers,
        )
        assert response.status_code == 200, response.text
        page: dict[str, Any] = response.json()
        return page

    async def until_waiting(self, resident: Resident) -> None:
        """Wait until a poll or a tab of *resident* is there."""
        await eventually(lambda: self.hub.is_connected(resident.session_id))

    @asynccontextmanager
    async def socket(self, **options: Any) -> AsyncIterator[Tab]:
        """Open a live socket that has not said hello."""
        address = self.address.replace("http", "ws") + "/api/v1/live"
        async with connect(address, open_timeout=PATIENCE, close_timeout=1, **options) as socket:
            yield Tab(socket)

    @asynccontextmanager
    async def tab(self, resident: Resident, after: int = 0) -> AsyncIterator[Tab]:
        """Open a tab that has said hello."""
        async with self.socket() as tab:
            await tab.send({"type": "hello", **vars(resident), "after": after})
            yield tab


@asynccontextmanager
async def serving(engine: Engine, settings: Settings | None = None) -> AsyncIterator[Service]:
    """Run the service while the block runs."""
    from api.app import create_app

    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    app = create_app(engine, settings or load_settings())
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="wsproto", lifespan="on"))
    running = asyncio.create_task(server.serve(sockets=[listening]))
    await eventually(lambda: server.started or running.done())
    try:
        async with httpx.AsyncClient(base_url=address, timeout=PATIENCE + 25) as http:
            yield Service(app, address, http)
    finally:
        server.should_exit = True
        await asyncio.wait_for(running, PATIENCE)


def lead(engine: Engine, story: Callable[[Service], Coroutine[Any, Any, None]]) -> None:
    """Run *story* with the service."""

    async def run() -> None:
        async with serving(engine) as service:
            await story(service)

    asyncio.run(run())


async def eventually(holds: Callable[[], bool]) -> None:
    """Wait until *holds*."""
    for _ in range(int(PATIENCE / 0.01)):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came about")
