"""The web service over the suite's one engine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

if TYPE_CHECKING:
    from bot.runtime.engine import Engine


@pytest.fixture(scope="session")
def client(engine: Engine) -> Iterator[TestClient]:
    from api.app import create_app
    from bot.settings import load_settings

    with TestClient(create_app(engine, load_settings()), raise_server_exceptions=False) as client:
        yield client
