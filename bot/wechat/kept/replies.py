"""What was answered to each message (去重与重发): a retry gets the very same, after a restart and from any worker.

A message is answered by whoever holds the lease on it. One that is never answered, since its worker was killed and
the platform has stopped asking, is found again here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.records.database import Connection, Database
from bot.wechat.arriving.envelope import ForgedError, Stamp
from bot.wechat.arriving.incoming import Incoming, Kind
from bot.wechat.kept import waiting
from bot.wechat.kept.people import Person, Shown, meet, read_person, write_shown
from bot.wechat.kept.tables import insert_new, nonces, replies
from bot.wechat.kept.waiting import Waiting
from bot.wechat.saying.body import Body, body_as_json, body_from_json
from bot.wechat.saying.pages import Pages

LEASE = timedelta(seconds=6)
"""How long a worker of which nothing is heard still counts as being at work."""

ASKED_FOR = timedelta(seconds=25)
"""How long the platform may come back for an answer: three attempts of five seconds, and some time on the way."""


_USING = insert_new(nonces, "nonce", "about", "until")
_ARRIVING = insert_new(replies, "session", "key", "at", "asked", "lease")
_FINISHING = (
    replies.update()
    .where(replies.c.id == sa.bindparam("id_"), replies.c.answer.is_(None))
    .values(
        {name: sa.bindparam(name) for name in ("answer", "given", "body", "pages")} | {"asked": None, "lease": None}
    )
)
_OF_MESSAGE = sa.select(replies).where(
    replies.c.session == sa.bindparam("session_"), replies.c.key == sa.bindparam("key_")
)


@dataclass(frozen=True)
class Arrival:
    """A message as it is known after it came. *answer* is there when it was answered before; *is_ours* to answer.

    *has_words* tells that something waits for the resident.
    """

    reply: int
    is_ours: bool
    answer: str | None
    person: Person
    has_words: bool = False


@dataclass(frozen=True)
class Finished:
    """The answer to a message. *is_given* tells whether somebody is there to take it; else *body* must not be lost.

    *late* is what the answer could not wait for, *told* are the words that waited and are in it.
    """

    answer: str
    is_given: bool
    body: Body
    pages: Pages | None = None
    shown: Shown | None = None
    told: Sequence[Waiting] = ()
    late: Body | None = None


@dataclass(frozen=True)
class Orphan:
    """A message that nobody has answered."""

    reply: int
    incoming: Incoming


class ReplyStore:
    """The answers by session and the message's key. Every method raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def use(self, stamp: Stamp, good_for: str) -> None:
        """Remember the stamp of a call. Raises ForgedError where it was used for something else."""
        with self._database.transaction() as connection:
            _use(connection, stamp, good_for)

    def arrive(self, incoming: Incoming, stamp: Stamp, now: datetime) -> Arrival:
        """Note that a message came, perhaps again. Raises ForgedError where its stamp was used for another."""
        session = incoming.session
        with self._database.transaction() as connection:
            _use(connection, stamp, about(incoming))
            named = {"session": session, "key": incoming.key}
            arriving = {**named, "at": now, "asked": incoming.as_kept(), "lease": now + LEASE}
            is_new = bool(connection.execute(_ARRIVING, arriving).rowcount)
            if is_new:
                kind = incoming.kind
                meet(connection, session, now, kind.is_message, kind.is_act, kind is Kind.UNSUBSCRIBE)
            row = connection.execute(_OF_MESSAGE, {f"{name}_": value for name, value in named.items()}).one()
            person = read_person(connection, session) or Person(session)
            if row.answer is not None:
                return Arrival(row.id, False, _give(connection, row, now), person)
            is_ours = is_new or _claim(connection, row.id, now)
            return Arrival(row.id, is_ours, None, person, waiting.has_words(connection, session))

    def look(self, reply: int, now: datetime) -> tuple[str | None, bool]:
        """Return the answer that another worker may have made by now, and whether it has become ours to make."""
        with self._database.transaction() as connection:
            is_ours = _claim(connection, reply, now)
            row = connection.execute(sa.select(replies).where(replies.c.id == reply)).first()
            if row is None or is_ours or row.answer is None:
                return None, is_ours
            return _give(connection, row, now), False

    def hold(self, reply: int, now: datetime) -> None:
        """Go on holding the lease."""
        mine = sa.and_(replies.c.id == reply, replies.c.answer.is_(None))
        with self._database.transaction() as connection:
            connection.execute(replies.update().where(mine).values(lease=now + LEASE))

    def finish(self, session: str, reply: int, finished: Finished, now: datetime) -> str:
        """Keep the answer; return it, or the one that another worker has kept before."""
        changing: dict[str, Any] = {
            "answer": finished.answer,
            "given": now if finished.is_given else None,
            "body": None if finished.is_given else body_as_json(finished.body),
            "pages": finished.pages.as_json() if finished.pages else None,
        }
        with self._database.transaction() as connection:
            if not connection.execute(_FINISHING, {**changing, "id_": reply}).rowcount:
                kept = connection.execute(sa.select(replies.c.answer).where(replies.c.id == reply)).scalar()
                return finished.answer if kept is None else str(kept)
            waiting.drop(connection, finished.told)
            if finished.late:
                waiting.add(connection, session, f"late-{reply}", now, finished.late)
            if finished.shown is not None:
                write_shown(connection, session, finished.shown)
        return finished.answer

    def begin(self, session: str, key: str, now: datetime) -> int:
        """Return the number of a reply that nobody asked for, by which its links can name it."""
        adding = replies.insert().values(session=session, key=key, at=now, answer="", given=now)
        with self._database.transaction() as connection:
            return int(connection.execute(adding).inserted_primary_key[0])

    def find_pages(self, session: str, reply: int) -> Pages | None:
        """Return the pages of one of the session's own replies."""
        wanted = sa.select(replies.c.pages).where(replies.c.id == reply, replies.c.session == session)
        with self._database.transaction() as connection:
            kept = connection.execute(wanted).scalar()
            return None if kept is None else Pages.from_json(kept)

    def collect(self, now: datetime) -> list[Orphan]:
        """Let answers wait that nobody came for, and return the messages that have none and are ours to answer now."""
        table = replies.c
        with self._database.transaction() as connection:
            connection.execute(nonces.delete().where(nonces.c.until < now.timestamp()))
            forgotten = sa.select(replies).where(table.given.is_(None), table.at < now - ASKED_FOR)
            orphans = []
            for row in list(connection.execute(forgotten)):
                if row.answer is None:
                    if _claim(connection, row.id, now):
                        orphans.append(Orphan(row.id, Incoming.from_kept(row.asked)))
                elif row.answer and _settle(connection, row.id, now, answer=""):
                    waiting.add(connection, row.session, f"late-{row.id}", row.at, body_from_json(row.body))
            return orphans


