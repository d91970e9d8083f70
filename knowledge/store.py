"""The knowledge base in a database: each edition whole, one of them current. The only module here that knows SQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url

from knowledge.model import Document, Facet, Fact, KnowledgeBase, LeftOut, Section, ServiceItem, SourceLines
from knowledge.values import KINDS, Validity, Value, kind_of

KEPT_EDITIONS = 5
"""How many editions stay, the current one included, so that the office can go back."""

_metadata = sa.MetaData()
_editions = sa.Table(
    "editions", _metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("edition", sa.String(64), nullable=False),
    sa.Column("office", sa.String(255), nullable=False),
    sa.Column("inputs", sa.String(64), nullable=False),
    sa.Column("is_current", sa.Boolean, nullable=False),
)  # fmt: skip
_items = sa.Table(
    "items", _metadata,
    sa.Column("edition_id", sa.ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("id", sa.String(80), primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("audience", sa.Text, nullable=False),
    sa.Column("aliases", sa.Text, nullable=False),
    sa.Column("first_line", sa.Integer, nullable=False),
    sa.Column("last_line", sa.Integer, nullable=False),
)  # fmt: skip
_sections = sa.Table(
    "sections", _metadata,
    sa.Column("edition_id", sa.ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("item_id", sa.String(80), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("facet", sa.String(20), nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("line", sa.Integer, nullable=False),
)  # fmt: skip
_facts = sa.Table(
    "facts", _metadata,
    sa.Column("edition_id", sa.ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("item_id", sa.String(80), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("facet", sa.String(20), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("first_line", sa.Integer, nullable=False),
    sa.Column("last_line", sa.Integer, nullable=False),
    sa.Column("applies_to", sa.Text, nullable=False),
    sa.Column("value_kind", sa.String(20)),
    sa.Column("value", sa.Text),
    sa.Column("validity", sa.Text),
)  # fmt: skip
_left_out = sa.Table(
    "left_out", _metadata,
    sa.Column("edition_id", sa.ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("line", sa.Integer, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("item_id", sa.String(80)),
    sa.Column("reason", sa.Text, nullable=False),
)  # fmt: skip
_PARTS = (_items, _sections, _facts, _left_out)


class StoreError(Exception):
    """The database cannot be used, or holds no knowledge base; the message says what to do."""


class KnowledgeStore:
    """Editions of the knowledge base in one database (SQLite or PostgreSQL, by its URL)."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)

    def current_inputs(self) -> str | None:
        """Return the digest of what the current edition was made from; None without one."""
        with self._reading() as connection:
            if connection is None:
                return None
            row = connection.execute(
                sa.select(_editions.c.inputs).where(_editions.c.is_current).order_by(_editions.c.id.desc())
            ).first()
            return str(row.inputs) if row else None

    def save(self, base: KnowledgeBase, inputs: str) -> None:
        """Make *base* the current edition in one transaction: readers see the old one whole or the new one whole."""
        try:
            _metadata.create_all(self._engine)
            with self._engine.begin() as connection:
                _lock_for_writing(connection)
                connection.execute(_editions.update().values(is_current=False))
                edition_id = _insert(connection, base, inputs)
                _prune(connection, edition_id)
        except sa.exc.SQLAlchemyError as error:
            raise StoreError(f"知识库写不进去：{_reason(error)}") from error

    def load(self) -> KnowledgeBase:
        """Return the current edition. Raises StoreError where there is none."""
        with self._reading() as connection:
            row = None
            if connection is not None:
                row = connection.execute(
                    sa.select(_editions).where(_editions.c.is_current).order_by(_editions.c.id.desc())
                ).first()
            if connection is None or row is None:
                raise StoreError("数据库里还没有知识库，请先运行 python -m knowledge build")
            return _read_edition(connection, row)

    @contextmanager
    def _reading(self) -> Iterator[Connection | None]:
        """Open one snapshot for reading; None where the tables were never made."""
        try:
            with self._engine.begin() as connection:
                _take_snapshot(connection)
                yield connection if sa.inspect(connection).has_table("editions") else None
        except sa.exc.SQLAlchemyError as error:
            raise StoreError(f"数据库打不开：{_reason(error)}") from error


def open_engine(url: str) -> Engine:
    """Return an engine for *url*; for SQLite with its folder made and readers not blocked by a writer."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(parsed, future=True)
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
        connection.execute(_editions.delete().where(_editions.c.id < 0))


def _take_snapshot(connection: Connection) -> None:
    """Make all reads of the transaction see one state; SQLite's do so by themselves."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")


