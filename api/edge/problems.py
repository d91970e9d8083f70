"""Errors as RFC 9457 application/problem+json, one form for all."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

import fastapi
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketState

from knowledge.store import StoreError

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
_TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}
"""The names of RFC 9110, where Python knows older ones."""
DENIAL = "websocket.http.response"
"""ASGI's name for answering a WebSocket that is not open yet as HTTP."""
REFUSED = 1008
"""WebSocket's code for a call that is against the rules."""
FAILED = 1011
"""WebSocket's code for an error of ours."""


ANY_CALL = (400, 408, 413, 421, 429, 500, 503)
"""What may come of any call: before it reaches its route, or by failing there."""


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field("about:blank")
    title: str = Field(example="Not Found")
    status: int = Field(example=404)
    detail: str | None = Field(None, description="what of this call went wrong, for developers")
    code: str | None = Field(None, description="the reason in one word, for programs")
    errors: list[dict[str, str]] | None = Field(None, description="where the body or the query is wrong, and how")


class Refusal(fastapi.HTTPException):
    """A call that is refused, with a *code* by which pages find their sentence for it.

    FastAPI lets only its own kind of error through where it reads a body.
    """

    def __init__(self, status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, detail, headers)
        self.code = code


class StoreAway(Refusal):
    """A store cannot be reached at the moment."""

    def __init__(self) -> None:
        super().__init__(503, "store_away", "a store cannot be reached: try again", {"Retry-After": "5"})


def problem(status: int, title: str | None = None, detail: str | None = None, **members: Any) -> JSONResponse:
    """Return a problem document; *members* are further members of it."""
    content = {
        "type": "about:blank",
        "title": title or title_of(status),
        "status": status,
        **({"detail": detail} if detail else {}),
        **members,
    }
    return JSONResponse(content, status_code=status, media_type=MEDIA_TYPE)


def title_of(status: int) -> str:
    """Return what a status is called."""
    try:
        return _TITLES.get(status) or HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def problem_of(error: HTTPException) -> JSONResponse:
    """Return the problem document that an error is answered with."""
    code = {"code": error.code} if isinstance(error, Refusal) else {}
    response = problem(error.status_code, detail=str(error.detail), **code)
    response.headers.update(error.headers or {})
    return response


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the *responses* of a call that may end in problems of these statuses, for OpenAPI."""
    content = {MEDIA_TYPE: {"schema": Problem.schema()}}
    return {status: {"description": title_of(status), "content": content} for status in statuses}


def install_problems(app: FastAPI) -> None:
    """Make *app* answer every error with a problem document; those that nobody expected are Failures' matter."""

    @app.exception_handler(HTTPException)
    async def on_http_error(connection: HTTPConnection, error: HTTPException) -> JSONResponse | None:
        response = problem_of(error)
        if isinstance(connection, WebSocket):
            await _refuse_socket(connection, response, str(error.detail))
            return None
        return response

    @app.exception_handler(StoreError)
    async def on_store_away(connection: HTTPConnection, error: StoreError) -> JSONResponse | None:
        logger.error("%s: %s", connection.url.path, error)
        return await on_http_error(connection, StoreAway())

    @app.exception_handler(RequestValidationError)
    async def on_invalid(_request: HTTPConnection, error: RequestValidationError) -> JSONResponse:
        # What was sent is not repeated: it may hold personal data.
        errors = [{"where": ".".join(str(part) for part in e["loc"]), "what": e["msg"]} for e in error.errors()]
        return problem(422, errors=errors)


async def _refuse_socket(socket: WebSocket, response: JSONResponse, reason: str) -> None:
    if socket.application_state is WebSocketState.CONNECTING and DENIAL in socket.scope.get("extensions", {}):
        await socket.send_denial_response(response)
    else:
        await socket.close(REFUSED, reason)


class Failures:
    """The HTTP edge's catch-all, within everything that dresses an answer: a failure is logged once, here."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lead the call; whatever breaks is answered with 500, or with 1011 on a WebSocket."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        has_begun = False

        async def sending(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except HTTPException as error:
            # From what lies between here and the app's own handlers: a body that is too large, nobody having read it.
            if has_begun:
                raise
            await problem_of(error)(scope, receive, send)
        except Exception as error:
            logger.error("%s %s failed", scope.get("method", "WEBSOCKET"), scope["path"], exc_info=error)
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": FAILED})
            elif not has_begun:
                await problem(500)(scope, receive, send)
            else:
                raise
