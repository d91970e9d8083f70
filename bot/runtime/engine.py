"""The engine: a Rasa agent with its actions in this process. Everything that answers goes through here."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.desk.store import TicketStore
from bot.desk.ticket import Ticket, TicketError, TicketMessage, TicketState
from bot.dialogue.reply import apology
from bot.dialogue.situation import Person, Situation
from bot.door import Services, install, open_services, serving
from bot.query import Decision, Query
from bot.records.conversations import ConversationStore, read_state
from bot.records.database import Connection, Database
from bot.records.outcomes import Outcome, OutcomeStore, TurnRecord
from bot.records.transcripts import Entry, EntryAuthor, TranscriptStore, find_reply, write_entry
from bot.records.turns import KeptTurn, TurnStore
from bot.runtime.agent import InProcessAgent
from bot.runtime.conversations import OrderedLocks, TurnTrackers
from bot.runtime.editions import EditionWatch
from bot.runtime.keeper import TurnKeeper
from bot.runtime.retention import Forgets, Retention
from bot.runtime.switching import ModelWatch
from bot.runtime.training import model_digest, model_path
from bot.settings import OFFICE_TIME, Settings
from bot.understanding.encoder import EncoderError
from bot.understanding.normalise import find_mobile, mask_personal_numbers
from knowledge.store import StoreError

# bot.runtime.agent has made Rasa quiet by now, and skops, which would walk scipy as well, is imported already.
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage  # isort: skip
from bot.understanding.explain import EXPLAIN, EXPLANATION  # isort: skip

logger = logging.getLogger(__name__)

EDITION_CHECK = 1.0
"""Seconds after which the engine looks again whether the office has put another edition in force."""


class EngineError(Exception):
    """The engine cannot start; the message says what to do."""


@dataclass(frozen=True)
class _Known:
    """What the stores know of a session before its turn."""

    state: Mapping[str, Any] | None
    ticket: Ticket | None
    reply: Mapping[str, Any] | None
    seq: int | None = None


class Engine:
    """Understands messages and leads conversations, one turn at a time in each session."""

    def __init__(self, agent: InProcessAgent, services: Services, settings: Settings, database: Database) -> None:
        self._agent = agent
        self._services = services
        self._settings = settings
        self._database = database
        self._locks = OrderedLocks()
        self._editions = EditionWatch(settings.database_url)
        self._looked = time.monotonic()
        self._outcomes = OutcomeStore(database)
        self._transcripts = TranscriptStore(database)
        self._keeper = TurnKeeper(TurnStore(database, self._outcomes), settings.waits.turn)
        conversations = ConversationStore(database)
        self._retention = Retention(settings, conversations, self._transcripts, self._outcomes, self.desk)
        self._model = model_digest(settings)
        self._models = ModelWatch(agent, settings)

    @classmethod
    def open(cls, settings: Settings, records_url: str | None = None) -> Engine:
        """Load model and base. Raises EngineError without a model, StoreError without a base.

        Conversations, outcomes and tickets are kept beside the base, or at *records_url*: who measures or tests must
        not fill the office's queue.
        """
        path = model_path(settings)
        if not path.exists():
            raise EngineError("还没有训练好的模型，请先运行 python -m bot train")
        services = open_services(settings.database_url)
        database = Database.open(records_url or settings.database_url)
        desk = TicketStore(database, OFFICE_TIME)
        services = dataclasses.replace(services, desk=desk, desk_patience=settings.waits.desk)
        install(services)
        agent = InProcessAgent(tracker_store=TurnTrackers(), lock_store=OrderedLocks())
        try:
            agent.load_model(path)
        except Exception as error:  # whatever Rasa stumbles over in a damaged archive
            if encoder := _cause(error, EncoderError):
                raise EngineError(str(encoder)) from error
            raise EngineError(
                f"模型 {path} 读不了（{type(error).__name__}），请重新训练：python -m bot train --force"
            ) from error
        engine = cls(agent, services, settings, database)
        engine.prune()
        return engine

    # ------------------------------------------------------------ what is at hand

    @property
    def services(self) -> Services:
        """The base and wording in use."""
        return self._services

    @services.setter
    def services(self, given: Services) -> None:
        """Put other services in use: a new edition, another clock."""
        self._services = given
        install(given)

    @property
    def database(self) -> Database:
        """Where everything of the service is kept; whoever serves beside the engine brings tables of its own."""
        return self._database

    @property
    def desk(self) -> TicketStore:
        """The tickets of residents who want a person."""
        assert self._services.desk is not None
        return self._services.desk

    @property
    def outcomes(self) -> OutcomeStore:
        """How the turns ended."""
        return self._outcomes

    @property
    def transcripts(self) -> TranscriptStore:
        """What was said in each session, masked."""
        return self._transcripts

    def keep_beside(self, store: Forgets) -> None:
        """Let *store* forget sessions whenever the engine does, and its old records with the conversations."""
        self._retention.keep_beside(store)

    # ------------------------------------------------------------ understanding

    async def understand(self, text: str) -> Query:
        """Understand one message by itself, without touching a session."""
        parsed = await self._agent.parse_message(_at_the_door(text))
        return Query.from_record(parsed["query"])

    async def explain(self, text: str) -> dict[str, Any]:
        """Understand one message as understand does; return the query in the contract's form, and why, as "explain"."""
        processor = self._agent.processor
        assert processor is not None
        parsed = await processor.parse_message(UserMessage(_at_the_door(text), metadata={EXPLAIN: True}))
        return {**Query.from_record(parsed["query"]).as_json(), "explain": parsed[EXPLANATION]}

    # ------------------------------------------------------------ conversations

    async def turn(
        self, session: str, text: str, channel: str = "terminal", elder: bool = False, message_id: str | None = None
    ) -> dict[str, Any]:
        """Lead one turn; return session, decision, items, facets, applicant, messages, and the reply's entry as seq.

        While a person has the conversation there are no messages. Turns of a session go one after another. A repeat
        of *message_id* is no turn: it gets the reply that the first one got, after a restart as well.
        """
        async with self._locks.lock(session):
            try:
                await self.look_for_edition()
                known = await asyncio.to_thread(self._known, session, message_id)
                if known.reply is not None:
                    return _as_told(session, known.reply, known.seq)
                situation = await self._situation(known.ticket, text, channel, elder)
                with serving(self._services):
                    turn, state = await self._lead(session, text, situation, known.state)
            except Exception:  # the turn's catch-all: whatever broke, the resident gets a sentence and a number to call
                logger.exception("a turn failed")
                turn = {**apology(self._services.wording).as_json(), "outcome": Outcome.FAILED.value}
                state = None
            record = self._record_of(session, channel, turn)
            seq = await self._keeper.keep(KeptTurn(record, state, _at_the_door(text), turn, message_id))
            return _as_told(session, turn, seq)

    async def deliver(self, session: str) -> list[Entry]:
        """Take into the transcript what agents have said to *session* and return it; each of their words once."""

        def keep(connection: Connection, said: TicketMessage) -> Entry:
            return write_entry(connection, session, said.at, EntryAuthor.AGENT, said.text, name=said.name)

        return await asyncio.to_thread(self.desk.deliver, session, keep)

    def _known(self, session: str, message_id: str | None) -> _Known:
        """Return what is known of a session; what is not stored yet goes before. Raises StoreError."""
        reply = self._keeper.find_reply(session, message_id) if message_id else None
        if reply is not None:
            return _Known(None, None, reply)
        try:
            return self._read(session, message_id, desk=self.desk)
        except StoreError:
            logger.exception("the desk could not be reached")
            return self._read(session, message_id, desk=None)

    def _read(self, session: str, message_id: str | None, desk: TicketStore | None) -> _Known:
        """Read what is stored of a session in one transaction."""
        state = self._keeper.find_state(session)
        with self._database.transaction() as connection:
            stored = find_reply(connection, session, message_id) if message_id else None
            if stored is not None:
                return _Known(None, None, stored.turn, stored.seq)
            if state is None:
                state = read_state(connection, session)
            ticket = desk.open_ticket_of(session, within=connection) if desk else None
            return _Known(state, ticket, None)

    async def _lead(
        self, session: str, text: str, situation: Situation, state: Mapping[str, Any] | None
    ) -> tuple[dict[str, Any], Mapping[str, Any]]:
        """Return the turn, and where the conversation stands after it."""
        channel = CollectingOutputChannel()
        message = UserMessage(_at_the_door(text), channel, session, metadata=situation.as_metadata())
        self._agent.trackers.begin(session, state)
        try:
            await self._agent.handle_message(message)
        finally:
            state = self._agent.trackers.end(session)
        said = [message["custom"] for message in channel.messages if "custom" in message]
        if not said:
            raise RuntimeError("Rasa ran no action; why stands above")
        return {**said[0]["turn"], "messages": said[1:]}, state

    async def _situation(self, ticket: Ticket | None, text: str, channel: str, elder: bool) -> Situation:
        """Return who has the conversation, and what of the text is not to be kept."""
        masked = mask_personal_numbers(text) != text
        mobile = find_mobile(text)
        left = False
        if ticket is not None and mobile and ticket.state is TicketState.WAITING:
            left = await asyncio.to_thread(self._leave_contact, ticket, mobile)
        person = Person.NONE
        if ticket is not None:
            person = Person.TAKEN if ticket.state is TicketState.TAKEN else Person.WAITING
        return Situation(channel, person, ticket.number if ticket else None, masked, left, elder)

    def _leave_contact(self, ticket: Ticket, mobile: str) -> bool:
        """Keep the number on the ticket: sending it after it was asked for is the consent that was spoken of."""
        try:
            self.desk.leave_contact(ticket.number, mobile, self._services.now())
        except TicketError:
            return False  # taken or ended a moment ago
        except StoreError:
            logger.exception("a number that was left could not be kept")
            return False
        return True

    async def look_for_edition(self) -> None:
        """Go on with another edition, or another model, as soon as it is in force; while it cannot be read, with the
        one before."""
        if time.monotonic() - self._looked < EDITION_CHECK:
            return
        self._looked = time.monotonic()
        if self._models.look():
            self._model = model_digest(self._settings)
        if self._retention.is_due(self._services.now()):
            await asyncio.to_thread(self.prune)
        services = await self._editions.look(self._services)
        if services is not None:
            self.services = services

    # ------------------------------------------------------------ what is kept

    def _record_of(self, session: str, channel: str, turn: Mapping[str, Any]) -> TurnRecord:
        return TurnRecord(
            session=session,
            at=self._services.now(),
            outcome=Outcome(turn["outcome"]),
            decision=Decision(turn["decision"]),
            items=tuple((item["id"], item["confidence"]) for item in turn["items"]),
            facets=tuple(turn["facets"]),
            edition=self._services.base.document.edition,
            model=self._model,
            channel=channel,
        )

    async def erase(self, session: str) -> None:
        """Forget everything of a session, as its resident may ask, after a turn under way. Raises StoreError."""
        async with self._locks.lock(session):
            await asyncio.to_thread(self._keeper.erase, session)
            await asyncio.to_thread(self._retention.erase_beside, session)

    def prune(self) -> None:
        """Forget what is older than the settings keep it; a store that cannot is logged."""
        self._retention.prune(self._services.now())

    def close(self) -> None:
        """Store what is not stored yet and give the database back."""
        self._keeper.flush()
        self._database.close()


def _as_told(session: str, turn: Mapping[str, Any], seq: int | None) -> dict[str, Any]:
    """Return a turn as its caller gets it: how it ended is for the records alone."""
    told = {key: value for key, value in turn.items() if key != "outcome"}
    return {"session": session, **told, "seq": seq}


def _cause(error: BaseException | None, kind: type[Exception]) -> BaseException | None:
    """Return the first error of *kind* among what led to *error*."""
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error


def _at_the_door(text: str) -> str:
    """Mask personal numbers before anything keeps the text, and take Rasa's command language ("/intent") for words."""
    masked = mask_personal_numbers(text)
    return "／" + masked[1:] if masked.startswith("/") else masked
