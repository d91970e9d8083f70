"""Words that wait for a resident (待送达): agents', and replies that came too late to be one.

They go with the resident's next message, or before it as a customer-service message. Whoever is about to say some
holds a lease on them; one that is killed in between leaves them to the next, for words said twice do less harm than
words lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.records.database import Connection, Database, insert_into
from bot.records.tables import ticket_messages, tickets, transcripts
from bot.records.transcripts import EntryAuthor
from bot.wechat.arriving.incoming import CHANNEL
from bot.wechat.kept.people import Shown, write_shown
from bot.wechat.kept.tables import people, replies, waiting
from bot.wechat.saying.body import Body, body_as_json, body_from_json

LEASE = timedelta(seconds=30)
"""Longer than anything takes that is done under it."""


@dataclass(frozen=True)
class Waiting:
    """Something that waits. *attempts* is how often the platform did not take it."""

    id: int
    body: Body
    attempts: int = 0


_SESSION = sa.bindparam("session_")
_BROUGHT = sa.select(sa.func.coalesce(sa.func.max(people.c.brought), 0)).where(people.c.session == _SESSION)
_AT_DESK = (
    sa.select(ticket_messages.c.id)
    .join(tickets, tickets.c.number == ticket_messages.c.number)
    .where(tickets.c.session == _SESSION, ticket_messages.c.delivered.is_(False))
)
_IN_TRANSCRIPT = sa.select(transcripts.c.seq).where(
    transcripts.c.session == _SESSION,
    transcripts.c.seq > _BROUGHT.scalar_subquery(),
    transcripts.c.author == EntryAuthor.AGENT.value,
)
_HERE = sa.select(waiting.c.id).where(waiting.c.session == _SESSION)
_ANYTHING = sa.select(sa.or_(_AT_DESK.exists(), _IN_TRANSCRIPT.exists(), _HERE.exists()))

AsBody = Callable[[str | None, str], Body]
"""Says who said what, as the resident reads it."""


class WaitingStore:
    """What waits, by session, in the order in which it was said. Every method raises StoreError."""

    def __init__(self, database: Database, as_body: AsBody) -> None:
        self._database = database
        self._as_body = as_body

    def take(self, session: str, now: datetime) -> list[Waiting]:
        """Return what waits for *session* and nobody is saying, under a lease; agents' new words are among it."""
        if not self._has_any(session):
            return []
        with self._database.transaction() as connection:
            self._bring(connection, session)
            mine = sa.and_(waiting.c.session == session, _is_free(now))
            wanted = sa.select(waiting).where(mine).order_by(waiting.c.at, waiting.c.id)
            found = [Waiting(row.id, body_from_json(row.body), row.attempts) for row in connection.execute(wanted)]
            ids = waiting.c.id.in_([one.id for one in found])
            connection.execute(waiting.update().where(ids).values(lease=now + LEASE))
            return found

    def put_back(self, taken: Sequence[Waiting], again: datetime) -> None:
        """Let what the platform did not take wait, until *again* or the resident's next message."""
        mine = waiting.c.id.in_([one.id for one in taken])
        changing = {"lease": None, "again": again, "attempts": waiting.c.attempts + 1}
        with self._database.transaction() as connection:
            connection.execute(waiting.update().where(mine).values(**changing))

    def told(self, session: str, taken: Sequence[Waiting], reply: int, pages: str, shown: Shown, now: datetime) -> None:
        """Note that what was taken has reached the resident, as *reply* with its *pages*."""
        with self._database.transaction() as connection:
            drop(connection, taken)
            changing = {"answer": "", "given": now, "pages": pages}
            connection.execute(replies.update().where(replies.c.id == reply).values(**changing))
            write_shown(connection, session, shown)

    def count(self, session: str) -> int:
        """Return how many of the words that wait for *session* are on their way."""
        with self._database.transaction() as connection:
            wanted = sa.select(sa.func.count()).select_from(waiting).where(waiting.c.session == session)
            return int(connection.execute(wanted).scalar() or 0)

    def sessions_to_serve(self, now: datetime) -> list[str]:
        """Return for whom something waits that may be written now, whichever process it was said in."""
        table = people.c
        may_write = sa.and_(
            table.gone.is_(None),
            sa.or_(
                sa.and_(table.words_left > 0, table.words_until > now),
                sa.and_(table.act_left > 0, table.act_until > now),
            ),
        )
        said = (
            sa.select(tickets.c.session)
            .join(ticket_messages, ticket_messages.c.number == tickets.c.number)
            .where(tickets.c.channel == CHANNEL, ticket_messages.c.delivered.is_(False))
        )
        late = sa.select(waiting.c.session)
        held = sa.select(waiting.c.session).where(sa.or_(waiting.c.lease > now, waiting.c.again > now))
        wanted = sa.select(table.session).where(
            may_write, sa.or_(table.session.in_(said), table.session.in_(late)), table.session.notin_(held)
        )
        with self._database.transaction() as connection:
            return [row.session for row in connection.execute(wanted)]

    def _has_any(self, session: str) -> bool:
        with self._database.transaction() as connection:
            return has_words(connection, session)

    def _bring(self, connection: Connection, session: str) -> None:
        """Let agents' words wait that came into the transcript since the last time, each once."""
        of_session = people.c.session == session
        # Writing first takes the pen: what is read next nobody else changes.
        connection.execute(people.update().where(of_session).values(session=session))
        brought = connection.execute(sa.select(people.c.brought).where(of_session)).scalar() or 0
        for row in list(connection.execute(_agents_words(session, brought))):
            add(connection, session, f"agent-{row.seq}", row.at, self._as_body(row.name, row.text))
            brought = row.seq
        connection.execute(people.update().where(of_session).values(brought=brought))


def add(connection: Connection, session: str, key: str, at: datetime, body: Body) -> None:
    """Let *body* wait; what has that *key* already is not added again."""
    adding = insert_into(connection, waiting).values(session=session, key=key, at=at, body=body_as_json(body))
    connection.execute(adding.on_conflict_do_nothing())


def drop(connection: Connection, taken: Sequence[Waiting]) -> None:
    """Forget what has reached the resident."""
    if taken:
        connection.execute(waiting.delete().where(waiting.c.id.in_([one.id for one in taken])))


def has_words(connection: Connection, session: str) -> bool:
    """Tell whether anything waits for *session*, at the desk, in the transcript or here."""
    return bool(connection.execute(_ANYTHING, {"session_": session}).scalar())


def _is_free(now: datetime) -> sa.sql.ColumnElement:
    return sa.or_(waiting.c.lease.is_(None), waiting.c.lease <= now)


def _agents_words(session: str, after: int) -> sa.sql.Select:
    table = transcripts.c
    return (
        sa.select(table.seq, table.at, table.name, table.text)
        .where(table.session == session, table.seq > after, table.author == EntryAuthor.AGENT.value)
        .order_by(table.seq)
    )
