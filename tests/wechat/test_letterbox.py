"""Who knocks: calls that are not the platform's, or not of this moment, are refused and cost no turn."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from ipaddress import ip_network

import pytest

from bot.settings import Limits
from tests.api.service import Service
from tests.wechat.conftest import Stage, Talk
from tests.wechat.platform import (
    AES_KEY,
    APP_ID,
    TOKEN,
    Call,
    as_call,
    as_xml,
    encrypt,
    event,
    make,
    new_openid,
    sign,
    stamped,
    text,
)

Forge = Callable[[str], Call]
ANOTHER_KEY = AES_KEY[::-1]


def encrypted(xml: str, **how: str) -> Call:
    """Return a call that is signed as it should be, whatever is in it."""
    query, inside = stamped(), encrypt(xml, **how)
    signature = sign(TOKEN, query["timestamp"], query["nonce"], inside)
    return Call({**query, "encrypt_type": "aes", "msg_signature": signature}, f"<xml><Encrypt>{inside}</Encrypt></xml>")


def with_query(openid: str, **changed: str) -> Call:
    call = as_call(text(openid, "你好"), "safe")
    return dataclasses.replace(call, query={**call.query, **changed})


def signed_for_the_call_alone(openid: str) -> Call:
    call = as_call(text(openid, "你好"), "safe")
    return dataclasses.replace(call, query={**call.query, "msg_signature": call.query["signature"]})


def with_another_text(openid: str) -> Call:
    other = as_call(text(openid, "别的"), "safe")
    return dataclasses.replace(as_call(text(openid, "你好"), "safe"), body=other.body)


def without(openid: str, name: str) -> Call:
    call = as_call(text(openid, "你好"), "safe")
    return dataclasses.replace(call, query={key: value for key, value in call.query.items() if key != name})


FORGED: dict[str, Forge] = {
    "a wrong signature": lambda openid: with_query(openid, msg_signature="0" * 40),
    "a signature that is no text of ours": lambda openid: with_query(openid, msg_signature="签名"),
    "no signature": lambda openid: without(openid, "msg_signature"),
    "the signature of the call alone": signed_for_the_call_alone,
    "another text under a good signature": with_another_text,
    "no timestamp": lambda openid: without(openid, "timestamp"),
    "no nonce": lambda openid: without(openid, "nonce"),
    "a call of an hour ago": lambda openid: as_call(text(openid, "你好"), "safe", off=-3600),
    "a call of an hour to come": lambda openid: as_call(text(openid, "你好"), "safe", off=3600),
    "plain text where it must be encrypted": lambda openid: as_call(text(openid, "你好"), "plain"),
    "another account": lambda openid: encrypted(as_xml(text(openid, "你好")), app_id=APP_ID[::-1]),
    "another key": lambda openid: encrypted(as_xml(text(openid, "你好")), aes_key=ANOTHER_KEY),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_call_that_is_not_the_platforms_is_refused(stage: Stage, forge: Forge) -> None:
    async def story(service: Service, talk: Talk) -> None:
        answer = await make(service.http, forge(talk.openid))
        assert answer.status_code == 403
        assert answer.json()["code"] == "not_wechat"
        assert not stage.engine.transcripts.read(talk.session)

    stage.play(story)


def test_a_forged_check_of_the_address_is_refused(stage: Stage) -> None:
    async def story(service: Service, _talk: Talk) -> None:
        query = {**stamped(), "signature": "0" * 40, "echostr": "<script>"}
        answer = await service.http.get("/wechat", params=query)
        assert answer.status_code == 403
        assert "<script>" not in answer.text

    stage.play(story)


def test_a_recorded_call_is_good_for_its_own_message_only(stage: Stage) -> None:
    stage.platform.mode = "plain"

    async def story(service: Service, talk: Talk) -> None:
        recorded = as_call(text(talk.openid, "谢谢"), "plain")
        assert (await make(service.http, recorded)).status_code == 200
        assert (await make(service.http, recorded)).status_code == 200
        other = dataclasses.replace(recorded, body=as_xml(text(talk.openid, "转人工")))
        assert (await make(service.http, other)).status_code == 403
        assert stage.engine.desk.open_ticket_of(talk.session) is None

    stage.play(story, mode="plain")


def test_in_compatible_mode_what_is_encrypted_counts(stage: Stage) -> None:
    async def story(service: Service, talk: Talk) -> None:
        call = as_call(text(talk.openid, "谢谢"), "compatible")
        changed = dataclasses.replace(call, body=call.body.replace("谢谢", "转人工"))
        assert (await make(service.http, changed)).status_code == 200
        assert stage.engine.desk.open_ticket_of(talk.session) is None

    stage.play(story, mode="compatible")


WHOLE = as_xml(text("oSomebody", "你好"))
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><xml><MsgType>&b;</MsgType></xml>'
MALFORMED = {
    "nothing": "",
    "no XML": "你好",
    "half": WHOLE[: len(WHOLE) // 2],
    "another root": WHOLE.replace("xml>", "html>"),
    "entities that grow": BOMB,
    "no sender": WHOLE.replace("FromUserName", "Nobody"),
    "no type": WHOLE.replace("MsgType", "Nothing"),
    "no time": WHOLE.replace("CreateTime", "Never"),
    "a time that is none": WHOLE.replace("<CreateTime>", "<CreateTime>x"),
    "an id that is none": WHOLE.replace("<MsgId>", "<MsgId>x"),
    "a sender that is no name": WHOLE.replace("oSomebody", "../../etc"),
    "the type twice": WHOLE.replace("<MsgType>", "<MsgType>text</MsgType><MsgType>"),
    "a text of fields": WHOLE.replace("<![CDATA[你好]]>", "<b>你好</b>"),
}


@pytest.mark.parametrize("xml", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_message_is_refused_even_under_a_good_signature(stage: Stage, xml: str) -> None:
    async def story(service: Service, _talk: Talk) -> None:
        assert (await make(service.http, encrypted(xml))).status_code == 400

    stage.play(story)


@pytest.mark.parametrize("body", ["", "<xml></xml>", "<xml><Encrypt></Encrypt></xml>", BOMB, "\ud800"])
def test_an_envelope_without_anything_in_it_is_refused(stage: Stage, body: str) -> None:
    async def story(service: Service, _talk: Talk) -> None:
        query = {**stamped(), "encrypt_type": "aes", "msg_signature": "0" * 40}
        answer = await service.http.post("/wechat", params=query, content=body.encode("utf-8", "surrogatepass"))
        assert answer.status_code == 400

    stage.play(story)


def test_what_looks_like_a_declaration_in_a_text_is_a_text(stage: Stage) -> None:
    async def story(_service: Service, talk: Talk) -> None:
        assert await talk.says("<!DOCTYPE html> ]]> <!ENTITY x>")

    stage.play(story)


def test_calls_of_the_platform_are_not_counted_by_address(stage: Stage) -> None:
    """Everybody's messages come from a few addresses of the platform's."""

    async def story() -> None:
        limits = Limits(calls_a_minute=3)
        proxies = (ip_network("127.0.0.1"),)
        async with stage.serving(stage.account, limits=limits, trusted_proxies=proxies) as service:
            service.http.headers["X-Forwarded-For"] = "203.0.113.5"
            for _ in range(6):
                assert not await stage.talk(service).does(event(new_openid(), "VIEW", "https://www.example.org"))
            others = [await service.http.get("/api/v1/items/card_replace") for _ in range(4)]
            assert others[-1].status_code == 429

    stage.run(story())
