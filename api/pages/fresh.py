"""Pages that browsers keep and ask after: unchanged ones are not sent again."""

from __future__ import annotations

import hashlib
from datetime import datetime, timezone
from email.utils import format_datetime

from fastapi import Request
from starlette.responses import Response


def if_changed(request: Request, response: Response, modified: datetime | None = None) -> Response:
    """Return *response* with a mark of its content, or 304 where the browser has just that.

    The content is marked rather than the edition: a page also changes with our sentences, and with the day on which
    a policy ends. The mark is weak, for the same page travels packed and unpacked. *modified*, when the edition came
    in force, is told to search engines and asked of nobody.
    """
    mark = f'W/"{hashlib.sha256(bytes(response.body)).hexdigest()[:20]}"'
    headers = {"ETag": mark, "Cache-Control": "no-cache"}
    if modified is not None:
        headers["Last-Modified"] = format_datetime(modified.astimezone(timezone.utc), usegmt=True)
    known = {part.strip() for part in request.headers.get("if-none-match", "").split(",")}
    if mark in known:
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return response
