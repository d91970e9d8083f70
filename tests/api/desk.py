"""Agents at the console over HTTP, and residents who want a person: what tests of the console begin with."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from httpx import Response

from tests.api.office import Browser

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

_sessions = itertools.count(1)


@dataclass
class Agent:
    """An agent's browser, logged in."""

    name: str
    browser: Browser

    def get(self, path: str) -> Response:
        return self.browser.client.get(f"/api/v1/console/{path}")

    def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Response:
        headers = {"X-CSRF-Token": self.browser.csrf}
        return self.browser.client.request(method, f"/api/v1/console/{path}", json=body, headers=headers)

    def does(self, number: str, what: str, **body: Any) -> Response:
        """Do something with a ticket."""
        return self.send("POST", f"tickets/{number}/{what}", body)

    def takes(self, number: str) -> None:
        assert self.does(number, "take").status_code == 200

    def board(self) -> dict[str, Any]:
        board: dict[str, Any] = self.get("tickets").json()
        return board

    def numbers(self, part: str) -> list[str]:
        """Return the numbers in a part of the board."""
        return [line["number"] for line in self.board()[part]]

    def conversation(self, number: str) -> dict[str, Any]:
        response = self.get(f"tickets/{number}")
        assert response.status_code == 200, response.text
        conversation: dict[str, Any] = response.json()
        return conversation


@dataclass(frozen=True)
class Caller:
    """A resident who talks to the engine, in whichever channel."""

    engine: Engine
    session: str
    channel: str = "web"

    def says(self, text: str) -> dict[str, Any]:
        return asyncio.run(self.engine.turn(self.session, text, self.channel))

    def wants_a_person(self, text: str = "转人工") -> str:
        """Return the number of the ticket."""
        reply = self.says(text)
        return str(next(message["ticket"] for message in reply["messages"] if message["type"] == "handoff"))

    def reads(self) -> list[str]:
        """Return the words of agents that are delivered now."""
        return [entry.text for entry in asyncio.run(self.engine.deliver(self.session))]


def caller(engine: Engine, channel: str = "web") -> Caller:
    """Return somebody whom the engine does not know."""
    return Caller(engine, f"caller-{next(_sessions):03d}", channel)