def _insert(connection: Connection, base: KnowledgeBase, inputs: str) -> int:
    document = base.document
    result = connection.execute(
        _editions.insert().values(
            name=document.name, sha256=document.sha256, edition=document.edition, office=document.office,
            inputs=inputs, is_current=True,
        )
    )  # fmt: skip
    edition_id = int(result.inserted_primary_key[0])
    rows: dict[sa.Table, list[dict[str, Any]]] = {table: [] for table in _PARTS}
    for item in base.items:
        rows[_items].append(_item_row(item))
        rows[_sections].extend(
            {
                "item_id": item.id,
                "position": i,
                "facet": section.facet.value,
                "label": section.label,
                "line": section.line,
            }
            for i, section in enumerate(item.sections)
        )
        rows[_facts].extend(_fact_row(item.id, i, fact) for i, fact in enumerate(item.facts))
    rows[_left_out].extend(
        {"position": i, "line": line.line, "text": line.text, "item_id": line.item_id, "reason": line.reason}
        for i, line in enumerate(base.left_out)
    )
    for table, table_rows in rows.items():
        if table_rows:
            connection.execute(table.insert(), [{"edition_id": edition_id, **row} for row in table_rows])
    return edition_id


def _item_row(item: ServiceItem) -> dict[str, Any]:
    return {
        "id": item.id, "number": item.number, "title": item.title, "category": item.category,
        "audience": _dump(item.audience), "aliases": _dump(item.aliases),
        "first_line": item.title_lines.first, "last_line": item.title_lines.last,
    }  # fmt: skip


def _fact_row(item_id: str, position: int, fact: Fact) -> dict[str, Any]:
    return {
        "item_id": item_id, "position": position, "facet": fact.facet.value, "text": fact.text,
        "first_line": fact.lines.first, "last_line": fact.lines.last, "applies_to": _dump(fact.applies_to),
        "value_kind": kind_of(fact.value) if fact.value else None,
        "value": _dump(fact.value.as_json()) if fact.value else None,
        "validity": _dump(fact.validity.as_json()) if fact.validity else None,
    }  # fmt: skip


def _prune(connection: Connection, newest: int) -> None:
    """Drop the oldest editions; children go first so that databases without cascades agree."""
    kept = sa.select(_editions.c.id).order_by(_editions.c.id.desc()).limit(KEPT_EDITIONS)
    keep = [row.id for row in connection.execute(kept)]
    for table in _PARTS:
        connection.execute(table.delete().where(table.c.edition_id.notin_(keep)))
    connection.execute(_editions.delete().where(_editions.c.id.notin_([*keep, newest])))


def _read_edition(connection: Connection, row: Any) -> KnowledgeBase:
    def rows(table: sa.Table, *order: Any) -> Any:
        return connection.execute(sa.select(table).where(table.c.edition_id == row.id).order_by(*order))

    sections: dict[str, list[Section]] = {}
    for section in rows(_sections, _sections.c.position):
        sections.setdefault(section.item_id, []).append(Section(Facet(section.facet), section.label, section.line))
    facts: dict[str, list[Fact]] = {}
    for fact in rows(_facts, _facts.c.position):
        facts.setdefault(fact.item_id, []).append(_read_fact(fact))
    items = tuple(
        ServiceItem(
            item.id, item.number, item.title, item.category, tuple(json.loads(item.audience)),
            tuple(json.loads(item.aliases)), SourceLines(item.first_line, item.last_line),
            tuple(sections.get(item.id, ())), tuple(facts.get(item.id, ())),
        )
        for item in rows(_items, _items.c.number)
    )  # fmt: skip
    left_out = tuple(
        LeftOut(line.line, line.text, line.item_id, line.reason) for line in rows(_left_out, _left_out.c.position)
    )
    return KnowledgeBase(Document(row.name, row.sha256, row.edition, row.office), items, left_out)


def _read_fact(row: Any) -> Fact:
    value: Value | None = KINDS[row.value_kind].from_json(json.loads(row.value)) if row.value_kind else None
    validity = Validity.from_json(json.loads(row.validity)) if row.validity else None
    lines = SourceLines(row.first_line, row.last_line)
    return Fact(Facet(row.facet), row.text, lines, tuple(json.loads(row.applies_to)), value, validity)


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _reason(error: Exception) -> str:
    return str(getattr(error, "orig", error)).splitlines()[0]
