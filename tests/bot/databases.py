"""Databases for tests: SQLite in a folder of the test, PostgreSQL in a schema of its own; and a look inside.

PostgreSQL takes part where TEST_DATABASE_URL names one; each test that asks for a database then runs on both.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

SERVER = os.environ.get("TEST_DATABASE_URL", "")
KINDS = ["sqlite", "postgresql"] if SERVER else ["sqlite"]


@contextmanager
def new_database(kind: str, folder: Path) -> Iterator[str]:
    """Give the URL of an empty database, which is gone afterwards."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/service.db"
        return
    engine = sa.create_engine(SERVER, future=True)
    schema = f"test_{uuid.uuid4().hex}"
    with engine.begin() as connection:
        connection.execute(sa.schema.CreateSchema(schema))
    try:
        own = engine.url.update_query_dict({"options": f"-csearch_path={schema}"})
        yield own.render_as_string(hide_password=False)
    finally:
        with engine.begin() as connection:
            connection.execute(sa.schema.DropSchema(schema, cascade=True))
        engine.dispose()


def everything_in(engine: sa.engine.Engine) -> str:
    """Return every value of every table, as text."""
    kept = sa.MetaData()
    with engine.begin() as connection:
        kept.reflect(connection)
        return "\n".join(
            str(value)
            for table in kept.sorted_tables
            for row in connection.execute(sa.select(table))
            for value in (table.name, *row)
        )


def number_of_rows(engine: sa.engine.Engine, table: str) -> int:
    with engine.begin() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(sa.table(table))).scalar_one())


@contextmanager
def scanned_tables(engine: sa.engine.Engine) -> Iterator[list[str]]:
    """Collect the steps of SQLite's plans that walk through a whole table while the block runs."""
    asked: list[tuple[str, tuple[object, ...]]] = []

    def listen(_connection: object, _cursor: object, statement: str, values: tuple[object, ...], *_: object) -> None:
        if statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            asked.append((statement, values))

    scans: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", listen)
    try:
        yield scans
    finally:
        sa.event.remove(engine, "before_cursor_execute", listen)
    assert asked
    with engine.begin() as connection:
        for statement, values in asked:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            scans.extend(row.detail for row in plan if row.detail.startswith("SCAN"))
