"""A stand-in of WeChat's servers: what they call us with, and what of them we call; as documented, limits included."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import itertools
import json
import os
import struct
import threading
import time
from collections import deque
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import httpx
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

TOKEN = "guideforqinzhou"
APP_ID = "wx0123456789abcdef"
SECRET = "0123456789abcdef0123456789abcdef"
AES_KEY = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"
ACCOUNT = "gh_0123456789ab"
MOST_BYTES = 2048
ATTEMPTS = 3
UNHURRIED = 20.0
"""Seconds for an answer, and for the platform to wait, where a test is not about time: this machine may be busy."""

_ids = itertools.count(23_000_000_000_000_001)
_people = itertools.count(1)


class OutOfServiceError(AssertionError):
    """What the resident would see: 该公众号提供的服务出现故障."""


class LimitError(AssertionError):
    """An answer that the platform would drop."""


def new_openid() -> str:
    """Return somebody who has never been here."""
    return f"oStandIn_{next(_people):019d}"


# ---------------------------------------------------------------- what is sent to us


def message(openid: str, kind: str, **fields: str) -> dict[str, str]:
    """Return the fields of a message, with an id of its own."""
    return {
        "ToUserName": ACCOUNT,
        "FromUserName": openid,
        "CreateTime": str(int(time.time())),
        "MsgType": kind,
        **fields,
        "MsgId": str(next(_ids)),
    }


def text(openid: str, content: str, **fields: str) -> dict[str, str]:
    """Return a text message."""
    return message(openid, "text", Content=content, **fields)


def event(openid: str, name: str, key: str = "", **fields: str) -> dict[str, str]:
    """Return an event, which has no id."""
    happened = message(openid, "event", **{"Event": name, "EventKey": key, **fields})
    del happened["MsgId"]
    return happened


def as_xml(fields: dict[str, str]) -> str:
    """Return the XML of a message as the platform writes it."""
    parts = [
        f"<{name}>{value}</{name}>" if name in ("CreateTime", "MsgId") else f"<{name}><![CDATA[{value}]]></{name}>"
        for name, value in ((name, value.replace("]]>", "]]]]><![CDATA[>")) for name, value in fields.items())
    ]
    return f"<xml>{''.join(parts)}</xml>"


def sign(*parts: str) -> str:
    """Return the platform's signature."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def encrypt(xml: str, app_id: str = APP_ID, aes_key: str = AES_KEY) -> str:
    """Encrypt as documented: 16 random bytes, the length, the text, the account."""
    key = base64.b64decode(aes_key + "=")
    raw = os.urandom(16) + struct.pack("!I", len(xml.encode())) + xml.encode() + app_id.encode()
    padding = 32 - len(raw) % 32
    raw += bytes([padding]) * padding
    cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(cipher.update(raw) + cipher.finalize()).decode()


def decrypt(encrypted: str) -> str:
    """Inverse of encrypt."""
    key = base64.b64decode(AES_KEY + "=")
    cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    raw = cipher.update(base64.b64decode(encrypted)) + cipher.finalize()
    raw = raw[16 : -raw[-1]]
    (length,) = struct.unpack("!I", raw[:4])
    assert raw[4 + length :].decode() == APP_ID
    return raw[4 : 4 + length].decode()


@dataclass(frozen=True)
class Call:
    """One call to us, ready to be made."""

    query: dict[str, str]
    body: str


def stamped(off: float = 0.0) -> dict[str, str]:
    """Return timestamp and nonce of a call that is made now, by a clock that may be *off*."""
    return {"timestamp": str(int(time.time() + off)), "nonce": os.urandom(8).hex()}


def as_call(fields: dict[str, str], mode: str, off: float = 0.0) -> Call:
    """Return the call that brings *fields* in the *mode* of the account."""
    xml = as_xml(fields)
    query = stamped(off)
    signed = {**query, "signature": sign(TOKEN, query["timestamp"], query["nonce"]), "openid": fields["FromUserName"]}
    if mode == "plain":
        return Call(signed, xml)
    encrypted = encrypt(xml)
    signature = sign(TOKEN, query["timestamp"], query["nonce"], encrypted)
    body = f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    if mode == "compatible":
        body = xml.replace("</xml>", f"<Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>")
    return Call({**signed, "encrypt_type": "aes", "msg_signature": signature}, body)


