"""What a call finds at hand: the running engine and the settings, put there by whoever starts the service."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from bot.runtime.engine import Engine
from bot.settings import Settings


async def _engine(connection: HTTPConnection) -> Engine:
    engine: Engine = connection.app.state.engine
    return engine


async def _settings(connection: HTTPConnection) -> Settings:
    settings: Settings = connection.app.state.settings
    return settings


EngineAtHand = Annotated[Engine, Depends(_engine)]
SettingsAtHand = Annotated[Settings, Depends(_settings)]
