"""Agents' words (人工接待) on their way into chats: other processes write them, this one looks for them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from bot.desk.glance import OpenTicket, glance_at
from bot.desk.store import TicketStore
from bot.desk.ticket import Author, TicketError, TicketMessage, TicketState
from bot.records.database import Connection, Database
from bot.records.transcripts import EntryAuthor, write_entry
from bot.telegram.letters.letter import Letter
from bot.telegram.letters.outgoing import plain_letters
from bot.telegram.sessions import find_chat, session_of
from bot.telegram.traffic.records import NotedTicket, TelegramRecords, write_letters
from bot.wording.pages import PageWording

logger = logging.getLogger(__name__)


class Agents:
    """Brings what happens at the desk into the chats it is about. Every method raises StoreError."""

    def __init__(
        self,
        database: Database,
        desk: TicketStore,
        records: TelegramRecords,
        copy: PageWording,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._desk = desk
        self._records = records
        self._copy = copy
        self._now = now

    def look(self) -> set[int]:
        """Let residents be told what is new at the desk; return the chats to which something is to be sent."""
        glance = glance_at(self._database)
        noted = {ticket.number: ticket for ticket in self._records.noted()}
        chats = set()
        for ticket in glance.by_number.values():
            chat = find_chat(ticket.session)
            if chat is not None and self._look_at(ticket, chat, noted.get(ticket.number)):
                chats.add(chat)
        for ended in noted.values():
            if ended.number not in glance.by_number:
                self._has_ended(ended)
                chats.add(ended.chat)
        return chats

    def bring(self, chat: int) -> bool:
        """Let what agents have said be sent to *chat*; tell whether there was anything."""
        session, moment = session_of(chat), self._now()
        if not self._desk.undelivered(session):
            return False
        ticket = self._desk.open_ticket_of(session)

        def keep(connection: Connection, said: TicketMessage) -> None:
            # The mark that it is delivered, the transcript and the letter are written at once.
            write_entry(connection, session, said.at, EntryAuthor.AGENT, said.text, name=said.name)
            head = self._copy.say("agent_says", name=said.name or "")
            letters = plain_letters(said.text, head, ticket.number if ticket else None)
            write_letters(connection, chat, letters, moment)

        return bool(self._desk.deliver(session, keep))

    def not_sent(self, number: str) -> None:
        """Tell the agent that a ticket's resident cannot be reached any more."""
        try:
            self._desk.say(number, Author.SYSTEM, None, self._copy.say("resident_gone"), self._now())
        except TicketError as error:
            logger.info("%s", error)  # erased meanwhile

    def _look_at(self, ticket: OpenTicket, chat: int, noted: NotedTicket | None) -> bool:
        """Tell whether there is anything new."""
        seen = NotedTicket(ticket.number, chat, ticket.agent)
        told: list[Letter] = []
        if noted is None or noted.agent != seen.agent:
            if seen.agent is not None:
                told = plain_letters(self._copy.say("agent_is_here", name=seen.agent))
            elif noted is not None:
                told = plain_letters(self._copy.say("agent_lost"))
            self._records.note(seen, told, self._now())
        brought = self.bring(chat) if ticket.has_undelivered else False
        return brought or bool(told)

    def _has_ended(self, noted: NotedTicket) -> None:
        self.bring(noted.chat)
        ticket = self._desk.find(noted.number)
        is_closed = ticket is not None and ticket.state is TicketState.CLOSED
        self._records.note_end(noted, plain_letters(self._copy.say("agent_left")) if is_closed else [], self._now())