async def make(http: httpx.AsyncClient, call: Call) -> httpx.Response:
    """Make one call."""
    return await http.post("/wechat", params=call.query, content=call.body.encode())


# ---------------------------------------------------------------- what we answer


def read_answer(answer: httpx.Response, openid: str) -> str | None:
    """Return the text of an answer, None for none; whatever the platform would not take is an error."""
    if answer.status_code != 200:
        raise OutOfServiceError(f"{answer.status_code} {answer.text}")
    if answer.text in ("", "success"):
        return None
    try:
        xml = ElementTree.fromstring(answer.text)
    except ElementTree.ParseError as error:
        raise OutOfServiceError(answer.text) from error
    if (encrypted := xml.findtext("Encrypt")) is not None:
        signed = (xml.findtext("TimeStamp") or "", xml.findtext("Nonce") or "", encrypted)
        assert xml.findtext("MsgSignature") == sign(TOKEN, *signed)
        xml = ElementTree.fromstring(decrypt(encrypted))
    assert (xml.findtext("ToUserName"), xml.findtext("FromUserName")) == (openid, ACCOUNT)
    assert xml.findtext("MsgType") == "text"
    assert (xml.findtext("CreateTime") or "").isdecimal()
    content = xml.findtext("Content") or ""
    check_text(content)
    return content


def check_text(content: str) -> None:
    """Raise LimitError for a text that would be dropped, or would not look as it should."""
    if not content.strip() or len(content.encode()) > MOST_BYTES:
        raise LimitError(f"{len(content.encode())} bytes")
    if content.count("<a href=") != content.count("</a>"):
        raise LimitError("a link without its end")


@dataclass
class Resident:
    """One who follows the account, as the platform knows them."""

    follows: bool = True
    left: int = 0
    until: float = 0.0


