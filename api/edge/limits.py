"""How often a caller may call (限流): counted by session and address, refused with 429 and when to come again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Annotated

from fastapi import Depends
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from api.access.at_hand import COOKIE
from api.edge.addresses import limited_caller
from api.edge.metrics import Metrics
from api.edge.problems import DENIAL, Refusal, problem_of
from api.edge.windows import MovingWindows
from bot.settings import Limits

API = "/api/"
OF_STAFF = ("/api/v1/staff/", "/api/v1/console/", "/api/v1/office/", "/api/v1/search")
NEW_SESSION = ("POST", "/api/v1/sessions")
TRY_AGAIN_SECONDS = 30
"""When a socket that found no place may try again."""
BUSY_SECONDS = 3
"""When a message that found too many turns under way may come again."""
TRY_AGAIN_LATER = 1013
"""WebSocket's code for it."""


class Rate(str, Enum):
    """What is counted."""

    CALLS = "calls"
    STAFF_CALLS = "staff_calls"
    """Of the office's people, several behind one address: a search at every keystroke."""
    SESSIONS = "sessions"
    MESSAGES = "messages"

    def __str__(self) -> str:
        return self.value


class TooMany(Refusal):
    """More than the limit admits; the answer says when to come again."""

    def __init__(self, what: str, wait: int, status: int = 429) -> None:
        super().__init__(status, f"too_many_{what}", f"too many {what}: wait {wait} s", {"Retry-After": str(wait)})


class CallLimits:
    """What each caller has asked for lately."""

    def __init__(self, limits: Limits, metrics: Metrics, windows: MovingWindows | None = None) -> None:
        self._windows = windows if windows is not None else MovingWindows()
        self._limiter = MovingWindowRateLimiter(self._windows)
        self._metrics = metrics
        self._turns, self._turns_at_once = 0, limits.turns_at_once
        self._rates: dict[Rate, RateLimitItem] = {
            Rate.CALLS: RateLimitItemPerMinute(limits.calls_a_minute, namespace=Rate.CALLS.value),
            Rate.STAFF_CALLS: RateLimitItemPerMinute(limits.staff_calls_a_minute, namespace=Rate.STAFF_CALLS.value),
            Rate.SESSIONS: RateLimitItemPerHour(limits.sessions_an_hour, namespace=Rate.SESSIONS.value),
            Rate.MESSAGES: RateLimitItemPerMinute(limits.messages_a_minute, namespace=Rate.MESSAGES.value),
        }

    def count(self, rate: Rate, caller: str) -> None:
        """Count one call of *caller*. Raises TooMany."""
        item = self._rates[rate]
        if not self._limiter.hit(item, caller):
            self._metrics.refused.labels(rate.value).inc()
            raise TooMany(rate.value, self._windows.wait_of(item.key_for(caller)))

    def count_message(self, session: str) -> None:
        """Count one message of a resident's session. Raises TooMany."""
        self.count(Rate.MESSAGES, session)

    @contextmanager
    def turn_under_way(self) -> Iterator[None]:
        """Count a turn as under way while the block runs. Raises TooMany, so that under more than the service can do
        most are answered soon and the others told when, instead of all waiting until they give up."""
        if self._turns >= self._turns_at_once:
            self._metrics.refused.labels("turns").inc()
            raise TooMany("turns", BUSY_SECONDS, 503)
        self._turns += 1
        try:
            yield
        finally:
            self._turns -= 1


async def _call_limits(connection: HTTPConnection) -> CallLimits:
    limits: CallLimits = connection.app.state.call_limits
    return limits


CallLimitsAtHand = Annotated[CallLimits, Depends(_call_limits)]


class LimitedCalls:
    """Counts the calls of an address, and the sessions that it begins."""

    def __init__(self, app: ASGIApp, limits: CallLimits) -> None:
        self.app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lead the call, or refuse it."""
        is_counted = scope["type"] != "lifespan" and scope["path"].startswith(API)
        caller = limited_caller(scope) if is_counted else None
        try:
            if caller is not None:
                self._limits.count(Rate.STAFF_CALLS if _is_of_staff(scope) else Rate.CALLS, caller)
                if (scope.get("method"), scope["path"]) == NEW_SESSION:
                    self._limits.count(Rate.SESSIONS, caller)
        except TooMany as refused:
            await _refuse(refused, scope, receive, send)
            return
        await self.app(scope, receive, send)


def _is_of_staff(scope: Scope) -> bool:
    """Tell whether a call comes with a staff cookie to a page of the office's; a made-up one gains the wider limit and
    nothing else."""
    return scope["path"].startswith(OF_STAFF) and COOKIE in HTTPConnection(scope).cookies


class LimitedSockets:
    """Admits so many WebSockets of an address, and so many in all; the others are told before they are open."""

    def __init__(self, app: ASGIApp, limits: Limits, metrics: Metrics) -> None:
        self.app = app
        self._limits = limits
        self._metrics = metrics
        self._open: Counter[str | None] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lead the socket, or refuse it."""
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        caller = limited_caller(scope)
        try:
            self._check(caller)
        except TooMany as refused:
            self._metrics.refused.labels("sockets").inc()
            await _refuse(refused, scope, receive, send)
            return
        with self._counted(caller):
            await self.app(scope, receive, send)

    def _check(self, caller: str | None) -> None:
        if sum(self._open.values()) >= self._limits.sockets:
            raise TooMany("sockets", TRY_AGAIN_SECONDS, 503)
        if caller is not None and self._open[caller] >= self._limits.sockets_an_address:
            raise TooMany("sockets", TRY_AGAIN_SECONDS)

    @contextmanager
    def _counted(self, caller: str | None) -> Iterator[None]:
        self._open[caller] += 1
        self._metrics.sockets.inc()
        try:
            yield
        finally:
            self._metrics.sockets.dec()
            self._open[caller] -= 1
            if not self._open[caller]:
                del self._open[caller]


async def _refuse(refused: TooMany, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http" or DENIAL in scope.get("extensions", {}):
        await problem_of(refused)(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
