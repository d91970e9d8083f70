"""The bot's account at Telegram, as the environment names it. Nothing here talks to Telegram."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import urlsplit

WEBHOOK_PORTS = (443, 80, 88, 8443)
"""Where Telegram is ready to call."""
LISTENS_AT = "127.0.0.1:8081"

_TOKEN = re.compile(r"[0-9]{3,20}:[A-Za-z0-9_-]{30,100}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{32,256}")
_LISTEN = re.compile(r"(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]):(?P<port>[0-9]{1,5})")


class Mode(str, Enum):
    """How updates come: the bot asks for them, or Telegram calls."""

    POLLING = "polling"
    WEBHOOK = "webhook"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Webhook:
    """Where Telegram calls, by what *secret* its calls are known, and where this process listens for them."""

    url: str
    secret: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 8081

    @property
    def path(self) -> str:
        """The path of the calls."""
        return urlsplit(self.url).path or "/"


@dataclass(frozen=True)
class TelegramAccount:
    """The bot's token, and how its updates come; *api_base* is another server of the Bot API than Telegram's own."""

    token: str = field(repr=False)
    webhook: Webhook | None = None
    api_base: str | None = None

    @property
    def mode(self) -> Mode:
        """How updates come."""
        return Mode.POLLING if self.webhook is None else Mode.WEBHOOK


def read_account(values: Mapping[str, str]) -> TelegramAccount | None:
    """Read the account; None without a token: the channel is off. Raises ValueError naming the variable.

    The token and the secret are never repeated.
    """
    token = values.get("TELEGRAM_TOKEN")
    if not token:
        return None
    if not _TOKEN.fullmatch(token):
        raise ValueError("TELEGRAM_TOKEN: digits, a colon and some 35 characters are expected, as BotFather gives them")
    name = values.get("TELEGRAM_MODE") or Mode.POLLING.value
    if name not in {mode.value for mode in Mode}:
        raise ValueError(f"TELEGRAM_MODE={name}: polling or webhook is expected")
    webhook = _webhook(values) if name == Mode.WEBHOOK.value else None
    return TelegramAccount(token, webhook, _base(values.get("TELEGRAM_API_BASE") or None))


def _webhook(values: Mapping[str, str]) -> Webhook:
    url = values.get("TELEGRAM_WEBHOOK_URL") or ""
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError:
        raise ValueError(f"TELEGRAM_WEBHOOK_URL={url}: no address") from None
    if parts.scheme != "https" or not parts.hostname:
        raise ValueError(f"TELEGRAM_WEBHOOK_URL={url}: an address with https:// is expected for TELEGRAM_MODE=webhook")
    if port not in WEBHOOK_PORTS:
        raise ValueError(f"TELEGRAM_WEBHOOK_URL={url}: Telegram calls ports {', '.join(map(str, WEBHOOK_PORTS))} only")
    secret = values.get("TELEGRAM_WEBHOOK_SECRET") or ""
    if not _SECRET.fullmatch(secret):
        raise ValueError("TELEGRAM_WEBHOOK_SECRET: 32 to 256 letters, digits, _ or - are expected")
    listen = values.get("TELEGRAM_WEBHOOK_LISTEN") or LISTENS_AT
    found = _LISTEN.fullmatch(listen)
    if found is None or not 1 <= int(found["port"]) <= 65535:
        raise ValueError(f"TELEGRAM_WEBHOOK_LISTEN={listen}: host and port such as {LISTENS_AT} are expected")
    return Webhook(url, secret, found["host"].strip("[]"), int(found["port"]))


def _base(text: str | None) -> str | None:
    if text is None:
        return None
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"TELEGRAM_API_BASE={text}: an address with http:// or https:// is expected")
    return text.rstrip("/")
