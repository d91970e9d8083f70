"""Every setting of the service, in one place, read once from the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.telegram.account import TelegramAccount
from bot.telegram.account import read_account as read_telegram
from bot.wechat.account import WechatAccount
from bot.wechat.account import read_account as read_wechat

OFFICE_TIME = ZoneInfo("Asia/Shanghai")
ROOT = Path(__file__).parent.parent
DEFAULT_DATABASE = "sqlite:///var/guide.db"
SHORTEST_SECRET = 32
"""Characters of a secret that an operator chooses."""

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?")
_HOST = re.compile(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:]+\]")
_T = TypeVar("_T")


class SettingsError(ValueError):
    """A setting that cannot be used; the message names it."""


@dataclass(frozen=True)
class Limits:
    """How much one caller may ask for, and all of them together."""

    messages_a_minute: int = 30
    """Of one session."""
    calls_a_minute: int = 240
    staff_calls_a_minute: int = 2400
    """Of one address, under /api."""
    sessions_an_hour: int = 20
    """New sessions of one address."""
    turns_at_once: int = 100
    """Of all residents of the web; at some 20 ms each the last one waits two seconds."""
    wrong_passwords: int = 5
    """For one name, in a quarter of an hour."""
    wrong_passwords_an_address: int = 20
    """From one address, in a quarter of an hour."""
    sockets: int = 1000
    sockets_an_address: int = 20
    connections: int = 2000
    """All that are open, WebSockets included."""
    max_body: int = 64 * 1024
    max_upload: int = 8 * 1024 * 1024
    """Bytes of a guide that is uploaded."""
    receive_seconds: int = 15
    """How long the head of a call may take to come, and its body."""


@dataclass(frozen=True)
class Waits:
    """Seconds that a reply waits for the database before it goes out without it."""

    turn: float = 1.0
    """Until its turn is stored; a store that takes longer goes on behind the reply, which then has no number."""
    desk: float = 3.0
    """For the desk; a ticket that is opened later is told of in the next turn."""


@dataclass(frozen=True)
class Settings:
    """Where things are and how the service behaves; paths are absolute."""

    database_url: str = DEFAULT_DATABASE
    model_folder: Path = ROOT / "var" / "models"
    nlu_data: Path = ROOT / "nlu_data"
    evaluation_sets: Path = ROOT.parent / "shared" / "eval"
    evaluation_folder: Path = ROOT / "var" / "evaluation"
    review_folder: Path = ROOT / "var" / "review"
    """Where the office's review writes its candidates and trains."""
    max_text: int = 500
    keep_conversations_days: int = 30
    keep_outcomes_days: int = 400
    keep_tickets_days: int = 180
    keep_audit_days: int = 400
    service_secret: str | None = field(default=None, repr=False)
    secret_file: Path = ROOT / "var" / "service.secret"
    """Where the secret is kept that the service made for itself."""
    secure_cookies: bool = False
    """Staff cookies for https alone, also where the service itself is reached by http."""
    allowed_origins: tuple[str, ...] = ()
    """Pages elsewhere whose scripts may chat."""
    widget_hosts: tuple[str, ...] = ()
    """Pages elsewhere that may show the widget."""
    allowed_hosts: tuple[str, ...] = ()
    """Names by which the service may be called; any where there are none."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Whose word on where a call comes from is believed."""
    metrics_token: str | None = field(default=None, repr=False)
    agent_lost_minutes: int = 5
    """How long nothing may be seen of an agent until the agent's tickets wait again."""
    limits: Limits = Limits()
    waits: Waits = Waits()
    telegram: TelegramAccount | None = None
    """The bot at Telegram; without one the channel is off."""
    wechat: WechatAccount | None = None
    """The official account at WeChat; without one the channel is off."""


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings. Raises SettingsError naming the variable that is wrong."""
    values = os.environ if environment is None else environment
    defaults = Settings()
    return Settings(
        database_url=values.get("DATABASE_URL") or defaults.database_url,
        model_folder=_path(values, "MODEL_FOLDER", defaults.model_folder),
        nlu_data=_path(values, "NLU_DATA", defaults.nlu_data),
        evaluation_sets=_path(values, "EVALUATION_SETS", defaults.evaluation_sets),
        review_folder=_path(values, "REVIEW_FOLDER", defaults.review_folder),
        keep_conversations_days=_positive(values, "KEEP_CONVERSATIONS_DAYS", defaults.keep_conversations_days),
        keep_outcomes_days=_positive(values, "KEEP_OUTCOMES_DAYS", defaults.keep_outcomes_days),
        keep_tickets_days=_positive(values, "KEEP_TICKETS_DAYS", defaults.keep_tickets_days),
        keep_audit_days=_positive(values, "KEEP_AUDIT_DAYS", defaults.keep_audit_days),
        service_secret=_secret(values, "SERVICE_SECRET"),
        secret_file=_path(values, "SECRET_FILE", defaults.secret_file),
        secure_cookies=_switch(values, "SECURE_COOKIES"),
        allowed_origins=_list(values, "ALLOWED_ORIGINS", _origin),
        widget_hosts=_list(values, "WIDGET_HOSTS", _host_or_origin),
        allowed_hosts=_list(values, "ALLOWED_HOSTS", _host),
        trusted_proxies=_list(values, "TRUSTED_PROXIES", _network),
        metrics_token=_secret(values, "METRICS_TOKEN"),
        agent_lost_minutes=_positive(values, "AGENT_LOST_MINUTES", defaults.agent_lost_minutes),
        limits=_limits(values),
        telegram=_channel(values, read_telegram),
        wechat=_channel(values, read_wechat),
    )


def _limits(values: Mapping[str, str]) -> Limits:
    limits = Limits()
    return Limits(
        messages_a_minute=_positive(values, "MESSAGES_A_MINUTE", limits.messages_a_minute),
        turns_at_once=_positive(values, "TURNS_AT_ONCE", limits.turns_at_once),
        calls_a_minute=_positive(values, "CALLS_A_MINUTE", limits.calls_a_minute),
        staff_calls_a_minute=_positive(values, "STAFF_CALLS_A_MINUTE", limits.staff_calls_a_minute),
        sessions_an_hour=_positive(values, "SESSIONS_AN_HOUR", limits.sessions_an_hour),
        wrong_passwords=_positive(values, "WRONG_PASSWORDS", limits.wrong_passwords),
        wrong_passwords_an_address=_positive(values, "WRONG_PASSWORDS_AN_ADDRESS", limits.wrong_passwords_an_address),
        sockets=_positive(values, "SOCKETS", limits.sockets),
        sockets_an_address=_positive(values, "SOCKETS_AN_ADDRESS", limits.sockets_an_address),
        connections=_positive(values, "CONNECTIONS", limits.connections),
        max_body=_positive(values, "MAX_BODY", limits.max_body),
        max_upload=_positive(values, "MAX_UPLOAD", limits.max_upload),
        receive_seconds=_positive(values, "RECEIVE_SECONDS", limits.receive_seconds),
    )


def _channel(values: Mapping[str, str], read: Callable[[Mapping[str, str]], _T]) -> _T:
    """Read a channel's account, whose own room knows how; None where it is off."""
    try:
        return read(values)
    except ValueError as error:
        raise SettingsError(str(error)) from error


