"""The live socket of residents' pages; what goes over it is in docs/web.md."""

from __future__ import annotations

from fastapi import APIRouter, WebSocket

from api.at_hand import EngineAtHand, SettingsAtHand
from api.live import socket
from api.live.at_hand import HubAtHand
from api.live.origins import check_origin
from api.residents import SecretAtHand

router = APIRouter(prefix="/api/v1")


@router.websocket("/live")
async def live(
    websocket: WebSocket, engine: EngineAtHand, settings: SettingsAtHand, hub: HubAtHand, secret: SecretAtHand
) -> None:
    """Push what happens in a session to one of its tabs."""
    check_origin(websocket, settings)
    await websocket.accept()
    await socket.serve(websocket, hub, engine.transcripts, secret)
