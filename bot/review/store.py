"""The review's queue (复核): doubtful messages with the same words together, and what editors said of them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa

from bot.records import feedback
from bot.records.database import Connection, Database, insert_into
from bot.records.pseudonyms import Pseudonyms
from bot.review.doubts import Doubt
from bot.review.harvest import harvest
from bot.review.tables import review_messages, review_verdicts, tables
from bot.review.verdict import Verdict


class NoSuchMessageError(Exception):
    """No message of the queue has these words any more."""


class Shelf(str, Enum):
    """Which messages of the queue are shown."""

    OPEN = "open"
    """Nobody has said anything of them."""
    DIFFER = "differ"
    """Editors do not say the same."""
    DONE = "done"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Judged:
    """What one editor says, and when."""

    editor: str
    at: datetime
    verdict: Verdict


@dataclass(frozen=True)
class Message:
    """Messages with the same words: how many of how many residents, why they are doubtful, what was understood.

    *text*, *decision*, *items* and *facets* are those of the newest one. *newest* is its number: a page goes on from
    there.
    """

    key: str
    text: str
    newest: int
    at: datetime
    count: int
    sessions: int
    doubts: tuple[Doubt, ...]
    thumb_reasons: tuple[str, ...]
    decision: str
    items: tuple[tuple[str, float], ...]
    facets: tuple[str, ...]
    verdicts: tuple[Judged, ...]


class ReviewStore:
    """Doubtful messages by the words that they share. Every method raises StoreError.

    Messages are texts and are forgotten with conversations; what an editor has made of one stays until it is taken
    back, or its resident has the session erased while the message is still known.
    """

    def __init__(self, database: Database) -> None:
        database.make(tables)
        database.make(feedback.tables)
        self._database = database
        self._pseudonyms = Pseudonyms(database, "review")

    # ------------------------------------------------------------ the queue

    def harvest(self) -> None:
        """Take up what became doubtful since the last time."""
        harvest(self._database, self._pseudonyms)

    def read(
        self, shelf: Shelf, doubt: Doubt | None = None, before: int | None = None, limit: int = 30
    ) -> list[Message]:
        """Return *limit* messages of a shelf at most, newest first, those before number *before* only."""
        table = review_messages.c
        newest = sa.func.max(table.seq)
        wanted = sa.select(table.key).group_by(table.key).order_by(newest.desc()).limit(limit)
        if doubt is not None:
            wanted = wanted.where(table.key.in_(_doubted(doubt)))
        if before is not None:
            wanted = wanted.having(newest < before)
        with self._database.transaction() as connection:
            keys = [row.key for row in connection.execute(wanted.where(_on_shelf(shelf, table.key)))]
            return _messages(connection, keys)

    def counts(self) -> Mapping[Shelf, int]:
        """Return how many messages there are on each shelf."""
        distinct = sa.func.count(sa.distinct(review_messages.c.key))
        with self._database.transaction() as connection:
            return {
                shelf: int(
                    connection.execute(sa.select(distinct).where(_on_shelf(shelf, review_messages.c.key))).scalar() or 0
                )
                for shelf in Shelf
            }

    def find(self, key: str) -> Message:
        """Return the message of that key. Raises NoSuchMessageError."""
        with self._database.transaction() as connection:
            for message in _messages(connection, [key]):
                return message
        raise NoSuchMessageError(key)

    def asked(self, doubt: Doubt, begin: datetime, end: datetime) -> list[tuple[str, str]]:
        """Return text and pseudonym of the messages of a time that are doubtful for one reason, newest first."""
        table = review_messages.c
        wanted = sa.select(table.text, table.session).where(
            table.doubt == doubt.value, table.at >= begin, table.at < end
        )
        with self._database.transaction() as connection:
            return [(row.text, row.session) for row in connection.execute(wanted.order_by(table.seq.desc()))]

    # ------------------------------------------------------------ verdicts

    def judge(self, key: str, editor: str, verdict: Verdict, at: datetime) -> Message:
        """Keep what an editor says, in the place of what they said before. Raises NoSuchMessageError."""
        self.find(key)
        values = {"at": at, "verdict": verdict.as_record(), "meaning": verdict.meaning.as_record()}
        with self._database.transaction() as connection:
            judging = insert_into(connection, review_verdicts).values(key=key, editor=editor, **values)
            connection.execute(judging.on_conflict_do_update(index_elements=["key", "editor"], set_=values))
        return self.find(key)

    def take_back(self, key: str, editor: str) -> None:
        """Forget what an editor said of a message."""
        table = review_verdicts.c
        with self._database.transaction() as connection:
            connection.execute(review_verdicts.delete().where(table.key == key, table.editor == editor))

    def settled(self) -> list[Verdict]:
        """Return what all who spoke of a message say alike, each message once; of texts the newest."""
        ordered = sa.select(review_verdicts).order_by(review_verdicts.c.at, review_verdicts.c.key)
        by_key: defaultdict[str, list[Verdict]] = defaultdict(list)
        with self._database.transaction() as connection:
            for row in connection.execute(ordered):
                by_key[row.key].append(Verdict.from_record(row.verdict))
        return [verdicts[-1] for verdicts in by_key.values() if len({verdict.meaning for verdict in verdicts}) == 1]

    # ------------------------------------------------------------ forgetting

    def erase(self, session: str) -> None:
        """Forget a session at the resident's request, and verdicts on words that nobody else has used."""
        pseudonym = self._pseudonyms.of(session)
        table = review_messages.c
        with self._database.transaction() as connection:
            connection.execute(review_messages.update().where(table.session == pseudonym).values(session=pseudonym))
            keys = [row.key for row in connection.execute(sa.select(table.key).where(table.session == pseudonym))]
            connection.execute(review_messages.delete().where(table.session == pseudonym))
            left = {row.key for row in connection.execute(sa.select(table.key).where(table.key.in_(keys)))}
            gone = [key for key in keys if key not in left]
            connection.execute(review_verdicts.delete().where(review_verdicts.c.key.in_(gone)))

    def prune(self, before: datetime) -> int:
        """Forget the messages from before *before*; return how many."""
        with self._database.transaction() as connection:
            return int(connection.execute(review_messages.delete().where(review_messages.c.at < before)).rowcount)


