"""What the tests of bot/ share: the wording, a day, and ways to talk to the real engine."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from bot.answering.compose import Composer
from bot.wording import Wording, load_wording

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

Turn = dict[str, Any]
Say = Callable[[str], Turn]

_sessions = itertools.count(1)


@pytest.fixture(scope="session")
def wording() -> Wording:
    return load_wording()


@pytest.fixture
def composer(wording: Wording) -> Composer:
    """Composes as of 1 June 2024."""
    return Composer(wording, date(2024, 6, 1))


@pytest.fixture
def new_session(engine: Engine) -> Callable[[], Say]:
    """Open sessions of their own: each call returns a way to say something in a new one."""

    def open_session() -> Say:
        session = f"test-{next(_sessions)}"
        return lambda text: asyncio.run(engine.turn(session, text))

    return open_session


@pytest.fixture
def say(new_session: Callable[[], Say]) -> Say:
    """Say something in this test's session; return the turn."""
    return new_session()
