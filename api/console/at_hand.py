"""What a call of the console finds at hand: the console, and the views of the desk for whoever calls."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from api.access.at_hand import AccessAtHand
from api.at_hand import EngineAtHand
from api.console.console import Console
from api.console.views import Views
from api.live.at_hand import HubAtHand


async def _console(connection: HTTPConnection) -> Console:
    console: Console = connection.app.state.console
    return console


ConsoleAtHand = Annotated[Console, Depends(_console)]


async def _views(engine: EngineAtHand, hub: HubAtHand, console: ConsoleAtHand, access: AccessAtHand) -> Views:
    return Views(engine, hub, console, access)


ViewsAtHand = Annotated[Views, Depends(_views)]
