"""The access token: one for all, renewed in time by one of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from bot.records.database import Database
from bot.settings import OFFICE_TIME
from bot.wechat.platform import token as tokens
from bot.wechat.platform.errors import PlatformError, Trouble
from bot.wechat.platform.token import AccessToken, TokenKeeper


class Fountain:
    """Gives tokens and counts them; what it *fails* with is raised instead."""

    def __init__(self) -> None:
        self.given = 0
        self.forced = 0
        self.same = False
        self.fails: PlatformError | None = None
        self.asked = threading.Event()
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, another: bool) -> AccessToken:
        self.asked.set()
        self.gate.wait(10)
        if self.fails:
            raise self.fails
        self.forced += another
        if not self.same or another:
            self.given += 1
        return AccessToken(f"token-{self.given}", 7200)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 26, 9, 0, tzinfo=OFFICE_TIME)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def fountain() -> Fountain:
    return Fountain()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keeper(database: Database, fountain: Fountain, clock: Clock) -> Callable[[], TokenKeeper]:
    """Make keepers, each as a process of its own would."""
    return lambda: TokenKeeper(database, "wx0", fountain, clock)


def test_processes_share_a_token(keeper: Callable[[], TokenKeeper], fountain: Fountain) -> None:
    assert {keeper().current() for _ in range(5)} == {"token-1"}
    assert fountain.given == 1


def test_a_token_is_renewed_before_its_end(keeper: Callable[[], TokenKeeper], clock: Clock) -> None:
    mine = keeper()
    mine.current()
    clock.now += timedelta(seconds=7200) - tokens.BEFORE_ITS_END - timedelta(seconds=1)
    assert mine.current() == "token-1"
    clock.now += timedelta(seconds=2)
    assert mine.current() == "token-2"


def test_many_that_need_one_at_once_cost_one(keeper: Callable[[], TokenKeeper], fountain: Fountain) -> None:
    keepers = [keeper() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda one: one.current(), keepers)) == {"token-1"}
    assert fountain.given == 1


def test_while_one_renews_the_others_go_on_with_the_old_one(
    keeper: Callable[[], TokenKeeper], fountain: Fountain, clock: Clock
) -> None:
    keeper().current()
    clock.now += timedelta(seconds=7200 - 60)
    fountain.gate.clear()
    with ThreadPoolExecutor(1) as pool:
        fountain.asked.clear()
        renewing = pool.submit(keeper().current)
        assert fountain.asked.wait(10)
        try:
            assert keeper().current() == "token-1"
        finally:
            fountain.gate.set()
        assert renewing.result() == "token-2"


def test_whoever_dies_while_renewing_is_followed_by_another(
    keeper: Callable[[], TokenKeeper], fountain: Fountain, clock: Clock
) -> None:
    dying = keeper()
    assert dying._take_lease()
    clock.now += tokens.LEASE + timedelta(seconds=1)
    assert keeper().current() == "token-1"


def test_a_renewal_that_fails_leaves_the_old_one_in_use(
    keeper: Callable[[], TokenKeeper], fountain: Fountain, clock: Clock
) -> None:
    mine = keeper()
    mine.current()
    clock.now += timedelta(seconds=7200 - 60)
    fountain.fails = PlatformError(Trouble.BUSY, -1, "busy")
    assert mine.current() == "token-1"
    clock.now += timedelta(seconds=120)
    with pytest.raises(PlatformError):
        mine.current()


def test_a_refused_token_is_replaced_once_for_all(keeper: Callable[[], TokenKeeper], fountain: Fountain) -> None:
    first, second = keeper(), keeper()
    first.current()
    first.reject("token-1")
    assert first.current() == "token-2"
    second.reject("token-1")
    assert second.current() == "token-2"
    assert fountain.forced == 0


def test_where_the_platform_gives_the_refused_one_again_it_is_asked_for_another(
    keeper: Callable[[], TokenKeeper], fountain: Fountain
) -> None:
    mine = keeper()
    mine.current()
    fountain.same = True
    mine.reject("token-1")
    assert mine.current() == "token-2"
    assert fountain.forced == 1
