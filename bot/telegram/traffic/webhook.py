"""The webhook (回调): Telegram calls, is known by its secret, and is answered once the update is kept."""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import uvicorn

from bot.telegram.account import Webhook
from bot.telegram.traffic.polling import Take
from knowledge.store import StoreError

logger = logging.getLogger(__name__)

SECRET_HEADER = b"x-telegram-bot-api-secret-token"
LARGEST_BODY = 1024 * 1024
"""Bytes; an update is far smaller."""

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class WebhookDoor:
    """The one address at which Telegram calls, as an ASGI application."""

    def __init__(self, webhook: Webhook, take: Take) -> None:
        self._path = webhook.path
        self._secret = webhook.secret.encode()
        self._take = take

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": await self._answer(scope, receive), "headers": []})
            await send({"type": "http.response.body", "body": b""})

    async def _answer(self, scope: Scope, receive: Receive) -> int:
        if scope["path"] != self._path:
            return 404
        if scope["method"] != "POST":
            return 405
        given = dict(scope["headers"]).get(SECRET_HEADER, b"")
        if not hmac.compare_digest(given, self._secret):
            logger.warning("a call without the secret was refused")
            return 403
        body = await _read(receive)
        if body is None:
            return 413
        try:
            update = json.loads(body)
            if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
                raise ValueError("no update")
        except ValueError:
            return 400
        try:
            await self._take([update])
        except StoreError:
            # Telegram calls again.
            return 503
        return 200


async def _read(receive: Receive) -> bytes | None:
    """Return the body; None where it is too large."""
    body = b""
    while True:
        part = await receive()
        body += bytes(part.get("body", b""))
        if len(body) > LARGEST_BODY:
            return None
        if not part.get("more_body"):
            return body


def webhook_server(webhook: Webhook, take: Take) -> uvicorn.Server:
    """Return the server that listens for Telegram's calls."""
    return uvicorn.Server(
        uvicorn.Config(
            WebhookDoor(webhook, take),
            host=webhook.host,
            port=webhook.port,
            lifespan="off",
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=200,
            timeout_keep_alive=60,
            timeout_graceful_shutdown=5,
            ws="none",
        )
    )
