"""The tables of the review: doubtful messages, what editors said of them, and how far the transcripts were read."""

from __future__ import annotations

import sqlalchemy as sa

from bot.records.tables import Moment, Words

tables = sa.MetaData()

review_messages = sa.Table(
    "review_messages", tables,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("session", sa.String(64), nullable=False, index=True),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("key", sa.String(32), nullable=False, index=True),
    sa.Column("text", Words, nullable=False),
    sa.Column("doubt", sa.String(20)),
    sa.Column("thumb_reason", sa.String(20)),
    sa.Column("decision", sa.String(20), nullable=False),
    sa.Column("understood", sa.Text, nullable=False),
    sa.Column("facets", sa.Text, nullable=False),
)  # fmt: skip
"""*seq* is the number of the bot's entry. *thumb_reason* is "" for a thumb that went down without one."""

review_verdicts = sa.Table(
    "review_verdicts", tables,
    sa.Column("key", sa.String(32), primary_key=True),
    sa.Column("editor", Words, primary_key=True),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("meaning", sa.Text, nullable=False),
)  # fmt: skip
"""*meaning* is the verdict without its text, written in one form: two editors who differ have two of them."""

review_marks = sa.Table(
    "review_marks", tables,
    sa.Column("name", sa.String(20), primary_key=True),
    sa.Column("value", sa.Integer, nullable=False),
)  # fmt: skip
