"""The tables of the channel. Texts are residents' and agents' words: they are forgotten with the conversation.

What every message does is written here as SQL that both databases know: SQLAlchemy makes an insertion with ON CONFLICT
anew each time, which costs more than the database does.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from bot.records.tables import Moment, Words

tables = sa.MetaData()

replies = sa.Table(
    "wechat_replies", tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("session", sa.Text, nullable=False),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("asked", Words),
    sa.Column("lease", Moment),
    sa.Column("answer", Words),
    sa.Column("given", Moment, index=True),
    sa.Column("body", sa.Text),
    sa.Column("pages", sa.Text),
    sa.UniqueConstraint("session", "key"),
    sqlite_autoincrement=True,  # a link of an erased conversation must not lead into another
)  # fmt: skip

nonces = sa.Table(
    "wechat_nonces", tables,
    sa.Column("nonce", sa.String(80), primary_key=True),
    sa.Column("about", sa.String(140), nullable=False),
    sa.Column("until", sa.Integer, nullable=False, index=True),
)  # fmt: skip

people = sa.Table(
    "wechat_people", tables,
    sa.Column("session", sa.Text, primary_key=True),
    sa.Column("seen", Moment, nullable=False, index=True),
    sa.Column("words_left", sa.Integer, nullable=False, server_default="0"),
    sa.Column("words_until", Moment),
    sa.Column("act_left", sa.Integer, nullable=False, server_default="0"),
    sa.Column("act_until", Moment),
    sa.Column("gone", Moment),
    sa.Column("trouble", sa.String(20)),
    sa.Column("brought", sa.Integer, nullable=False, server_default="0"),
    sa.Column("paged", sa.Integer),
    sa.Column("page", sa.Integer),
    sa.Column("offered", sa.Integer),
    sa.Column("numbers", sa.String(10)),
)  # fmt: skip

waiting = sa.Table(
    "wechat_waiting", tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("session", sa.Text, nullable=False, index=True),
    sa.Column("key", sa.String(80), nullable=False),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("lease", Moment),
    sa.Column("again", Moment),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.UniqueConstraint("session", "key"),
)  # fmt: skip

tokens = sa.Table(
    "wechat_tokens", tables,
    sa.Column("app_id", sa.String(40), primary_key=True),
    sa.Column("token", sa.Text),
    sa.Column("expires", Moment),
    sa.Column("refresher", sa.String(40)),
    sa.Column("lease", Moment),
)  # fmt: skip


def insert_new(table: sa.Table, *columns: str) -> sa.sql.Executable:
    """Return what adds a row of *columns*, unless there is one that it would be in conflict with."""
    return _insertion(table, columns, "DO NOTHING")


def insert_or_change(table: sa.Table, key: str, *columns: str) -> sa.sql.Executable:
    """Return what adds a row of *key* and *columns*, or changes the *columns* of the one that has the key."""
    changes = ", ".join(f"{column} = excluded.{column}" for column in columns)
    return _insertion(table, (key, *columns), f"({key}) DO UPDATE SET {changes}")


def _insertion(table: sa.Table, columns: Sequence[str], conflict: str) -> sa.sql.Executable:
    names, values = ", ".join(columns), ", ".join(f":{column}" for column in columns)
    typed = [sa.bindparam(column, type_=table.c[column].type) for column in columns]
    return sa.text(f"INSERT INTO {table.name} ({names}) VALUES ({values}) ON CONFLICT {conflict}").bindparams(*typed)
