"""How large a body may be and how long it may take: counted as it comes, whatever its head promises."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.edge.metrics import Metrics
from api.edge.problems import Refusal, problem_of
from bot.settings import Limits

UPLOADS = ("/api/v1/office/editions",)
"""Where a whole guide may come."""

_MANY_DIGITS = 18
# What is left of a body that nobody will read would be taken for the next call.
_CLOSING = {"Connection": "close"}


class TooLarge(Refusal):
    """A body over its limit."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, "body_too_large", f"the body is larger than {limit} bytes", dict(_CLOSING))


class TwoLengths(Refusal):
    """A body of which two things are said: what is one call to us may be two to a proxy before us."""

    def __init__(self) -> None:
        detail = "Content-Length and Transfer-Encoding exclude each other"
        super().__init__(400, "two_lengths", detail, dict(_CLOSING))


class TooSlow(Refusal):
    """A body that does not come to its end."""

    def __init__(self, seconds: int) -> None:
        super().__init__(408, "body_too_slow", f"the body did not come within {seconds} s", dict(_CLOSING))


class LimitedBodies:
    """Refuses bodies that are too large or too slow, chunked ones as well."""

    def __init__(self, app: ASGIApp, limits: Limits, metrics: Metrics) -> None:
        self.app = app
        self._limits = limits
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lead the call with a body that is watched."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        if length == "0" and "transfer-encoding" not in headers:
            await self.app(scope, receive, send)
            return
        if "content-length" in headers and "transfer-encoding" in headers:
            await problem_of(TwoLengths())(scope, receive, send)
            return
        is_upload = scope["method"] == "POST" and scope["path"] in UPLOADS
        limit = self._limits.max_upload if is_upload else self._limits.max_body
        if length.isdecimal() and (len(length) > _MANY_DIGITS or int(length) > limit):
            self._metrics.refused.labels("bodies").inc()
            await problem_of(TooLarge(limit))(scope, receive, send)
            return
        await self.app(scope, self._watched(receive, limit), send)

    def _watched(self, receive: Receive, limit: int) -> Receive:
        seconds = self._limits.receive_seconds
        loop = asyncio.get_running_loop()
        end: float | None = None
        came = 0
        is_whole = False

        async def receiving() -> Message:
            nonlocal came, end, is_whole
            if is_whole:
                # Whoever waits now waits for the caller to go away.
                return await receive()
            # Counted from where somebody asks for the body: what the route did before is not the caller's delay.
            end = loop.time() + seconds if end is None else end
            try:
                message = await asyncio.wait_for(receive(), max(0.0, end - loop.time()))
            except asyncio.TimeoutError as error:
                self._metrics.refused.labels("bodies").inc()
                raise TooSlow(seconds) from error
            came += len(message.get("body", b""))
            if came > limit:
                self._metrics.refused.labels("bodies").inc()
                raise TooLarge(limit)
            is_whole = not message.get("more_body", False)
            return message

        return receiving
