"""The tables of the office's people: accounts, open sessions, what was done."""

from __future__ import annotations

import sqlalchemy as sa

from bot.records.tables import Moment, Words

metadata = sa.MetaData()

accounts = sa.Table(
    "staff_accounts", metadata,
    sa.Column("key", Words, primary_key=True),
    sa.Column("name", Words, nullable=False),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("password", sa.Text, nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False),
    sa.Column("created", Moment, nullable=False),
)  # fmt: skip

sessions = sa.Table(
    "staff_sessions", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("token", sa.String(64), nullable=False, unique=True),
    sa.Column("key", sa.ForeignKey("staff_accounts.key", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("opened", Moment, nullable=False),
    sa.Column("seen", Moment, nullable=False),
    sa.Column("address", sa.String(64)),
    sa.Column("browser", Words),
    sqlite_autoincrement=True,  # an id never comes back: an open page names its session by it
)  # fmt: skip

audit = sa.Table(
    "staff_audit", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("who", Words),
    sa.Column("what", sa.String(40), nullable=False),
    sa.Column("about", Words),
    sa.Column("address", sa.String(64)),
    sqlite_autoincrement=True,
)  # fmt: skip
