"""What the office's people keep beside the guide: notes on items (备注) for all of them, pins (收藏) for each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.records.database import Database
from bot.records.tables import Moment, Words
from knowledge.model import Facet

MOST_NOTES = 50
"""Notes on one item: more of them nobody reads while a caller waits."""
MOST_PINS = 30


class NoteError(Exception):
    """What is asked cannot be done with notes or pins; *code* is the reason in one word."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class NoSuchNoteError(NoteError):
    """There is no note of that number."""

    def __init__(self, number: int) -> None:
        super().__init__("no_such_note", f"there is no note {number}")


class TooManyNotesError(NoteError):
    """The item has as many notes as it may have."""

    def __init__(self) -> None:
        super().__init__("too_many_notes", f"an item has {MOST_NOTES} notes at most: delete one first")


class TooManyPinsError(NoteError):
    """The account has as many pins as it may have."""

    def __init__(self) -> None:
        super().__init__("too_many_pins", f"an account has {MOST_PINS} pins at most: remove one first")


@dataclass(frozen=True)
class Note:
    """A remark of the office on an item, or on one *facet* of it; never a word of the guide.

    Whoever hands in a *text* has masked personal numbers in it.
    """

    id: int
    item: str
    facet: Facet | None
    text: str
    author: str
    written: datetime
    changed: datetime | None


tables = sa.MetaData()

notes = sa.Table(
    "staff_notes", tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("item", sa.String(80), nullable=False, index=True),
    sa.Column("facet", sa.String(20)),
    sa.Column("text", Words, nullable=False),
    sa.Column("author", Words, nullable=False),
    sa.Column("written", Moment, nullable=False),
    sa.Column("changed", Moment),
    sqlite_autoincrement=True,  # an id never comes back: the audit log names notes by it
)  # fmt: skip

pins = sa.Table(
    "staff_pins", tables,
    sa.Column("account", Words, primary_key=True),
    sa.Column("item", sa.String(80), primary_key=True),
    sa.Column("place", sa.Integer, nullable=False),
)  # fmt: skip


class NoteStore:
    """The office's notes by item. Every method raises StoreError where the database fails."""

    def __init__(self, database: Database) -> None:
        database.make(tables)
        self._database = database

    def on(self, item: str) -> list[Note]:
        """Return the notes on an item, the oldest first."""
        wanted = sa.select(notes).where(notes.c.item == item).order_by(notes.c.id)
        with self._database.transaction() as connection:
            return [_note_of(row) for row in connection.execute(wanted)]

    def get(self, number: int) -> Note:
        """Return one note. Raises NoSuchNoteError."""
        with self._database.transaction() as connection:
            return _get(connection, number)

    def add(self, item: str, facet: Facet | None, text: str, author: str, at: datetime) -> Note:
        """Keep a new note. Raises TooManyNotesError."""
        values = {"item": item, "facet": facet and facet.value, "text": text, "author": author, "written": at}
        mine = sa.select(sa.func.count()).select_from(notes).where(notes.c.item == item)
        with self._database.transaction() as connection:
            # Written first, so that of two that come at once one waits for the other and counts it.
            number = int(connection.execute(notes.insert().values(values)).inserted_primary_key[0])
            if connection.execute(mine).scalar() > MOST_NOTES:
                raise TooManyNotesError
            return _get(connection, number)

    def change(self, number: int, facet: Facet | None, text: str, at: datetime) -> Note:
        """Put other words in a note's place. Raises NoSuchNoteError."""
        changing = {"facet": facet and facet.value, "text": text, "changed": at}
        with self._database.transaction() as connection:
            connection.execute(notes.update().where(notes.c.id == number).values(changing))
            return _get(connection, number)

    def delete(self, number: int) -> None:
        """Delete a note; one that is gone already is gone."""
        with self._database.transaction() as connection:
            connection.execute(notes.delete().where(notes.c.id == number))


class PinStore:
    """The items that each account keeps at hand, in its own order. Raises StoreError where the database fails."""

    def __init__(self, database: Database) -> None:
        database.make(tables)
        self._database = database

    def of(self, account: str) -> list[str]:
        """Return the ids of the items that an account has pinned."""
        with self._database.transaction() as connection:
            return _pinned(connection, account)

    def pin(self, account: str, item: str, place: int | None = None) -> list[str]:
        """Pin an item, or move it to *place* among the pins (0 is the first); return them. Raises TooManyPinsError.

        Without a place a new one comes last and one that is there stays where it is.
        """
        with self._database.transaction() as connection:
            # A write of no effect first: of two that come at once one waits for the other.
            connection.execute(pins.update().where(pins.c.account == account).values(place=pins.c.place))
            before = _pinned(connection, account)
            if place is None and item in before:
                return before
            others = [other for other in before if other != item]
            if len(others) >= MOST_PINS:
                raise TooManyPinsError
            others.insert(len(others) if place is None else place, item)
            connection.execute(pins.delete().where(pins.c.account == account))
            rows = [{"account": account, "item": pinned, "place": index} for index, pinned in enumerate(others)]
            connection.execute(pins.insert(), rows)
            return others

    def unpin(self, account: str, item: str) -> list[str]:
        """Take a pin away; return what is left."""
        with self._database.transaction() as connection:
            connection.execute(pins.delete().where(pins.c.account == account, pins.c.item == item))
            return _pinned(connection, account)


def _get(connection: Connection, number: int) -> Note:
    row = connection.execute(sa.select(notes).where(notes.c.id == number)).first()
    if row is None:
        raise NoSuchNoteError(number)
    return _note_of(row)


def _note_of(row: Any) -> Note:
    facet = Facet(row.facet) if row.facet else None
    return Note(row.id, row.item, facet, row.text, row.author, row.written, row.changed)


def _pinned(connection: Connection, account: str) -> list[str]:
    wanted = sa.select(pins.c.item).where(pins.c.account == account).order_by(pins.c.place, pins.c.item)
    return [row.item for row in connection.execute(wanted)]
