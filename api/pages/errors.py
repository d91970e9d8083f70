"""Errors as a person meets them: a page in plain Chinese with a way on. Programs get the problem document as before."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.edge.problems import MEDIA_TYPE
from api.pages.templates import page

_KINDS = {401: "refused", 403: "refused", 404: "not_found", 413: "too_big", 422: "bad_address", 429: "too_many"}
"""Status and the sentences about it; of the others it is told only whose fault it was."""
_KEPT = ("retry-after", "allow")


def error_page(status: int, office: str) -> Response:
    """Return the page for an error's *status*."""
    kind = _KINDS.get(status, "bad_address" if status < 500 else "broken")
    return page(
        "error.html", ("shared", "errors"), ("shared",), status, {"Cache-Control": "no-store"}, office=office, kind=kind
    )


class ErrorPages:
    """Shows a page in the place of every problem document that a person's browser would get.

    It looks at answers rather than at exceptions, for limits and failures are answered outside of the app's handlers;
    so it lies around those, and within what adds headers to every answer.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lead the call; answer a problem with its page where a person asked."""
        if not _wants_page(scope):
            await self.app(scope, receive, send)
            return
        replaced = False

        async def sending(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start":
                headers = Headers(raw=message["headers"])
                replaced = headers.get("content-type") == MEDIA_TYPE
                if replaced:
                    await self._page(message["status"], headers, scope)(scope, receive, send)
            if not replaced:
                await send(message)

        await self.app(scope, receive, sending)

    def _page(self, status: int, headers: Headers, scope: Scope) -> Response:
        shown = error_page(status, scope["app"].state.engine.services.base.document.office)
        shown.headers.update({name: headers[name] for name in _KEPT if name in headers})
        return shown


def _wants_page(scope: Scope) -> bool:
    """Tell whether a person with a browser asks, not a program."""
    if scope["type"] != "http" or scope["path"].startswith("/api/"):
        return False
    return "text/html" in Headers(scope=scope).get("accept", "")