def about(incoming: Incoming) -> str:
    """Return what the stamp of a call that brings *incoming* is good for."""
    return f"{incoming.session} {incoming.key}"


def _use(connection: Connection, stamp: Stamp, good_for: str) -> None:
    nonce = f"{stamp.timestamp}:{stamp.nonce}"
    if connection.execute(_USING, {"nonce": nonce, "about": good_for, "until": stamp.until}).rowcount:
        return
    used = connection.execute(sa.select(nonces.c.about).where(nonces.c.nonce == nonce)).scalar()
    if used is not None and used != good_for:
        raise ForgedError("a call whose timestamp and nonce were used for another message")


def _claim(connection: Connection, reply: int, now: datetime) -> bool:
    """Take the lease on a message that nobody is answering."""
    is_free = sa.and_(replies.c.id == reply, replies.c.answer.is_(None), replies.c.lease <= now)
    return bool(connection.execute(replies.update().where(is_free).values(lease=now + LEASE)).rowcount)


def _give(connection: Connection, row: Any, now: datetime) -> str:
    """Return the answer of *row* to whoever asks for it; from then on it is given."""
    if row.given is not None or _settle(connection, row.id, now, row.answer):
        return str(row.answer)
    return str(connection.execute(sa.select(replies.c.answer).where(replies.c.id == row.id)).scalar())


def _settle(connection: Connection, reply: int, now: datetime, answer: str) -> bool:
    """Let *answer* be what is given to a message, from now on; False where that was settled by somebody else."""
    is_open = sa.and_(replies.c.id == reply, replies.c.given.is_(None))
    return bool(
        connection.execute(replies.update().where(is_open).values(given=now, answer=answer, body=None)).rowcount
    )
