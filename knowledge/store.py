"""The knowledge base in a database: each edition whole, one of them current; every change is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url

from knowledge import rows
from knowledge.editions import KEPT_EDITIONS, Change, Deed, Edition, EditionError, Shelf, State
from knowledge.model import KnowledgeBase

__all__ = ["KEPT_EDITIONS", "KnowledgeStore", "StoreError", "open_engine"]


class StoreError(Exception):
    """The database cannot be used, or holds no knowledge base; the message says what to do."""


def _utc_now() -> datetime:
    return datetime.now(timezone.utc)


class KnowledgeStore:
    """Editions of the knowledge base in one database (SQLite or PostgreSQL, by its URL)."""

    def __init__(self, url: str, now: Callable[[], datetime] = _utc_now) -> None:
        self._engine = open_engine(url)
        self._now = now

    # ------------------------------------------------------------ what there is

    def current_inputs(self) -> str | None:
        """Return the digest of all that the current edition was made from; None without one.

        Equal digests are equal bases, so whoever keeps a base in memory sees by it when another is in force.
        """
        with self._reading() as connection:
            return rows.read_inputs(connection) if connection is not None else None

    def load(self, edition: int | None = None) -> KnowledgeBase:
        """Return the current edition, or the one of that id. Raises StoreError where it is not there or unreadable."""
        with self._reading() as connection:
            try:
                base = rows.find_base(connection, edition) if connection is not None else None
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                # Stored by another version of the reader, whose values look different.
                raise StoreError(f"知识库里存的内容读不懂（{type(error).__name__}），请重新生成") from error
        if base is None:
            raise StoreError("数据库里还没有知识库，请先运行 python -m knowledge build")
        return base

    def shelf(self) -> Shelf:
        """Return all editions and what was done with them; empty in a new database."""
        with self._reading() as connection:
            return rows.read_shelf(connection) if connection is not None else Shelf((), ())

    def text(self, edition: int) -> bytes | None:
        """Return the guide's own bytes of an edition; None where a database older than uploads has none."""
        with self._reading() as connection:
            if connection is None or not sa.inspect(connection).has_table(rows.edition_texts.name):
                return None
            return rows.find_text(connection, edition)

    # ------------------------------------------------------------ what is done

    def save(self, base: KnowledgeBase, inputs: str, text: bytes | None = None, by: str = "") -> int:
        """Make *base* the current edition in one transaction: readers see the old one whole or the new one whole."""
        with self._writing() as connection:
            id_ = rows.insert_edition(connection, base, inputs, text)
            rows.put_in_force(connection, id_)
            self._note(connection, Deed.BUILT, id_, base.document.sha256, by)
            rows.delete_editions(connection, rows.read_shelf(connection).outlived())
            return id_

    def save_draft(self, base: KnowledgeBase, inputs: str, text: bytes, by: str) -> int:
        """Keep *base* as a draft, which answers nobody; return its id. A draft of the same inputs is that draft."""
        with self._writing() as connection:
            for edition in rows.read_shelf(connection):
                if edition.state is State.DRAFT and edition.inputs == inputs:
                    return edition.id
            id_ = rows.insert_edition(connection, base, inputs, text)
            self._note(connection, Deed.UPLOADED, id_, base.document.sha256, by)
            rows.delete_editions(connection, rows.read_shelf(connection).outlived())
            return id_

    def reread(self, edition: int, base: KnowledgeBase, inputs: str, text: bytes) -> None:
        """Put another reading of an edition's own text in its place; what is in force stays in force."""
        with self._writing() as connection:
            rows.read_shelf(connection).edition(edition)
            rows.rewrite_edition(connection, edition, base, inputs)
            rows.keep_text(connection, edition, text)

    def switch(self, edition: int, by: str) -> Edition:
        """Put an edition in force; the one that is stays so. Raises EditionError where it is not kept."""
        with self._writing() as connection:
            return self._put_in_force(connection, rows.read_shelf(connection).edition(edition), Deed.SWITCHED, by)

    def roll_back(self, by: str, leaving: int | None = None) -> Edition:
        """Put the edition before in force. Raises EditionError where there is none.

        *leaving* is the edition that whoever asks saw in force: if it no longer is, somebody was quicker, and nothing
        is done.
        """
        with self._writing() as connection:
            shelf = rows.read_shelf(connection)
            if leaving is not None and (shelf.current is None or shelf.current.id != leaving):
                raise EditionError("moved_on", "使用中的版本刚刚换过了，请刷新后再看要不要回退")
            if shelf.previous is None:
                raise EditionError("no_way_back", "没有可以回退的版本")
            return self._put_in_force(connection, shelf.previous, Deed.ROLLED_BACK, by)

    def discard(self, edition: int, by: str) -> None:
        """Delete a draft. Raises EditionError for any other edition."""
        with self._writing() as connection:
            found = rows.read_shelf(connection).edition(edition)
            if found.state is not State.DRAFT:
                raise EditionError("not_a_draft", f"版本 {edition} 用过，不是草稿，不能删除")
            rows.delete_editions(connection, [edition])
            self._note(connection, Deed.DISCARDED, edition, found.document.sha256, by)

    def _put_in_force(self, connection: Connection, edition: Edition, deed: Deed, by: str) -> Edition:
        if edition.state is not State.CURRENT:
            rows.put_in_force(connection, edition.id)
            self._note(connection, deed, edition.id, edition.document.sha256, by)
            rows.delete_editions(connection, rows.read_shelf(connection).outlived())
        return rows.read_shelf(connection).edition(edition.id)

    def _note(self, connection: Connection, deed: Deed, edition: int, sha256: str, by: str) -> None:
        rows.insert_change(connection, Change(self._now(), by, deed, edition, sha256))

    # ------------------------------------------------------------ transactions

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """Open one transaction, alone with the pen; tables that are missing, in an older database as well, are made."""
        try:
            rows.metadata.create_all(self._engine)
            with self._engine.begin() as connection:
                _lock_for_writing(connection)
                yield connection
        except sa.exc.SQLAlchemyError as error:
            raise StoreError(f"知识库写不进去：{_reason(error)}") from error

    @contextmanager
    def _reading(self) -> Iterator[Connection | None]:
        """Open one snapshot for reading; None where the tables were never made."""
        try:
            with self._engine.begin() as connection:
                _take_snapshot(connection)
                yield connection if sa.inspect(connection).has_table("editions") else None
        except sa.exc.SQLAlchemyError as error:
            raise StoreError(f"数据库打不开：{_reason(error)}") from error


