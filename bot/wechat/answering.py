"""What a message is answered with: the engine's reply or a sentence of the channel's, and the words that waited."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.desk.ticket import TicketState
from bot.wechat.arriving.incoming import CHANNEL, Incoming, Kind
from bot.wechat.asking import PageWanted, after_page, find_wanted, page_link, words_of_choice
from bot.wechat.kept.people import Person, Shown
from bot.wechat.kept.waiting import Waiting
from bot.wechat.platform.menu import Menu
from bot.wechat.saying.body import Body, Part, body_of
from bot.wechat.saying.pages import Pages, compose, link
from bot.wechat.stores import Stores
from bot.wording.pages import PageWording, load_page_wording
from knowledge.store import StoreError

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

logger = logging.getLogger(__name__)

Admit = Callable[[str], bool]
"""Tells whether one more message of a session may be read."""


@dataclass(frozen=True)
class Said:
    """What a message is answered with: the *text* of its first page, and all of it; *told* are words that waited."""

    text: str = ""
    body: Body = ()
    pages: Pages | None = None
    shown: Shown | None = None
    told: tuple[Waiting, ...] = ()


NOTHING_SAID = Said()


def load_channel_wording() -> PageWording:
    """Read wechat.yml."""
    return load_page_wording(CHANNEL, folder=Path(__file__).parent.parent / "wording")


class Answering:
    """Answers messages one by one; how long that may take is the channel's matter."""

    def __init__(
        self, engine: Engine, stores: Stores, menu: Menu, wording: PageWording, admit: Admit, max_text: int
    ) -> None:
        self._engine = engine
        self._stores = stores
        self._menu = menu
        self._wording = wording
        self._admit = admit
        self._max_text = max_text

    async def respond(self, incoming: Incoming, reply: int, person: Person, has_words: bool = True) -> Said:
        """Return the answer to *incoming*; *reply* is the number by which its links name it.

        Where it is known that nothing waits, *has_words* saves looking for it.
        """
        if incoming.kind in (Kind.EVENT, Kind.UNSUBSCRIBE):
            return NOTHING_SAID
        told = await self.waiting_words(incoming.session) if has_words else ()
        text = await self._text_of(incoming)
        wanted = find_wanted(incoming, text, person.shown) if text else None
        if isinstance(wanted, PageWanted) and not told:
            shown = await self._page(incoming.session, wanted, person.shown)
            if shown is not None:
                return shown
        if isinstance(wanted, tuple):
            pages = await self._stores.call(self._stores.replies.find_pages, incoming.session, wanted[0])
            text = words_of_choice(text, *wanted, pages, person.shown).text
        elif isinstance(wanted, PageWanted) and told:
            # What waited has been shown since: a page that is asked for now comes behind it.
            page = await self._page(incoming.session, wanted, person.shown)
            if page is not None:
                return self.composed((*_bodies(told), *page.body), reply, person.shown, told)
        said = await self._turn(incoming, text) if text else await self._without_words(incoming)
        return self.composed((*_bodies(told), *said), reply, person.shown, told)

    async def waiting_words(self, session: str) -> tuple[Waiting, ...]:
        """Return what waits for *session*, agents' words that are still at the desk included."""
        try:
            await self._engine.deliver(session)
            return tuple(await self._stores.call(self._stores.waiting.take, session, self._engine.services.now()))
        except StoreError as error:
            # Nothing is lost: they wait for the next time.
            logger.warning("what waits for a resident could not be brought yet: %s", error)
            return ()

    def composed(self, body: Body, reply: int, before: Shown, told: tuple[Waiting, ...] = ()) -> Said:
        """Return *body* on its pages, the first of them as the text to send."""
        if not any(part.text.strip() for part in body):
            return Said(told=told)

        def more(page: int, pages: int) -> str:
            label = self._wording.say("more", page=page, pages=pages, next=page + 1)
            return link(label, page_link(reply, page + 1), self._wording.say("more_sends", next=page + 1))

        pages = compose(body, reply, more)
        # What a person says is no list of ours: numbers that answer it are for that person.
        seen = replace(before, numbers=None) if told else before
        return Said(pages.texts[0], body, pages, after_page(reply, 1, pages, seen), told)

    # ------------------------------------------------------------ what is said

    async def _text_of(self, incoming: Incoming) -> str:
        """Return the words that the resident said, or that stand for what was done; none where there are none."""
        if incoming.kind is Kind.CLICK:
            return self._menu.find_saying(incoming.text) or ""
        if incoming.kind in (Kind.SUBSCRIBE, Kind.SCAN):
            item = self._engine.services.base.by_id.get(incoming.text)
            return item.title if item else ""
        text = incoming.text.strip()
        return "" if text == self._wording.say("not_shown") else text

    async def _turn(self, incoming: Incoming, text: str) -> Body:
        if not self._admit(incoming.session):
            return (Part(self._wording.say("too_many")),)
        if len(text) > self._max_text:
            return (Part(self._engine.services.wording.say("too_long", limit=self._max_text)),)
        turn = await self._engine.turn(incoming.session, text, channel=CHANNEL, message_id=incoming.key)
        return body_of(turn["messages"])

    async def _without_words(self, incoming: Incoming) -> Body:
        """Return what is said to something that is no text, or of which nothing is known."""
        if incoming.kind is Kind.SUBSCRIBE:
            office = self._engine.services.base.document.office
            return (Part(self._wording.say("welcome", office=office)),)
        if incoming.kind in (Kind.SCAN, Kind.CLICK):
            return (Part(self._wording.say("welcome_back")),)
        kind = Kind.OTHER if incoming.kind is Kind.TEXT else incoming.kind
        if await self._has_person(incoming.session):
            return await self._turn(incoming, self._wording.say(f"for_agent_{kind}"))
        choice = self._wording.say("location_choice")
        values = {"choice": link(choice, "say")} if kind is Kind.LOCATION else {}
        return (Part(self._wording.say(kind.value, **values)),)

    async def _has_person(self, session: str) -> bool:
        """Tell whether somebody of the office has the conversation, who should know what came."""
        try:
            ticket = await self._stores.call(self._engine.desk.open_ticket_of, session)
        except StoreError:
            return False
        return ticket is not None and ticket.state is TicketState.TAKEN

    async def _page(self, session: str, wanted: PageWanted, before: Shown) -> Said | None:
        """Return a page of an earlier reply; None where there is no such reply and the words may mean another thing."""
        pages = await self._stores.call(self._stores.replies.find_pages, session, wanted.reply)
        if pages is None:
            return self._sentence("page_gone") if wanted.is_tapped else None
        if not 1 <= wanted.number <= len(pages.texts):
            return self._sentence("no_such_page", pages=len(pages.texts))
        text = pages.texts[wanted.number - 1]
        return Said(text, (Part(text),), None, after_page(wanted.reply, wanted.number, pages, before))

    def _sentence(self, key: str, **values: object) -> Said:
        text = self._wording.say(key, **values)
        return Said(text, (Part(text),))


def _bodies(told: tuple[Waiting, ...]) -> Body:
    return tuple(part for one in told for part in one.body)
