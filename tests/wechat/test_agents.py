"""Agents' words: brought at once where the platform lets us, else with the resident's next message; never twice."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import timedelta

import pytest

from api.console.console import Console
from bot.desk.ticket import Author
from bot.wechat.kept.tables import people
from tests.api.service import Service, eventually
from tests.wechat.conftest import Stage, Talk, links_in
from tests.wechat.platform import event, message

AGENT = "黄宁"


class Desk:
    """An agent who has taken a resident's ticket."""

    def __init__(self, stage: Stage, service: Service, talk: Talk) -> None:
        self._engine = stage.engine
        self._talk = talk
        self._console: Console = service.app.state.console
        self.number = ""

    async def takes(self) -> Desk:
        await self._talk.says("转人工")
        ticket = self._engine.desk.open_ticket_of(self._talk.session)
        assert ticket is not None
        self.number = ticket.number
        self._engine.desk.take(self.number, AGENT, self._engine.services.now())
        return self

    def says(self, text: str) -> None:
        self._engine.desk.say(self.number, Author.AGENT, AGENT, text, self._engine.services.now())

    def hears(self) -> list[str]:
        """Return what the resident has said on the ticket."""
        return [said.text for said in self._engine.desk.messages(self.number) if said.author is Author.RESIDENT]

    def note(self) -> str:
        """Return what the console says of the way to the resident."""
        return self._console.channel_notes["wechat"](self._talk.session) or ""

    @property
    def underway(self) -> int:
        """How many of the agent's words have not left the desk."""
        return len(self._engine.desk.undelivered(self._talk.session))


async def taken(stage: Stage, service: Service, talk: Talk) -> Desk:
    return await Desk(stage, service, talk).takes()


async def a_while() -> None:
    """Wait longer than a look of the courier's takes."""
    await asyncio.sleep(1.3)


def test_what_an_agent_says_comes_by_itself_with_the_agents_name(stage: Stage) -> None:
    async def story(service: Service, talk: Talk) -> None:
        desk = await taken(stage, service, talk)
        desk.says("您好，请问您参保地在哪里？")
        assert await talk.gets() == [f"{AGENT}：您好，请问您参保地在哪里？"]
        assert not await talk.says("在钦北区")
        assert talk.platform.texts_of(talk.openid) == [f"{AGENT}：您好，请问您参保地在哪里？"]
        assert desk.hears()[-1] == "在钦北区"

    stage.play(story)


def test_a_number_for_the_agent_is_no_page(stage: Stage) -> None:
    async def story(service: Service, talk: Talk) -> None:
        desk = await taken(stage, service, talk)
        desk.says("要办第 1 件还是第 2 件？")
        await talk.gets()
        assert not await talk.says("2")
        assert desk.hears()[-1] == "2"

    stage.play(story)


def test_an_agent_learns_of_what_cannot_be_read_and_the_bot_is_silent(stage: Stage) -> None:
    async def story(service: Service, talk: Talk) -> None:
        desk = await taken(stage, service, talk)
        assert not await talk.does(message(talk.openid, "image", PicUrl="http://example.org/1.jpg", MediaId="m"))
        assert "图片" in desk.hears()[-1]

    stage.play(story)


def test_the_last_words_before_a_ticket_is_closed_come_as_well(stage: Stage) -> None:
    async def story(service: Service, talk: Talk) -> None:
        desk = await taken(stage, service, talk)
        desk.says("已经办好了，再见。")
        stage.engine.desk.close(desk.number, AGENT, "办好了", stage.engine.services.now())
        assert await talk.gets() == [f"{AGENT}：已经办好了，再见。"]

    stage.play(story)


def test_a_long_message_of_an_agent_has_pages_too(stage: Stage) -> None:
    async def story(service: Service, talk: Talk) -> None:
        desk = await taken(stage, service, talk)
        desk.says("请带好这些材料：\n" + "\n".join(f"第{number}样，{'材料' * 20}" for number in range(1, 30)))
        first = (await talk.gets())[0]
        second = await talk.says("2")
        assert second
        assert await talk.taps(links_in(first)[-1]) == second

    stage.play(story)


# ---------------------------------------------------------------- the platform's limits


def test_beyond_the_quota_words_wait_the_agent_sees_why_and_the_next_message_brings_them(stage: Stage) -> None:
    async def story(service: Service, talk: Talk) -> None:
        desk = await taken(stage, service, talk)
        for number in range(1, 6):
            desk.says(f"第{number}句")
            await talk.gets(number)
        desk.says("第6句")
        desk.says("第7句")
        await a_while()
        assert len(talk.platform.texts_of(talk.openid)) == 5
        assert desk.underway == 2
        assert "条数用完" in desk.note()
        brought = await talk.says("好的")
        assert brought == f"{AGENT}：第6句\n\n{AGENT}：第7句"
        assert desk.underway == 0
        assert "还能主动发 5 条" in desk.note()
        assert not await talk.says("谢谢")

    stage.play(story)