def open_engine(url: str, **options: Any) -> Engine:
    """Return an engine for *url*; for SQLite with its folder made and readers not blocked by a writer.

    *options* are those of SQLAlchemy's create_engine.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(parsed, future=True, **options)
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError, OSError) as error:
        # A password may stand behind the scheme: neither it nor the library's words are repeated.
        shown = url.split("://", 1)[0] + "://…" if "://" in url else url
        raise StoreError(f"DATABASE_URL 不能用（{shown}）：{type(error).__name__}") from error
    if parsed.get_backend_name() == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transaction handling would commit DDL early and start reads without a snapshot.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("busy_timeout=10000", "journal_mode=WAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _lock_for_writing(connection: Connection) -> None:
    """Let one writer in at a time; readers go on with the edition before."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE editions IN SHARE ROW EXCLUSIVE MODE")
    elif connection.dialect.name == "sqlite":
        # A first write of no effect takes the lock now and waits for it; a later one would fail instead of waiting.
        connection.execute(rows.editions.delete().where(rows.editions.c.id < 0))


def _take_snapshot(connection: Connection) -> None:
    """Make all reads of the transaction see one state; SQLite's do so by themselves."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


def _reason(error: Exception) -> str:
    return str(getattr(error, "orig", error)).splitlines()[0]
