"""A chat with the account: what a resident writes, taps and sends, and what comes back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.__main__ import main
from bot.answering.messages import Text
from tests.api.service import Service
from tests.wechat.conftest import Stage, Talk, links_in, seen
from tests.wechat.platform import TOKEN, event, message, sign, stamped

QUESTION = "失业金在哪里领"


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
def test_a_question_is_answered_in_every_mode(stage: Stage, mode: str) -> None:
    stage.platform.mode = mode

    async def story(_service: Service, talk: Talk) -> None:
        assert "失业保险金申领】办理地点" in await talk.says(QUESTION)

    stage.play(story, mode=mode)


def test_the_platforms_check_of_the_address_is_answered_with_its_own_word(stage: Stage) -> None:
    async def story(service: Service, _talk: Talk) -> None:
        stamp = stamped()
        query = {**stamp, "signature": sign(TOKEN, *stamp.values()), "echostr": "5837"}
        assert (await service.http.get("/wechat", params=query)).text == "5837"

    stage.play(story)


def test_choices_are_tapped_by_links_and_typed_by_numbers(stage: Stage) -> None:
    async def story(service: Service, talk: Talk) -> None:
        offered = await talk.says(QUESTION)
        labels = [content for content, _ in links_in(offered)]
        assert labels
        tapped = await talk.taps(links_in(offered)[0])
        other = stage.talk(service)
        await other.says(QUESTION)
        assert seen(await other.says("1")) == seen(tapped)

    stage.play(story)


def test_a_choice_that_was_offered_long_ago_says_its_own_words(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    turn = stage.engine.turn

    async def listening(session: str, words: str, **options: Any) -> dict[str, Any]:
        said.append(words)
        return await turn(session, words, **options)

    monkeypatch.setattr(stage.engine, "turn", listening)

    async def story(_service: Service, talk: Talk) -> None:
        old = links_in(await talk.says(QUESTION))[0]
        fresh = links_in(await talk.says("工伤认定要多久"))[0]
        await talk.taps(fresh)
        await talk.taps(old)
        assert said[2:] == ["1", old[0]]

    stage.play(story)


def test_a_new_follower_is_greeted_and_told_how_to_ask(stage: Stage) -> None:
    async def story(_service: Service, talk: Talk) -> None:
        greeting = await talk.does(event(talk.openid, "subscribe"))
        assert stage.engine.services.base.document.office in greeting

    stage.play(story)


def test_whoever_scans_the_code_of_an_item_is_answered_about_it(stage: Stage) -> None:
    async def story(service: Service, talk: Talk) -> None:
        assert "【失业保险金申领】" in await talk.does(event(talk.openid, "SCAN", "unemployment_benefit_claim"))
        other = stage.talk(service)
        scanned = event(other.openid, "subscribe", "qrscene_unemployment_benefit_claim", Ticket="gQ")
        assert "【失业保险金申领】" in await other.does(scanned)

    stage.play(story)


def test_a_button_of_the_menu_says_its_words(stage: Stage) -> None:
    async def story(_service: Service, talk: Talk) -> None:
        assert "社会保障卡" in await talk.does(event(talk.openid, "CLICK", "card"))

    stage.play(story)


def test_a_button_of_an_older_menu_is_met_kindly(stage: Stage) -> None:
    async def story(_service: Service, talk: Talk) -> None:
        assert await talk.does(event(talk.openid, "CLICK", "no-such-button"))

    stage.play(story)


QUIET = [
    ("VIEW", {"EventKey": "https://www.example.org/items"}),
    ("LOCATION", {"Latitude": "21.9", "Longitude": "108.6", "Precision": "50"}),
    ("TEMPLATESENDJOBFINISH", {"Status": "success"}),
    ("unsubscribe", {}),
    ("something_new", {}),
]


@pytest.mark.parametrize(("name", "fields"), QUIET, ids=[name for name, _ in QUIET])
def test_what_merely_happened_is_taken_without_a_word(stage: Stage, name: str, fields: dict[str, str]) -> None:
    async def story(_service: Service, talk: Talk) -> None:
        assert not await talk.does(event(talk.openid, name, **fields))

    stage.play(story)


def test_a_voice_that_was_recognised_is_a_question(stage: Stage) -> None:
    async def story(_service: Service, talk: Talk) -> None:
        voice = message(talk.openid, "voice", MediaId="m1", Format="amr", Recognition=QUESTION)
        assert "失业保险金申领】" in await talk.does(voice)

    stage.play(story)


WORDLESS = [
    ("voice", {"MediaId": "m1", "Format": "amr", "Recognition": ""}),
    ("image", {"PicUrl": "http://example.org/1.jpg", "MediaId": "m2"}),
    ("video", {"MediaId": "m3", "ThumbMediaId": "t3"}),
    ("shortvideo", {"MediaId": "m4", "ThumbMediaId": "t4"}),
    ("location", {"Location_X": "21.95", "Location_Y": "108.62", "Scale": "20", "Label": "钦州"}),
    ("link", {"Title": "t", "Description": "d", "Url": "https://example.org"}),
    ("file", {"Title": "a.doc"}),
    ("something_new", {}),
    ("text", {"Content": "【收到不支持的消息类型，暂无法显示】"}),
]


@pytest.mark.parametrize(("kind", "fields"), WORDLESS, ids=[kind for kind, _ in WORDLESS])
def test_what_has_no_words_gets_a_hint(stage: Stage, kind: str, fields: dict[str, str]) -> None:
    async def story(_service: Service, talk: Talk) -> None:
        hint = await talk.does(message(talk.openid, kind, **fields))
        assert "文字" in hint or "打成字" in hint or "去哪里办" in hint

    stage.play(story)


def test_a_text_that_is_too_long_is_told_so(stage: Stage) -> None:
    async def story(_service: Service, talk: Talk) -> None:
        assert "500" in await talk.says("社保" * 251)

    stage.play(story)


def test_an_answer_may_hold_what_ends_a_section_of_xml(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = "甲 ]]> 乙 <b>&amp; ]]]]>>"

    async def turn(session: str, _words: str, **_: Any) -> dict[str, Any]:
        return {"session": session, "messages": [Text(odd).as_json()]}

    monkeypatch.setattr(stage.engine, "turn", turn)

    async def story(_service: Service, talk: Talk) -> None:
        assert await talk.says(QUESTION) == odd

    stage.play(story)


def test_whoever_writes_too_fast_is_asked_to_wait(stage: Stage) -> None:
    async def story(service: Service, talk: Talk) -> None:
        answers = [await talk.says("谢谢") for _ in range(32)]
        assert "太快" in answers[-1]
        assert "太快" not in await stage.talk(service).says("谢谢")

    stage.play(story)


# ---------------------------------------------------------------- pages


async def paged(stage: Stage, talk: Talk) -> str:
    """Let the engine say something of three pages that ends in choices; return the first."""
    lines = [f"{number}.第{number}条，{'需要的材料' * 8}；" for number in range(1, 40)]
    choices = [{"label": f"问法{number}", "value": str(number)} for number in (1, 2)]
    messages = [
        {"type": "text", "text": "\n".join(lines)},
        {"type": "choices", "choices": choices, "text": "接着还可以问：\n1. 问法1\n2. 问法2"},
    ]

    async def turn(session: str, _words: str, **_: Any) -> dict[str, Any]:
        return {"session": session, "messages": messages}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage.engine, "turn", turn)
        return await talk.says("长的")


def test_a_long_answer_comes_in_pages_that_are_asked_for(stage: Stage) -> None:
    async def story(_service: Service, talk: Talk) -> None:
        first = await paged(stage, talk)
        second = await talk.says("2")
        assert second != first
        assert await talk.taps(links_in(first)[-1]) == second
        assert await talk.says("第2页") == second
        assert await talk.says("第二页") == second

    stage.play(story)


def test_a_number_means_the_page_until_the_choices_are_shown(stage: Stage) -> None:
    async def story(_service: Service, talk: Talk) -> None:
        await paged(stage, talk)
        second = await talk.says("2")
        assert "第 2/" in seen(second)
        third = await talk.says("3")
        assert "问法1" in third
        assert "第 2/" not in seen(await talk.says("2"))

    stage.play(story)


def test_the_next_page_survives_other_questions(stage: Stage) -> None:
    async def story(_service: Service, talk: Talk) -> None:
        first = await paged(stage, talk)
        await talk.says(QUESTION)
        second = await talk.says("下一页")
        assert "第 2/" in seen(second)
        await talk.says("谢谢")
        assert await talk.taps(links_in(first)[-1]) == second

    stage.play(story)


def test_a_page_that_there_is_not_is_named(stage: Stage) -> None:
    async def story(_service: Service, talk: Talk) -> None:
        await paged(stage, talk)
        assert "一共" in await talk.says("9")

    stage.play(story)


def test_nobody_reaches_the_pages_of_another(stage: Stage) -> None:
    async def story(service: Service, talk: Talk) -> None:
        first = await paged(stage, talk)
        assert "第 2/" not in await stage.talk(service).taps(links_in(first)[-1])

    stage.play(story)


def test_erasing_a_session_takes_its_pages_along(stage: Stage) -> None:
    async def story(_service: Service, talk: Talk) -> None:
        first = await paged(stage, talk)
        await stage.engine.erase(talk.session)
        assert "第 2/" not in await talk.taps(links_in(first)[-1])

    stage.play(story)


def test_the_command_that_erases_a_session_takes_its_pages_along(stage: Stage, url: str) -> None:
    async def story(_service: Service, talk: Talk) -> None:
        first = await paged(stage, talk)
        assert await asyncio.to_thread(main, ["erase", talk.session, "--database", url]) == 0
        assert "第 2/" not in await talk.taps(links_in(first)[-1])

    stage.play(story)


def test_without_an_account_the_channel_is_not_there(stage: Stage) -> None:
    async def story(service: Service, _talk: Talk) -> None:
        assert (await service.http.post("/wechat")).status_code == 404

    stage.play_on(None, story)
