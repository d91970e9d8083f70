"""What a resident did (消息与事件): the platform's XML, read strictly into one small value."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any
from xml.parsers.expat import ExpatError

from wechatpy.events import BaseEvent  # type: ignore[import-untyped]  # ships no types
from wechatpy.parser import parse_message  # type: ignore[import-untyped]  # ships no types

from bot.understanding.normalise import mask_personal_numbers
from bot.wechat.arriving.envelope import MalformedError

CHANNEL = "wechat"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""Of a resident (openid) or an account."""


class Kind(str, Enum):
    """What came."""

    TEXT = "text"
    VOICE = "voice"
    IMAGE = "image"
    VIDEO = "video"
    LOCATION = "location"
    LINK = "link"
    OTHER = "other"
    """A message of a type that we do not know."""
    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    SCAN = "scan"
    CLICK = "click"
    EVENT = "event"
    """Anything else that happened; nobody waits for words."""

    def __str__(self) -> str:
        return self.value

    @property
    def is_message(self) -> bool:
        """Tell whether the resident said something, after which the platform lets us write for two days."""
        return self not in (Kind.SUBSCRIBE, Kind.UNSUBSCRIBE, Kind.SCAN, Kind.CLICK, Kind.EVENT)

    @property
    def is_act(self) -> bool:
        """Tell whether the resident did something after which the platform lets us write for a minute."""
        return self in (Kind.SUBSCRIBE, Kind.SCAN, Kind.CLICK)


_MESSAGES = {
    "text": Kind.TEXT,
    "voice": Kind.VOICE,
    "image": Kind.IMAGE,
    "video": Kind.VIDEO,
    "shortvideo": Kind.VIDEO,
    "location": Kind.LOCATION,
    "link": Kind.LINK,
}
_EVENTS = {
    "subscribe": Kind.SUBSCRIBE,
    "subscribe_scan": Kind.SUBSCRIBE,
    "unsubscribe": Kind.UNSUBSCRIBE,
    "scan": Kind.SCAN,
    "click": Kind.CLICK,
}
_TEXTS = {
    Kind.TEXT: "Content",
    Kind.VOICE: "Recognition",
    Kind.SUBSCRIBE: "EventKey",
    Kind.SCAN: "EventKey",
    Kind.CLICK: "EventKey",
}


@dataclass(frozen=True)
class Incoming:
    """One message or event. A retry has the same *key*.

    *account* is ours, to which it came. *text* is what was said, what was heard in a voice, or the key of a menu or
    of a scanned code. *menu* is the id of a choice that was tapped in one of our texts.
    """

    openid: str
    account: str
    key: str
    kind: Kind
    text: str = ""
    menu: str | None = None

    @property
    def session(self) -> str:
        """The engine's name of the conversation."""
        return f"{CHANNEL}:{self.openid}"

    def as_kept(self) -> str:
        """Return it as it may be kept until it is answered: without personal numbers."""
        masked = replace(self, text=mask_personal_numbers(self.text))
        return json.dumps({**vars(masked), "kind": self.kind.value})

    @classmethod
    def from_kept(cls, kept: str) -> Incoming:
        """Inverse of as_kept."""
        fields = json.loads(kept)
        return cls(**{**fields, "kind": Kind(fields["kind"])})


def openid_of(session: str) -> str:
    """Return whose conversation *session* is."""
    return session.partition(":")[2]


def parse_incoming(xml: str) -> Incoming:
    """Read what the platform sent. Raises MalformedError."""
    try:
        message = parse_message(xml)
        fields: dict[str, Any] = message._data
        openid, account = _field(fields, "FromUserName"), _field(fields, "ToUserName")
        created = str(int(_field(fields, "CreateTime")))
        if not _NAME.fullmatch(openid) or not _NAME.fullmatch(account):
            raise MalformedError("the XML names no resident or no account")
        is_event = _field(fields, "MsgType").lower() == "event"
        kind = _event_of(message) if is_event else _MESSAGES.get(message.type, Kind.OTHER)
        text = _text(fields, _TEXTS[kind]) if kind in _TEXTS else ""
        key = _key_of_event(fields, created) if is_event else _key_of_message(fields, created)
        return Incoming(openid, account, key, kind, text, _text(fields, "bizmsgmenuid") or None)
    except (ExpatError, KeyError, AttributeError, TypeError, ValueError) as error:
        raise MalformedError(f"the XML is no message ({type(error).__name__})") from error


def _event_of(message: Any) -> Kind:
    # An event that wechatpy does not know comes as a message of no type.
    return _EVENTS.get(message.event, Kind.EVENT) if isinstance(message, BaseEvent) else Kind.EVENT


def _key_of_message(fields: dict[str, Any], created: str) -> str:
    return str(int(fields["MsgId"])) if "MsgId" in fields else f"at-{created}"


def _key_of_event(fields: dict[str, Any], created: str) -> str:
    # Two events of a second differ in what they are; a retry does not.
    about = f"{_text(fields, 'Event')} {_text(fields, 'EventKey')}"
    return f"event-{created}-{hashlib.sha256(about.encode()).hexdigest()[:16]}"


def _field(fields: dict[str, Any], name: str) -> str:
    value = fields[name]
    if not isinstance(value, str) or not value:
        raise ValueError(name)
    return value


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name) or ""
    if not isinstance(value, str):
        raise ValueError(name)  # it stands there twice, or holds others
    return value
