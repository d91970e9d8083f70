"""The database that the stores of a process share: SQLite or PostgreSQL, transactions whole, one kind of error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.schema import CreateIndex, CreateTable

from bot.records.tables import metadata
from knowledge.store import StoreError, open_engine

_MAKING_TABLES = 1126
"""PostgreSQL's lock under which tables are made; any number would do."""


class Database:
    """The service's tables at one URL; the process that starts opens it, any number of threads use it.

    A commit waits for no disk: when the power fails, SQLite is whole but may lack the last turns.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        # SQLite empties its log, and waits for the disk, whenever the last connection is closed; this one stays.
        self._kept: Connection | None = None

    @classmethod
    def open(cls, url: str) -> Database:
        """Open the database at *url*, its tables made where they are missing. Raises StoreError."""
        engine = open_engine(url)
        # What residents wrote must not get into a log by way of an error's statement.
        engine.hide_parameters = True
        if engine.dialect.name == "sqlite":
            sa.event.listen(engine, "do_connect", _for_any_thread)
            sa.event.listen(engine, "connect", _prepare_sqlite)
        database = cls(engine)
        database.make(metadata)
        if engine.dialect.name == "sqlite":
            database._kept = engine.connect()
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
        if self._kept is not None:
            self._kept.close()
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


def _for_any_thread(_dialect: Any, _record: Any, _arguments: Any, options: dict[str, Any]) -> None:
    # Only the connection that is kept lives longer than a block, and it does nothing but be closed.
    options["check_same_thread"] = False


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("synchronous=NORMAL", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _reason(error: Exception) -> str:
    return str(getattr(error, "orig", error)).splitlines()[0]
