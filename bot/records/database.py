"""The database that the stores of a process share: SQLite or PostgreSQL, transactions whole, one kind of error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import QueuePool
from sqlalchemy.schema import CreateIndex, CreateTable

from bot.records.tables import metadata
from knowledge.store import StoreError, open_engine

IDLE, BUSY = 16, 64
"""Connections kept open, and at most at once."""

__all__ = ["Connection", "Database", "insert_into"]

_MAKING_TABLES = 1126
"""PostgreSQL's lock under which tables are made; any number would do."""


class Database:
    """The service's tables at one URL; the process that starts opens it, any number of threads use it.

    A commit waits for no disk: when the power fails, SQLite is whole but may lack the last turns.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def open(cls, url: str) -> Database:
        """Open the database at *url*, its tables made where they are missing. Raises StoreError."""
        # SQLAlchemy opens SQLite anew for every block; a pool saves a tenth of a turn.
        engine = open_engine(url, poolclass=QueuePool, pool_size=IDLE, max_overflow=BUSY - IDLE)
        # What residents wrote must not get into a log by way of an error's statement.
        engine.hide_parameters = True
        if engine.dialect.name == "sqlite":
            sa.event.listen(engine, "do_connect", _for_any_thread)
            sa.event.listen(engine, "connect", _prepare_sqlite)
            _notice_another_file(engine)
        database = cls(engine)
        database.make(metadata)
        return database

    def make(self, tables: sa.MetaData) -> None:
        """Make those of *tables* that are missing: each part of the service brings its own. Raises StoreError."""
        with self.transaction() as connection:
            _make_tables(connection, tables)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Open one transaction, taken back if the block raises. Raises StoreError where the database fails.

        On SQLite one that begins to read and then writes may fail instead of waiting for its turn: write first.
        """
        try:
            with self.engine.begin() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            raise StoreError(f"数据库用不了：{_reason(error)}") from error

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def insert_into(connection: Connection, table: sa.Table) -> Any:
    """Return an INSERT that can say what happens on a conflict: both databases can, each in a class of its own."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


def _make_tables(connection: Connection, tables: sa.MetaData) -> None:
    """Make what is missing; processes that start together do not disturb each other."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MAKING_TABLES)))
    for table in tables.sorted_tables:
        connection.execute(CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            connection.execute(CreateIndex(index, if_not_exists=True))


def _notice_another_file(engine: Engine) -> None:
    """Open a file anew that was put in the place of the one before: its connections would go on in the old one."""

    def remember(_connection: Any, record: Any) -> None:
        record.info["file"] = _identity(engine.url.database)

    def compare(_connection: Any, record: Any, _proxy: Any) -> None:
        if record.info["file"] != _identity(engine.url.database):
            raise sa.exc.DisconnectionError("another file")  # the pool's word for: make a new connection

    sa.event.listen(engine, "connect", remember)
    sa.event.listen(engine, "checkout", compare)


def _identity(path: str | None) -> tuple[int, int] | None:
    """Return what tells a file apart from one of the same name; None where there is none."""
    try:
        status = Path(path or "").stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _for_any_thread(_dialect: Any, _record: Any, _arguments: Any, options: dict[str, Any]) -> None:
    # The pool hands a connection to one thread at a time.
    options["check_same_thread"] = False


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("synchronous=NORMAL", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _reason(error: Exception) -> str:
    return str(getattr(error, "orig", error)).splitlines()[0]