def _doubted(doubt: Doubt) -> Any:
    table = review_messages.c
    is_meant = table.thumb_reason.isnot(None) if doubt is Doubt.THUMB_DOWN else table.doubt == doubt.value
    return sa.select(table.key).where(is_meant)


def _on_shelf(shelf: Shelf, key: Any) -> Any:
    table = review_verdicts.c
    judged = sa.select(table.key)
    one, other = review_verdicts.alias().c, review_verdicts.alias().c
    differing = sa.select(one.key).where(one.key == other.key, one.editor < other.editor, one.meaning != other.meaning)
    if shelf is Shelf.OPEN:
        return key.notin_(judged)
    if shelf is Shelf.DIFFER:
        return key.in_(differing)
    return sa.and_(key.in_(judged), key.notin_(differing))


def _messages(connection: Connection, keys: Sequence[str]) -> list[Message]:
    """Return the messages of *keys*, in their order; of a key that nothing is known of, none."""
    table = review_messages.c
    rows: defaultdict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(sa.select(review_messages).where(table.key.in_(keys)).order_by(table.seq)):
        rows[row.key].append(row)
    judged = _judged(connection, keys)
    return [_message(key, rows[key], judged.get(key, ())) for key in keys if rows.get(key)]


def _judged(connection: Connection, keys: Iterable[str]) -> Mapping[str, tuple[Judged, ...]]:
    wanted = (
        sa.select(review_verdicts)
        .where(review_verdicts.c.key.in_(list(keys)))
        .order_by(review_verdicts.c.at, review_verdicts.c.editor)
    )
    found: defaultdict[str, list[Judged]] = defaultdict(list)
    for row in connection.execute(wanted):
        found[row.key].append(Judged(row.editor, row.at, Verdict.from_record(row.verdict)))
    return {key: tuple(judged) for key, judged in found.items()}


def _message(key: str, rows: Sequence[Any], verdicts: tuple[Judged, ...]) -> Message:
    newest = rows[-1]
    doubts = {Doubt(row.doubt) for row in rows if row.doubt}
    if any(row.thumb_reason is not None for row in rows):
        doubts.add(Doubt.THUMB_DOWN)
    return Message(
        key=key,
        text=newest.text,
        newest=newest.seq,
        at=newest.at,
        count=len(rows),
        sessions=len({row.session for row in rows}),
        doubts=tuple(doubt for doubt in Doubt if doubt in doubts),
        thumb_reasons=tuple(sorted({row.thumb_reason for row in rows if row.thumb_reason})),
        decision=newest.decision,
        items=tuple((id_, confidence) for id_, confidence in json.loads(newest.understood)),
        facets=tuple(json.loads(newest.facets)),
        verdicts=verdicts,
    )
