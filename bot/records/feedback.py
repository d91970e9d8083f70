"""What residents think of the bot's replies (评价): a thumb for each, a reason and a comment where they give one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import sqlalchemy as sa

from bot.query import Decision
from bot.records.database import Database, insert_into
from bot.records.pseudonyms import Pseudonyms
from bot.records.tables import Moment, Words


class Thumb(str, Enum):
    """Whether the reply was of use."""

    UP = "up"
    DOWN = "down"

    def __str__(self) -> str:
        return self.value


class FeedbackReason(str, Enum):
    """What is wrong with a reply."""

    WRONG_ITEM = "wrong_item"
    INCOMPLETE = "incomplete"
    UNCLEAR = "unclear"
    NOT_FOUND = "not_found"
    OTHER = "other"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Feedback:
    """What a resident thinks of one reply, and what the reply was about: its own text is not kept here.

    *seq* is the number of the reply's entry. *session* is what the service calls the conversation when feedback is
    given, and a keyed hash when it is read. Whoever hands in a *comment* has masked personal numbers in it.
    """

    session: str
    seq: int
    at: datetime
    thumb: Thumb
    reason: FeedbackReason | None
    comment: str | None
    decision: Decision
    items: tuple[str, ...]
    facets: tuple[str, ...]


tables = sa.MetaData()

feedback = sa.Table(
    "feedback", tables,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("session", sa.String(64), nullable=False, index=True),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("thumb", sa.String(10), nullable=False),
    sa.Column("reason", sa.String(20)),
    sa.Column("comment", Words),
    sa.Column("decision", sa.String(20), nullable=False),
    sa.Column("items", sa.Text, nullable=False),
    sa.Column("facets", sa.Text, nullable=False),
)  # fmt: skip


class FeedbackStore:
    """Feedback by the number of the reply's entry, which no two replies share."""

    def __init__(self, database: Database, figures_longer: timedelta = timedelta(0)) -> None:
        """*figures_longer* is how long a thumb is kept after its comment is forgotten, which counts as a text."""
        database.make(tables)
        self._database = database
        self._figures_longer = figures_longer
        self._pseudonyms = Pseudonyms(database, "feedback")

    def give(self, given: Feedback) -> None:
        """Keep *given* in the place of what was thought of the same reply before."""
        changing = {
            "session": self._pseudonyms.of(given.session),
            "at": given.at,
            "thumb": given.thumb.value,
            "reason": given.reason.value if given.reason else None,
            "comment": given.comment,
            "decision": given.decision.value,
            "items": json.dumps(given.items),
            "facets": json.dumps(given.facets),
        }
        with self._database.transaction() as connection:
            connection.execute(
                insert_into(connection, feedback)
                .values(seq=given.seq, **changing)
                .on_conflict_do_update(index_elements=["seq"], set_=changing)
            )

    def read(self, since: datetime) -> list[Feedback]:
        """Return what was given from *since* on, oldest first."""
        wanted = sa.select(feedback).where(feedback.c.at >= since).order_by(feedback.c.at, feedback.c.seq)
        with self._database.transaction() as connection:
            return [_feedback_of(row) for row in connection.execute(wanted)]

    def erase(self, session: str) -> None:
        """Forget a session at the resident's request."""
        hashed = self._pseudonyms.of(session)
        with self._database.transaction() as connection:
            connection.execute(feedback.delete().where(feedback.c.session == hashed))

    def prune(self, before: datetime) -> int:
        """Forget the comments from before *before*, and thumbs that are older still; return how many of both."""
        old = feedback.c.at < before - self._figures_longer
        spoken = sa.and_(feedback.c.at < before, feedback.c.comment.isnot(None))
        with self._database.transaction() as connection:
            gone = connection.execute(feedback.delete().where(old)).rowcount
            return int(gone + connection.execute(feedback.update().where(spoken).values(comment=None)).rowcount)


def _feedback_of(row: Any) -> Feedback:
    return Feedback(
        session=row.session,
        seq=row.seq,
        at=row.at,
        thumb=Thumb(row.thumb),
        reason=FeedbackReason(row.reason) if row.reason else None,
        comment=row.comment,
        decision=Decision(row.decision),
        items=tuple(json.loads(row.items)),
        facets=tuple(json.loads(row.facets)),
    )