# ---------------------------------------------------------------- one variable


def _positive(values: Mapping[str, str], name: str, default: int) -> int:
    text = values.get(name)
    if not text:
        return default
    if not text.isdecimal() or int(text) == 0:
        raise SettingsError(f"{name}={text}: a positive whole number is expected")
    return int(text)


def _path(values: Mapping[str, str], name: str, default: Path) -> Path:
    return Path(values.get(name) or default).absolute()


def _switch(values: Mapping[str, str], name: str) -> bool:
    text = values.get(name) or "0"
    if text not in {"0", "1"}:
        raise SettingsError(f"{name}={text}: 0 or 1 is expected")
    return text == "1"


def _secret(values: Mapping[str, str], name: str) -> str | None:
    text = values.get(name) or None
    if text is not None and len(text) < SHORTEST_SECRET:
        # What is meant to be secret is not repeated.
        raise SettingsError(f"{name}: {SHORTEST_SECRET} characters or more are expected")
    return text


def _list(values: Mapping[str, str], name: str, parse: Callable[[str], _T]) -> tuple[_T, ...]:
    """Read what stands between commas."""
    parts = [part.strip() for part in (values.get(name) or "").split(",")]
    try:
        return tuple(parse(part) for part in parts if part)
    except ValueError as error:
        raise SettingsError(f"{name}: {error}") from error


def _origin(text: str) -> str:
    origin = text.lower().rstrip("/")
    if not _ORIGIN.fullmatch(origin):
        raise ValueError(f"{text} is no origin such as https://www.example.org")
    return origin


def _host(text: str) -> str:
    host = text.lower()
    if not _HOST.fullmatch(host):
        raise ValueError(f"{text} is no host such as www.example.org or *.example.org")
    return host


def _host_or_origin(text: str) -> str:
    return _origin(text) if "://" in text else _host(text)


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text, strict=False)
    except ValueError as error:
        raise ValueError(f"{text} is no address such as 10.0.0.1 or 10.0.0.0/8") from error
