"""An engine for each module of this folder, with records of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from bot.settings import Waits
from tests.bot.engines import new_url, opened

if TYPE_CHECKING:
    from bot.runtime.engine import Engine


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return new_url(tmp_path_factory.mktemp("telegram"))


@pytest.fixture(scope="session")
def telegram_engine(url: str) -> Iterator[Engine]:
    """The engine that this folder's residents talk to; their chats' numbers keep them apart."""
    with opened(url, waits=Waits()) as engine:
        yield engine
