"""The official account at WeChat, as the environment names it. Nothing here talks to WeChat."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import urlsplit

ANSWER_WITHIN = 4.2
"""Seconds after which a call is answered, ready or not: the platform hangs up after five."""

_TOKEN = re.compile(r"[A-Za-z0-9]{3,32}")
_APP_ID = re.compile(r"wx[0-9a-f]{16}")
_APP_SECRET = re.compile(r"[0-9a-f]{32}")
_AES_KEY = re.compile(r"[A-Za-z0-9]{43}")
_NAMES = ("TOKEN", "APP_ID", "APP_SECRET", "AES_KEY", "MODE", "API_BASE", "SITE")


class Mode(str, Enum):
    """How messages travel (消息加解密方式)."""

    PLAIN = "plain"
    """明文模式."""
    COMPATIBLE = "compatible"
    """兼容模式: as plain text and encrypted; what is encrypted counts."""
    SAFE = "safe"
    """安全模式: encrypted alone."""

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class WechatAccount:
    """What stands on the account's page of basic settings (基本配置), and how we work with it.

    *api_base* is another server of the platform's calls than its own; *site* is where residents reach our pages, for
    the menu. *answer_within* is not for operators: tests have less patience.
    """

    token: str = field(repr=False)
    app_id: str
    app_secret: str = field(repr=False)
    aes_key: str | None = field(default=None, repr=False)
    mode: Mode = Mode.SAFE
    api_base: str | None = None
    site: str | None = None
    answer_within: float = ANSWER_WITHIN


def read_account(values: Mapping[str, str]) -> WechatAccount | None:
    """Read the account; None where nothing is set: the channel is off. Raises ValueError naming the variable.

    Token, secret and key are never repeated.
    """
    given = {name: values.get(f"WECHAT_{name}") or "" for name in _NAMES}
    if not any(given.values()):
        return None
    mode = given["MODE"] or Mode.SAFE.value
    if mode not in {known.value for known in Mode}:
        raise ValueError(f"WECHAT_MODE={mode}: plain, compatible or safe is expected")
    _require("TOKEN", given["TOKEN"], _TOKEN, "3 to 32 letters and digits")
    _require("APP_ID", given["APP_ID"], _APP_ID, "wx and 16 digits or letters a to f")
    _require("APP_SECRET", given["APP_SECRET"], _APP_SECRET, "32 digits or letters a to f")
    if mode != Mode.PLAIN.value or given["AES_KEY"]:
        _require("AES_KEY", given["AES_KEY"], _AES_KEY, f"43 letters and digits (WECHAT_MODE is {mode})")
    return WechatAccount(
        token=given["TOKEN"],
        app_id=given["APP_ID"],
        app_secret=given["APP_SECRET"],
        aes_key=given["AES_KEY"] or None,
        mode=Mode(mode),
        api_base=_address("API_BASE", given["API_BASE"]),
        site=_address("SITE", given["SITE"]),
    )


def _require(name: str, text: str, pattern: re.Pattern[str], expected: str) -> None:
    if not text:
        raise ValueError(f"WECHAT_{name} is missing: {expected} are expected, or no WECHAT_ variable at all")
    if not pattern.fullmatch(text):
        raise ValueError(f"WECHAT_{name}: {expected} are expected, as the account's page of settings shows them")


def _address(name: str, text: str) -> str | None:
    if not text:
        return None
    try:
        parts = urlsplit(text)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_address = False
    if not is_address:
        raise ValueError(f"WECHAT_{name}={text}: an address with https:// is expected")
    return text.rstrip("/")
