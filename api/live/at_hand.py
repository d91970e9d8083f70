"""What a call finds at hand of the live part: the hub, put there by whoever starts the service."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from api.live.hub import Hub


async def _hub(connection: HTTPConnection) -> Hub:
    hub: Hub = connection.app.state.hub
    return hub


HubAtHand = Annotated[Hub, Depends(_hub)]
