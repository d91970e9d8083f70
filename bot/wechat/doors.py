"""The channel's parts, put together around a running engine."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.wechat.account import WechatAccount
from bot.wechat.answering import Admit, Answering, load_channel_wording
from bot.wechat.arriving.envelope import Letterbox
from bot.wechat.channel import Channel
from bot.wechat.courier import Courier
from bot.wechat.kept.forgetting import Forgetting
from bot.wechat.kept.people import PeopleStore
from bot.wechat.kept.replies import ReplyStore
from bot.wechat.kept.waiting import WaitingStore
from bot.wechat.platform.client import Platform
from bot.wechat.platform.menu import load_menu
from bot.wechat.saying.body import Body, Part
from bot.wechat.stores import Stores

if TYPE_CHECKING:
    from bot.runtime.engine import Engine


@dataclass(frozen=True)
class Doors:
    """Where the platform comes in, and where we go out to it."""

    letterbox: Letterbox
    channel: Channel
    courier: Courier

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Answer and bring while the block runs."""
        async with self.channel.running(), self.courier.running():
            yield


def open_doors(engine: Engine, account: WechatAccount, max_text: int, admit: Admit) -> Doors:
    """Put the channel together. Raises StoreError; MenuError and WordingError where its data is wrong."""
    wording = load_channel_wording()

    def as_body(name: str | None, text: str) -> Body:
        return (Part(wording.say("agent_says", name=name, text=text) if name else text),)

    def now() -> datetime:
        return engine.services.now()  # of whichever services are in use by then

    engine.keep_beside(Forgetting(engine.database))
    stores = Stores(ReplyStore(engine.database), WaitingStore(engine.database, as_body), now)
    answering = Answering(engine, stores, load_menu(), wording, admit, max_text)
    platform = Platform(account, engine.database, now)
    people = PeopleStore(engine.database)
    courier = Courier(engine, stores, people, answering, platform, wording)
    channel = Channel(stores, answering, wording, courier.may_send, courier.wake, account.answer_within)
    return Doors(Letterbox(account), channel, courier)