@dataclass
class Platform:
    """The platform's side of one account. *patience* is how long it waits for an answer of ours."""

    mode: str = "safe"
    patience: float = 5.0
    off: float = 0.0
    """Seconds by which its clock is ahead of ours."""
    residents: dict[str, Resident] = field(default_factory=dict)
    sent: list[tuple[str, str]] = field(default_factory=list)
    """Customer-service messages that reached a resident."""
    tokens: list[str] = field(default_factory=list)
    """All that were ever given; the last one is good."""
    menu: dict[str, Any] | None = None
    errors: deque[int | str] = field(default_factory=deque)
    """Codes with which the next customer-service messages are refused; "cut" hangs up, "slow" says nothing."""
    errors_of_token: deque[int] = field(default_factory=deque)
    tries: int = 0
    """Customer-service messages that we tried to send."""

    # ------------------------------------------------------------ towards us

    async def push(self, http: httpx.AsyncClient, fields: dict[str, str]) -> str | None:
        """Bring a message or an event, three times if need be; return the text of the answer, None for none."""
        failure = ""
        for _ in range(ATTEMPTS):
            try:
                answer = await asyncio.wait_for(self.bring(http, fields), self.patience)
                return read_answer(answer, fields["FromUserName"])
            except (asyncio.TimeoutError, httpx.HTTPError, OutOfServiceError) as error:
                failure = f"{type(error).__name__} {error}"
        raise OutOfServiceError(failure)

    async def bring(self, http: httpx.AsyncClient, fields: dict[str, str]) -> httpx.Response:
        """Bring a message or an event once."""
        self._met(fields["FromUserName"], fields)
        return await make(http, as_call(fields, self.mode, self.off))

    async def brings_and_hangs_up(
        self, http: httpx.AsyncClient, fields: dict[str, str], when: Coroutine[Any, Any, object]
    ) -> None:
        """Bring a message once, and hang up *when* that is over; nothing must have been answered by then."""
        call, moment = asyncio.create_task(self.bring(http, fields)), asyncio.create_task(when)
        await asyncio.wait({call, moment}, return_when=asyncio.FIRST_COMPLETED)
        assert not call.done(), "it was answered"
        call.cancel()
        await asyncio.wait({call})

    async def says(self, http: httpx.AsyncClient, openid: str, content: str, **fields: str) -> str | None:
        """Bring what a resident wrote; return the text of the answer."""
        return await self.push(http, text(openid, content, **fields))

    async def taps(self, http: httpx.AsyncClient, openid: str, link: tuple[str, str]) -> str | None:
        """Bring what tapping a link of ours does; return the text of the answer."""
        content, id_ = link
        return await self.says(http, openid, content, bizmsgmenuid=id_)

    def texts_of(self, openid: str) -> list[str]:
        """Return the customer-service messages that somebody got."""
        return [content for name, content in list(self.sent) if name == openid]

    def _met(self, openid: str, fields: dict[str, str]) -> None:
        resident = self.residents.setdefault(openid, Resident())
        happened = fields.get("Event", "")
        if happened in ("CLICK", "SCAN", "subscribe"):
            resident.left, resident.until = 3, time.time() + 60
        elif not happened:
            resident.left, resident.until = 5, time.time() + 48 * 3600
        resident.follows = happened != "unsubscribe"

    # ------------------------------------------------------------ what is asked of it

    def answer(self, path: str, query: dict[str, list[str]], body: dict[str, Any]) -> dict[str, Any]:
        """Answer a call of ours."""
        if path == "/cgi-bin/stable_token":
            return self._give_token(body)
        if query.get("access_token") != self.tokens[-1:]:
            return _error(40001, "invalid credential, access_token is invalid or not latest")
        if path == "/cgi-bin/message/custom/send":
            return self._take_text(body)
        if path == "/cgi-bin/menu/create":
            self.menu = body
            return _error(0, "ok")
        if path == "/cgi-bin/menu/get":
            return _error(46003, "menu no exist") if self.menu is None else {"menu": _dressed(self.menu)}
        return _error(40066, "invalid url")

    def _give_token(self, body: dict[str, Any]) -> dict[str, Any]:
        if self.errors_of_token:
            return _error(self.errors_of_token.popleft(), "refused")
        if body["appid"] != APP_ID:
            return _error(40013, "invalid appid")
        if body["secret"] != SECRET:
            return _error(40125, "invalid appsecret")
        if body.get("force_refresh") or not self.tokens:
            self.tokens.append(f"token-{len(self.tokens) + 1}-{os.urandom(8).hex()}")
        return {"access_token": self.tokens[-1], "expires_in": 7200}

    def _take_text(self, body: dict[str, Any]) -> dict[str, Any]:
        self.tries += 1
        code = self.errors.popleft() if self.errors else 0
        assert isinstance(code, int)
        if code:
            return _error(code, "refused")
        resident = self.residents.get(body["touser"])
        if resident is None:
            return _error(40003, "invalid openid")
        if not resident.follows or time.time() > resident.until:
            return _error(45015, "response out of time limit or subscription is canceled")
        if resident.left < 1:
            return _error(45047, "out of response count limit")
        content = body["text"]["content"]
        if len(content.encode()) > MOST_BYTES:
            return _error(45002, "content size out of limit")
        check_text(content)
        resident.left -= 1
        self.sent.append((body["touser"], content))
        return _error(0, "ok")


def _error(code: int, message: str) -> dict[str, Any]:
    return {"errcode": code, "errmsg": message}


def _dressed(menu: dict[str, Any]) -> dict[str, Any]:
    """Return a menu as the platform gives it back: every button with a list of what is below it."""
    return {"button": [{"sub_button": [], **button} for button in menu["button"]]}


@contextlib.contextmanager
def calls_taken(platform: Platform) -> Iterator[str]:
    """Take calls for *platform* while the block runs; what is given is its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._do({})

        def do_POST(self) -> None:
            self._do(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _do(self, body: dict[str, Any]) -> None:
            parts = urlsplit(self.path)
            if platform.errors and isinstance(platform.errors[0], str) and "custom" in parts.path:
                platform.errors.popleft()
                self.close_connection = True
                return
            content = json.dumps(platform.answer(parts.path, parse_qs(parts.query), body)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
