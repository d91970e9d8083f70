"""What this channel keeps (收发记录): updates until they are dealt with, letters until Telegram has them.

An update comes in, its reply goes out, and the mark that it is dealt with is written with the reply's letters at once:
whatever is cut off in between goes on from there. Words stay here no longer than it takes to deal with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.records.database import Connection, Database, insert_into
from bot.records.tables import Moment, Words
from bot.telegram.letters.letter import Letter
from bot.telegram.sessions import find_chat

tables = sa.MetaData()

updates = sa.Table(
    "telegram_updates", tables,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("payload", Words),
)  # fmt: skip

letters = sa.Table(
    "telegram_letters", tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("chat", sa.BigInteger, nullable=False, index=True),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("letter", Words, nullable=False),
    sqlite_autoincrement=True,  # an id never comes back: letters go out in their order
)  # fmt: skip

chats = sa.Table(
    "telegram_chats", tables,
    sa.Column("chat", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("asked", sa.String(40)),
    sa.Column("chosen", sa.String(64)),
)  # fmt: skip

noted = sa.Table(
    "telegram_tickets", tables,
    sa.Column("number", sa.String(20), primary_key=True),
    sa.Column("chat", sa.BigInteger, nullable=False, index=True),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("agent", Words),
)  # fmt: skip


@dataclass(frozen=True)
class KeptUpdate:
    """An update as Telegram sent it."""

    id: int
    payload: str


@dataclass(frozen=True)
class KeptLetter:
    """A letter that waits to be sent."""

    id: int
    letter: Letter


@dataclass(frozen=True)
class ChatState:
    """The question whose choices can be picked in a chat, by its mark, and the button that was pressed last."""

    asked: str | None = None
    chosen: str | None = None


@dataclass(frozen=True)
class NotedTicket:
    """A ticket as its resident knows it: who has it, None while it waits."""

    number: str
    chat: int
    agent: str | None


class TelegramRecords:
    """What is kept, in the service's database. Every method raises StoreError where that fails."""

    def __init__(self, database: Database) -> None:
        database.make(tables)
        self._database = database

    # ------------------------------------------------------------ updates

    def take(self, came: Sequence[KeptUpdate], at: datetime) -> list[KeptUpdate]:
        """Keep updates that came; return those that have not come before, in their order."""
        with self._database.transaction() as connection:
            return [one for one in sorted(came, key=lambda one: one.id) if _insert_update(connection, one, at)]

    def unfinished(self) -> list[KeptUpdate]:
        """Return the updates that nobody has dealt with yet, in their order."""
        wanted = sa.select(updates).where(updates.c.payload.isnot(None)).order_by(updates.c.id)
        with self._database.transaction() as connection:
            return [KeptUpdate(row.id, row.payload) for row in connection.execute(wanted)]

    def finish(
        self, update: int, chat: int | None, replies: Sequence[Letter], state: ChatState | None, at: datetime
    ) -> None:
        """Let an update be dealt with, its *replies* be sent, *state* be that of the chat; once, whoever repeats it."""
        with self._database.transaction() as connection:
            open_one = sa.and_(updates.c.id == update, updates.c.payload.isnot(None))
            if not connection.execute(updates.update().where(open_one).values(payload=None)).rowcount:
                return
            if chat is not None:
                write_letters(connection, chat, replies, at)
            if chat is not None and state is not None:
                _write_state(connection, chat, state, at)

    # ------------------------------------------------------------ letters

    def next_letter(self, chat: int) -> KeptLetter | None:
        """Return what is to be sent next to *chat*."""
        wanted = sa.select(letters).where(letters.c.chat == chat).order_by(letters.c.id).limit(1)
        with self._database.transaction() as connection:
            row = connection.execute(wanted).first()
        return KeptLetter(row.id, Letter.from_json(row.letter)) if row else None

    def chats_with_letters(self) -> list[int]:
        """Return the chats to which something is to be sent."""
        with self._database.transaction() as connection:
            return [row.chat for row in connection.execute(sa.select(letters.c.chat).distinct())]

    def put(self, chat: int, sent: Sequence[Letter], at: datetime) -> None:
        """Let letters be sent that reply to no update."""
        with self._database.transaction() as connection:
            write_letters(connection, chat, sent, at)

    def sent(self, letter: int) -> None:
        """Forget a letter that Telegram has."""
        with self._database.transaction() as connection:
            connection.execute(letters.delete().where(letters.c.id == letter))

    def move(self, chat: int, to_chat: int) -> None:
        """Let what waits for *chat* go to the chat that took its place."""
        with self._database.transaction() as connection:
            connection.execute(letters.update().where(letters.c.chat == chat).values(chat=to_chat))

    def drop_letters(self, chat: int) -> None:
        """Forget what waits for a chat that cannot be reached any more."""
        with self._database.transaction() as connection:
            connection.execute(letters.delete().where(letters.c.chat == chat))

    # ------------------------------------------------------------ chats and tickets

    def state(self, chat: int) -> ChatState:
        """Return how a chat stands."""
        with self._database.transaction() as connection:
            row = connection.execute(sa.select(chats).where(chats.c.chat == chat)).first()
        return ChatState(row.asked, row.chosen) if row else ChatState()

    def noted(self) -> list[NotedTicket]:
        """Return the tickets of which residents know that they are open."""
        with self._database.transaction() as connection:
            return [NotedTicket(row.number, row.chat, row.agent) for row in connection.execute(sa.select(noted))]

    def note(self, ticket: NotedTicket, told: Sequence[Letter], at: datetime) -> None:
        """Keep how a ticket stands, and tell its resident."""
        changing = {"agent": ticket.agent, "at": at}
        with self._database.transaction() as connection:
            connection.execute(
                insert_into(connection, noted)
                .values(number=ticket.number, chat=ticket.chat, **changing)
                .on_conflict_do_update(index_elements=["number"], set_=changing)
            )
            write_letters(connection, ticket.chat, told, at)

    def note_end(self, ticket: NotedTicket, told: Sequence[Letter], at: datetime) -> None:
        """Forget a ticket that has ended, and tell its resident, once."""
        with self._database.transaction() as connection:
            gone = connection.execute(noted.delete().where(noted.c.number == ticket.number))
            if gone.rowcount:
                write_letters(connection, ticket.chat, told, at)

    # ------------------------------------------------------------ forgetting

    def erase(self, session: str) -> None:
        """Forget a session at the resident's request."""
        chat = find_chat(session)
        with self._database.transaction() as connection:
            for table in (letters, chats, noted):
                connection.execute(table.delete().where(table.c.chat == chat))

    def prune(self, before: datetime) -> int:
        """Forget what is from before *before*; return how much."""
        with self._database.transaction() as connection:
            return sum(
                int(connection.execute(table.delete().where(table.c.at < before)).rowcount)
                for table in (updates, letters, chats, noted)
            )


def write_letters(connection: Connection, chat: int, written: Sequence[Letter], at: datetime) -> None:
    """Let letters be sent to *chat*, in their order."""
    for letter in written:
        connection.execute(letters.insert().values(chat=chat, at=at, letter=letter.as_json()))


def _insert_update(connection: Connection, update: KeptUpdate, at: datetime) -> bool:
    adding = insert_into(connection, updates).values(id=update.id, at=at, payload=update.payload)
    return bool(connection.execute(adding.on_conflict_do_nothing()).rowcount)


def _write_state(connection: Connection, chat: int, state: ChatState, at: datetime) -> None:
    changing: dict[str, Any] = {"asked": state.asked, "chosen": state.chosen, "at": at}
    connection.execute(
        insert_into(connection, chats)
        .values(chat=chat, **changing)
        .on_conflict_do_update(index_elements=["chat"], set_=changing)
    )
