"""What goes wrong between the platform and us: no reply is lost, none comes twice."""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum
from typing import Any

import pytest

from bot.desk.ticket import Author
from bot.wechat.account import ANSWER_WITHIN
from bot.wechat.kept import replies, waiting
from tests.api.service import Service
from tests.bot.engines import locked
from tests.wechat.conftest import Stage, Talk, seen
from tests.wechat.platform import event, text

QUESTION = "失业金在哪里领"
ANSWER = "【失业保险金申领】办理地点"
PACE = 2.1
"""Seconds between two messages of somebody who writes as fast as the limit admits."""
QUICK = 0.6
"""Seconds within which a hurried service answers."""


class Point(Enum):
    """Where in a turn a worker gets stuck: when its message is noted, or when the engine has stored the reply."""

    BEFORE = "before"
    AFTER = "after"


class Turns:
    """The engine's turns, each counted, and held up where a test says so."""

    def __init__(self, stage: Stage, patch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.pause = 0.0
        self.stuck: Point | None = None
        self._caught, self._freed = asyncio.Event(), asyncio.Event()
        own = stage.engine.turn

        async def turn(session: str, words: str, **options: Any) -> dict[str, Any]:
            self.count += 1
            await asyncio.sleep(self.pause)
            if self.stuck is Point.BEFORE:
                await self.until_freed()
            turn = await own(session, words, **options)
            if self.stuck is Point.AFTER:
                await self.until_freed()
            return turn

        patch.setattr(stage.engine, "turn", turn)

    async def until_freed(self) -> None:
        self.stuck = None
        self._caught.set()
        await self._freed.wait()

    async def until_stuck(self) -> None:
        await self._caught.wait()

    def free(self) -> None:
        self._freed.set()


@pytest.fixture
def turns(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Turns:
    return Turns(stage, monkeypatch)


# ---------------------------------------------------------------- again and again


def test_a_retry_gets_the_very_same_reply_and_costs_no_turn(stage: Stage, turns: Turns) -> None:
    async def story(_service: Service, talk: Talk) -> None:
        asked = text(talk.openid, QUESTION)
        first = await talk.does(asked)
        assert ANSWER in first
        assert await talk.does(asked) == first
        assert turns.count == 1

    stage.play(story)


def test_an_event_that_comes_again_is_known_by_its_time_and_whose_it_is(stage: Stage, turns: Turns) -> None:
    async def story(service: Service, talk: Talk) -> None:
        tapped = event(talk.openid, "CLICK", "card")
        first = await talk.does(tapped)
        assert await talk.does(tapped) == first
        assert turns.count == 1
        other = stage.talk(service)
        await other.does({**tapped, "FromUserName": other.openid})
        assert turns.count == 2

    stage.play(story)


def test_after_a_restart_a_retry_gets_the_very_same_reply(stage: Stage, turns: Turns) -> None:
    async def story(service: Service, talk: Talk) -> None:
        asked = text(talk.openid, QUESTION)
        async with stage.serving(stage.account) as before:
            first = await stage.platform.push(before.http, asked)
        assert first
        assert await talk.does(asked) == first
        assert turns.count == 1

    stage.play(story)


def test_two_workers_that_are_asked_at_once_give_one_reply(stage: Stage, turns: Turns) -> None:
    turns.pause = 0.3

    async def story(service: Service, talk: Talk) -> None:
        asked = text(talk.openid, QUESTION)
        answers = await asyncio.gather(
            stage.platform.push(service.http, asked), stage.platform.push(stage.standing.http, asked)
        )
        assert ANSWER in (answers[0] or "")
        assert answers[0] == answers[1]
        assert turns.count == 1

    stage.play(story, site="https://guide.example.org")


def test_a_call_that_was_given_up_is_answered_at_the_next_attempt(stage: Stage, turns: Turns) -> None:
    turns.pause = 0.5

    async def story(service: Service, talk: Talk) -> None:
        asked = text(talk.openid, QUESTION)
        await stage.platform.brings_and_hangs_up(service.http, asked, asyncio.sleep(0.1))
        assert ANSWER in await talk.does(asked)
        await nothing_more(talk, 0)
        assert turns.count == 1

    stage.play(story)


def test_messages_that_come_in_another_order_are_each_answered_as_themselves(stage: Stage) -> None:
    async def story(_service: Service, talk: Talk) -> None:
        first, second = text(talk.openid, QUESTION), text(talk.openid, "社保卡丢了怎么补")
        answers = await asyncio.gather(talk.does(second), talk.does(first))
        assert "社会保障卡" in answers[0]
        assert ANSWER in answers[1]

    stage.play(story)


@pytest.mark.parametrize("off", [-300.0, 300.0])
def test_a_clock_that_is_five_minutes_off_costs_no_reply(stage: Stage, off: float) -> None:
    stage.platform.off = off

    async def story(_service: Service, talk: Talk) -> None:
        assert ANSWER in await talk.says(QUESTION)

    stage.play(story)


# ---------------------------------------------------------------- five seconds


def test_what_takes_longer_follows_as_a_message_of_its_own(stage: Stage, turns: Turns) -> None:
    turns.pause = QUICK * 2

    async def story(_service: Service, talk: Talk) -> None:
        assert not await talk.says(QUESTION)
        assert ANSWER in (await talk.gets())[0]
        assert turns.count == 1

    stage.play(story, answer_within=QUICK)


def test_what_comes_late_has_choices_and_pages_like_any_reply(stage: Stage, turns: Turns) -> None:
    turns.pause = QUICK * 2

    async def story(_service: Service, talk: Talk) -> None:
        await talk.says(QUESTION)
        late = (await talk.gets())[0]
        turns.pause = 0.0
        assert "1. " in seen(late)
        assert "【失业保险金申领】" in await talk.says("1")

    stage.play(story, answer_within=QUICK)


def test_a_retry_of_what_follows_later_has_nothing_more_to_say(stage: Stage, turns: Turns) -> None:
    turns.pause = QUICK * 2

    async def story(_service: Service, talk: Talk) -> None:
        asked = text(talk.openid, QUESTION)
        assert not await talk.does(asked)
        await talk.gets()
        assert not await talk.does(asked)
        assert len(talk.platform.texts_of(talk.openid)) == 1

    stage.play(story, answer_within=QUICK)


# ---------------------------------------------------------------- stuck or killed


@asynccontextmanager
async def stuck(stage: Stage, turns: Turns, asked: dict[str, str], point: Point) -> AsyncIterator[None]:
    """Let another worker take what was *asked*, and at *point* give no sign of life while the block runs."""
    turns.stuck = point
    async with stage.serving(stage.account) as service:
        await stage.platform.brings_and_hangs_up(service.http, asked, turns.until_stuck())
        try:
            yield
        finally:
            turns.free()


async def nothing_more(talk: Talk, count: int) -> None:
    """Wait longer than a look of the courier's takes; no other message of its own must come than *count*."""
    await asyncio.sleep(1.2)
    assert len(talk.platform.texts_of(talk.openid)) == count


@pytest.mark.parametrize("point", Point)
def test_a_worker_that_is_stuck_leaves_the_message_to_another_and_comes_back_to_nothing(
    stage: Stage, turns: Turns, monkeypatch: pytest.MonkeyPatch, point: Point
) -> None:
    monkeypatch.setattr(replies, "LEASE", replies.LEASE / 10)

    async def story(_service: Service, talk: Talk) -> None:
        asked = text(talk.openid, QUESTION)
        async with stuck(stage, turns, asked, point):
            first = await talk.does(asked)
            assert ANSWER in first
        assert await talk.does(asked) == first
        await nothing_more(talk, 0)

    stage.play(story)


@pytest.mark.parametrize("point", Point)
def test_a_message_that_nobody_comes_back_for_is_answered_all_the_same(
    stage: Stage, turns: Turns, monkeypatch: pytest.MonkeyPatch, point: Point
) -> None:
    monkeypatch.setattr(replies, "LEASE", replies.LEASE / 10)
    monkeypatch.setattr(replies, "ASKED_FOR", replies.ASKED_FOR / 25)

    async def story(service: Service, talk: Talk) -> None:
        async with stuck(stage, turns, text(talk.openid, QUESTION), point):
            await asyncio.sleep(1.1)
            await service.app.state.wechat.channel.collect()
            assert ANSWER in (await talk.gets())[0]
        await nothing_more(talk, 1)

    stage.play(story)


def test_a_reply_that_nobody_took_follows_as_a_message(
    stage: Stage, turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replies, "ASKED_FOR", replies.ASKED_FOR / 25)
    turns.pause = 0.4

    async def story(service: Service, talk: Talk) -> None:
        asked = text(talk.openid, QUESTION)
        await stage.platform.brings_and_hangs_up(service.http, asked, asyncio.sleep(0.1))
        await asyncio.sleep(1.5)
        await service.app.state.wechat.channel.collect()
        assert ANSWER in (await talk.gets())[0]
        assert not await talk.does(asked)
        await nothing_more(talk, 1)

    stage.play(story)


def test_words_that_were_being_sent_when_the_worker_was_killed_are_sent_by_another(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "LEASE", waiting.LEASE / 30)

    async def story(service: Service, talk: Talk) -> None:
        await talk.says("转人工")
        desk, now = stage.engine.desk, stage.engine.services.now()
        ticket = desk.open_ticket_of(talk.session)
        assert ticket is not None
        desk.take(ticket.number, "黄宁", now)
        courier = service.app.state.wechat.courier
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(courier, "wake", lambda: None)
            desk.say(ticket.number, Author.AGENT, "黄宁", "您好", now)
            # Taken, and never seen again.
            await service.app.state.wechat.channel._answering.waiting_words(talk.session)
        assert await talk.gets() == ["黄宁：您好"]
        await nothing_more(talk, 1)

    stage.play(story)


# ---------------------------------------------------------------- the database


def test_while_the_database_is_away_the_platform_comes_again_and_is_answered(
    stage: Stage, turns: Turns, url: str
) -> None:
    stage.platform.patience = QUICK * 1.2

    async def story(_service: Service, talk: Talk) -> None:
        with locked(url) as let_go:
            asyncio.get_running_loop().call_later(QUICK * 1.8, let_go)
            assert ANSWER in await talk.says(QUESTION)
        assert turns.count == 1
        assert not talk.platform.texts_of(talk.openid)

    stage.play(story, answer_within=QUICK)


def test_a_database_that_stays_away_costs_a_sentence_and_the_reply_follows(stage: Stage, url: str) -> None:
    stage.platform.patience = QUICK * 1.2

    async def story(_service: Service, talk: Talk) -> None:
        with locked(url) as let_go:
            assert "还在查" in await talk.says(QUESTION)
            let_go()
        assert ANSWER in (await talk.gets())[0]

    stage.play(story, answer_within=QUICK)


@pytest.mark.parametrize("away", [10.0])
def test_a_database_that_is_away_for_ten_seconds_costs_no_reply_and_doubles_none(
    stage: Stage, turns: Turns, url: str, away: float
) -> None:
    stage.platform.patience = 5.0

    async def story(_service: Service, talk: Talk) -> None:
        asked = text(talk.openid, QUESTION)
        with locked(url) as let_go:
            asyncio.get_running_loop().call_later(away, let_go)
            first = await talk.does(asked)
        # The platform has come three times by then: the last attempt is told to wait, or is answered.
        if ANSWER not in first:
            assert "还在查" in first
            assert ANSWER in (await talk.gets())[0]
        assert await talk.does(asked) == first
        await nothing_more(talk, int(ANSWER not in first))
        assert turns.count == 1

    stage.play(story, answer_within=ANSWER_WITHIN)


# ---------------------------------------------------------------- many at once


def test_fifty_chats_at_once_are_each_answered_once_and_never_crossed(stage: Stage) -> None:
    """For CHATS_SECONDS, a few in the suite; each chat as fast as one may write: 30 messages a minute."""
    questions = [(QUESTION, "失业保险金申领"), ("社保卡丢了怎么补", "社会保障卡"), ("工伤认定要多久", "工伤认定")]
    end = time.monotonic() + float(os.environ.get("CHATS_SECONDS", "5"))

    async def story(service: Service, _talk: Talk) -> None:
        async def chat(number: int) -> None:
            talk = stage.talk(service)
            for turn in itertools.count(number):
                question, about = questions[turn % 3]
                assert about in await talk.says(question)
                if time.monotonic() > end and turn > number:
                    break
                await asyncio.sleep(PACE)
            assert not talk.platform.texts_of(talk.openid)

        await asyncio.gather(*(chat(number) for number in range(50)))

    stage.play(story)