def test_two_days_after_the_last_message_words_wait(stage: Stage) -> None:
    async def story(service: Service, talk: Talk) -> None:
        desk = await taken(stage, service, talk)
        await asyncio.to_thread(_grow_old, stage, talk.session)
        desk.says("您还在吗？")
        await a_while()
        assert talk.platform.tries == tries
        assert "太久没发消息" in desk.note()
        assert await talk.says("在的") == f"{AGENT}：您还在吗？"

    tries = stage.platform.tries
    stage.play(story)


def _grow_old(stage: Stage, session: str) -> None:
    with stage.engine.database.transaction() as connection:
        past = stage.engine.services.now() - timedelta(seconds=1)
        connection.execute(people.update().where(people.c.session == session).values(words_until=past))


def test_after_a_tap_on_the_menu_three_texts_may_be_sent(stage: Stage) -> None:
    async def story(service: Service, talk: Talk) -> None:
        await talk.does(event(talk.openid, "CLICK", "person"))
        ticket = stage.engine.desk.open_ticket_of(talk.session)
        assert ticket is not None
        stage.engine.desk.take(ticket.number, AGENT, stage.engine.services.now())
        for number in range(1, 5):
            stage.engine.desk.say(ticket.number, Author.AGENT, AGENT, f"第{number}句", stage.engine.services.now())
            await talk.gets(min(number, 3))
        await a_while()
        assert len(talk.platform.texts_of(talk.openid)) == 3

    stage.play(story)


REFUSALS = [(45047, "条数用完"), (45015, "太久没发消息"), (43004, "取消关注")]


@pytest.mark.parametrize(("code", "why"), REFUSALS)
def test_where_the_platform_counts_otherwise_it_is_right(stage: Stage, code: int, why: str) -> None:
    async def story(service: Service, talk: Talk) -> None:
        desk = await taken(stage, service, talk)
        talk.platform.errors.append(code)
        desk.says("请稍等。")
        await eventually(lambda: not talk.platform.errors)
        await a_while()
        assert not talk.platform.texts_of(talk.openid)
        assert why in desk.note()
        assert await talk.says("好") == f"{AGENT}：请稍等。"

    stage.play(story)


@pytest.mark.parametrize("error", [-1, 45011, "cut"])
def test_a_platform_that_is_busy_is_tried_again(stage: Stage, error: int | str) -> None:
    async def story(service: Service, talk: Talk) -> None:
        desk = await taken(stage, service, talk)
        talk.platform.errors.append(error)
        desk.says("请稍等。")
        assert await talk.gets() == [f"{AGENT}：请稍等。"]

    stage.play(story)


@pytest.mark.parametrize("code", [40001, 42001, 40014])
def test_a_token_that_is_refused_is_replaced_and_the_words_go_out(stage: Stage, code: int) -> None:
    async def story(service: Service, talk: Talk) -> None:
        desk = await taken(stage, service, talk)
        desk.says("第一句")
        await talk.gets()
        known = len(talk.platform.tokens)
        talk.platform.errors.append(code)
        desk.says("第二句")
        await talk.gets(2)
        assert len(talk.platform.tokens) == known + 1

    stage.play(story)


def test_without_the_right_to_send_words_wait_until_somebody_may_have_seen_to_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(service: Service, talk: Talk) -> None:
        desk = await taken(stage, service, talk)
        talk.platform.errors.append(48001)
        desk.says("请稍等。")
        await eventually(lambda: "没有主动发消息的权限" in desk.note())
        assert await talk.says("好") == f"{AGENT}：请稍等。"
        desk.says("可以了。")
        await a_while()
        assert not talk.platform.texts_of(talk.openid)
        later = stage.engine.services.now() + timedelta(minutes=11)
        monkeypatch.setattr(stage.engine, "_services", dataclasses.replace(stage.engine.services, now=lambda: later))
        assert await talk.gets() == [f"{AGENT}：可以了。"]

    stage.play(story)


def test_whoever_unsubscribed_gets_nothing_until_they_come_back(stage: Stage) -> None:
    async def story(service: Service, talk: Talk) -> None:
        desk = await taken(stage, service, talk)
        await talk.does(event(talk.openid, "unsubscribe"))
        desk.says("您还在吗？")
        await a_while()
        assert "取消关注" in desk.note()
        assert f"{AGENT}：您还在吗？" in await talk.does(event(talk.openid, "subscribe"))

    stage.play(story)
