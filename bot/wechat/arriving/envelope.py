"""The envelope (签名与加密) around what the platform sends: who does not know our token or key gets no further.

wechatpy encrypts and decrypts; whether a call is the platform's is decided here, in constant time, and a call that
was recorded is good for minutes only.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import re
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from wechatpy.crypto import WeChatCrypto  # type: ignore[import-untyped]  # ships no types
from wechatpy.exceptions import InvalidAppIdException  # type: ignore[import-untyped]  # ships no types

from bot.wechat.account import Mode, WechatAccount

WINDOW = 600
"""Seconds by which a call's time may differ from ours: five minutes that a clock may be wrong, and as much for what
is held up on its way."""

_NONCE = re.compile(r"[!-~]{1,64}")
_TIMESTAMP = re.compile(r"[0-9]{9,11}")
_CDATA = re.compile(r"<!\[CDATA\[.*?\]\]>", re.DOTALL)


class ForgedError(Exception):
    """A call that does not prove to be the platform's; the message is for the operator's log."""


class MalformedError(Exception):
    """Something that the platform would not send: no XML, or fields that are missing or odd."""


@dataclass(frozen=True)
class Stamp:
    """When a call was made, in the platform's seconds, and its nonce: together they are used for one message only."""

    timestamp: int
    nonce: str

    @property
    def until(self) -> int:
        """The second after which a call with this stamp would be refused for its age."""
        return self.timestamp + WINDOW


@dataclass(frozen=True)
class Opened:
    """What was in the envelope, and whether the answer goes back encrypted."""

    xml: str
    stamp: Stamp
    is_encrypted: bool


class Letterbox:
    """Opens what comes and seals what goes, in the mode that the account is set to."""

    def __init__(self, account: WechatAccount, clock: Callable[[], float] = time.time) -> None:
        self._token = account.token
        self._app_id = account.app_id
        self._mode = account.mode
        self._clock = clock
        self._crypto = None
        if account.mode is not Mode.PLAIN:
            self._crypto = WeChatCrypto(account.token, account.aes_key, account.app_id)

    def check(self, query: Mapping[str, str]) -> Stamp:
        """Return the stamp of a call without a body. Raises ForgedError."""
        stamp = self._stamp_of(query)
        self._compare(query.get("signature", ""), str(stamp.timestamp), stamp.nonce)
        return stamp

    def open(self, query: Mapping[str, str], body: bytes) -> Opened:
        """Return what the platform sent. Raises ForgedError, MalformedError."""
        if query.get("encrypt_type", "raw") == "aes":
            return self._decrypted(query, body)
        if self._mode is Mode.SAFE:
            raise ForgedError("a call that is not encrypted, though WECHAT_MODE is safe")
        stamp = self.check(query)
        return Opened(_read(body), stamp, is_encrypted=False)

    def seal(self, xml: str, opened: Opened) -> str:
        """Return *xml* as the answer to *opened*."""
        if not opened.is_encrypted:
            return xml
        assert self._crypto is not None
        return str(self._crypto.encrypt_message(xml, opened.stamp.nonce, str(int(self._clock()))))

    def _decrypted(self, query: Mapping[str, str], body: bytes) -> Opened:
        if self._crypto is None:
            raise ForgedError("an encrypted call, though WECHAT_MODE is plain")
        stamp = self._stamp_of(query)
        encrypted = _encrypted_part(_read(body))
        # The signature of the call itself covers neither the text nor its cipher.
        signature = query.get("msg_signature", "")
        self._compare(signature, str(stamp.timestamp), stamp.nonce, encrypted)
        try:
            xml = self._crypto.decrypt_message({"Encrypt": encrypted}, signature, str(stamp.timestamp), stamp.nonce)
        except InvalidAppIdException as error:
            raise ForgedError("a message for another account than WECHAT_APP_ID") from error
        except (ValueError, IndexError, TypeError, struct.error, binascii.Error) as error:
            raise ForgedError("a message that WECHAT_AES_KEY does not open") from error
        return Opened(_without_entities(str(xml)), stamp, is_encrypted=True)

    def _stamp_of(self, query: Mapping[str, str]) -> Stamp:
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        if not _TIMESTAMP.fullmatch(timestamp) or not _NONCE.fullmatch(nonce):
            raise ForgedError("a call without the platform's timestamp and nonce")
        off = int(timestamp) - int(self._clock())
        if abs(off) > WINDOW:
            raise ForgedError(f"a call of {abs(off)} s {'ahead of' if off > 0 else 'behind'} our clock: is it right?")
        return Stamp(int(timestamp), nonce)

    def _compare(self, given: str, *parts: str) -> None:
        expected = signature_of(self._token, *parts)
        if not hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode("ascii")):
            raise ForgedError("a wrong signature: is WECHAT_TOKEN the one that stands in the account's settings?")


def signature_of(token: str, *parts: str) -> str:
    """Return the platform's signature over *parts*."""
    return hashlib.sha1("".join(sorted((token, *parts))).encode("utf-8")).hexdigest()


def _read(body: bytes) -> str:
    try:
        return _without_entities(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise MalformedError("the body is not UTF-8") from error


def _without_entities(xml: str) -> str:
    """Return *xml*, which declares nothing: of declarations grow texts that no memory holds."""
    if "<!" in _CDATA.sub("", xml):
        raise MalformedError("the XML declares something")
    return xml


def _encrypted_part(xml: str) -> str:
    try:
        encrypted = ElementTree.fromstring(xml).findtext("Encrypt")
    except (ElementTree.ParseError, ValueError) as error:
        raise MalformedError("the body is no XML") from error
    if not encrypted:
        raise MalformedError("there is no Encrypt in it")
    return encrypted.strip()
