"""Every table that the service writes while it serves, and how moments and texts are kept in them."""

from __future__ import annotations

from datetime import datetime, timezone

import sqlalchemy as sa


class Moment(sa.types.TypeDecorator):  # type: ignore[misc]  # SQLAlchemy 1.4 ships no types
    """A moment, kept in UTC since SQLite knows no zones; one that names no zone is refused."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: object) -> datetime | None:
        """Return *value* in UTC, as the database keeps it."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime with its zone is expected")
        return value.astimezone(timezone.utc).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: object) -> datetime | None:
        """Inverse of process_bind_param."""
        return None if value is None else value.replace(tzinfo=timezone.utc)


class Words(sa.types.TypeDecorator):  # type: ignore[misc]  # SQLAlchemy 1.4 ships no types
    """A text as somebody typed it; of what no database keeps, half a character becomes "?", a zero byte nothing."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: object) -> str | None:
        """Return *value* as both databases can keep it."""
        return None if value is None else value.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


metadata = sa.MetaData()

conversations = sa.Table(
    "conversations", metadata,
    sa.Column("session", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("saved", Moment, nullable=False, index=True),
)  # fmt: skip

transcripts = sa.Table(
    "transcripts", metadata,
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("session", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("author", sa.String(20), nullable=False),
    sa.Column("name", Words),
    sa.Column("message_id", sa.String(64)),
    sa.Column("text", Words, nullable=False),
    sa.Column("turn", sa.Text),
    sqlite_autoincrement=True,  # a number never comes back: who has read up to one asks for those behind it
)  # fmt: skip
sa.Index("transcripts_by_session", transcripts.c.session, transcripts.c.seq)

outcomes = sa.Table(
    "outcomes", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("session", sa.String(64), nullable=False, index=True),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("outcome", sa.String(20), nullable=False),
    sa.Column("decision", sa.String(20), nullable=False),
    sa.Column("items", sa.Text, nullable=False),
    sa.Column("facets", sa.Text, nullable=False),
    sa.Column("edition", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
)  # fmt: skip

secrets = sa.Table(
    "secrets", metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("value", sa.String(64), nullable=False),
)  # fmt: skip

tickets = sa.Table(
    "tickets", metadata,
    sa.Column("number", sa.String(20), primary_key=True),
    sa.Column("session", sa.Text, nullable=False, index=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("reason", sa.String(20), nullable=False),
    sa.Column("state", sa.String(20), nullable=False, index=True),
    sa.Column("opened", Moment, nullable=False),
    sa.Column("summary", Words, nullable=False),
    sa.Column("agent", Words),
    sa.Column("taken", Moment),
    sa.Column("closed", Moment, index=True),
    sa.Column("contact", Words),
    sa.Column("consented", Moment),
    sa.Column("outcome", Words),
)  # fmt: skip
sa.Index(
    "one_open_ticket_a_session",
    tickets.c.session,
    unique=True,
    sqlite_where=tickets.c.closed.is_(None),
    postgresql_where=tickets.c.closed.is_(None),
)

ticket_messages = sa.Table(
    "ticket_messages", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("number", sa.ForeignKey("tickets.number", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("author", sa.String(20), nullable=False),
    sa.Column("name", Words),
    sa.Column("text", Words, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("delivered", sa.Boolean, nullable=False),
    sqlite_autoincrement=True,  # an id never comes back: whoever delivers a message names it by its id
)  # fmt: skip

ticket_days = sa.Table(
    "ticket_days", metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("last", sa.Integer, nullable=False),
)  # fmt: skip

agents = sa.Table(
    "agents", metadata,
    sa.Column("name", Words, primary_key=True),
    sa.Column("seen", Moment, nullable=False),
)  # fmt: skip
