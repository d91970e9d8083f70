"""Errors as RFC 9457 application/problem+json, one form for all."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


def problem(status: int, title: str, detail: str | None = None, **members: Any) -> JSONResponse:
    """Return a problem document; *members* are further members of it."""
    content = {
        "type": "about:blank",
        "title": title,
        "status": status,
        **({"detail": detail} if detail else {}),
        **members,
    }
    return JSONResponse(content, status_code=status, media_type=MEDIA_TYPE)


def install_problems(app: FastAPI) -> None:
    """Make *app* answer every error with a problem document."""

    @app.exception_handler(HTTPException)
    async def on_http_error(_request: Request, error: HTTPException) -> JSONResponse:
        response = problem(error.status_code, HTTPStatus(error.status_code).phrase, str(error.detail))
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(RequestValidationError)
    async def on_invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        # What was sent is not repeated: it may hold personal data.
        errors = [{"where": ".".join(str(part) for part in e["loc"]), "what": e["msg"]} for e in error.errors()]
        return problem(422, "Unprocessable Content", errors=errors)

    @app.exception_handler(Exception)
    async def on_failure(request: Request, error: Exception) -> JSONResponse:
        # The HTTP edge's catch-all; the traceback is logged once, here.
        logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return problem(500, "Internal Server Error")
