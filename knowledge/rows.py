"""Editions as rows: the tables, and each function one step inside a transaction that the store has opened."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from knowledge.editions import PUTS_IN_FORCE, Change, Deed, Edition, Shelf, State
from knowledge.model import Document, Facet, Fact, KnowledgeBase, LeftOut, Section, ServiceItem, SourceLines
from knowledge.values import KINDS, Validity, Value, kind_of

metadata = sa.MetaData()
editions = sa.Table(
    "editions", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("edition", sa.String(64), nullable=False),
    sa.Column("office", sa.String(255), nullable=False),
    sa.Column("inputs", sa.String(64), nullable=False),
    sa.Column("is_current", sa.Boolean, nullable=False),
)  # fmt: skip
edition_texts = sa.Table(
    "edition_texts", metadata,
    sa.Column("edition_id", sa.ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("text", sa.LargeBinary, nullable=False),
)  # fmt: skip
edition_changes = sa.Table(
    "edition_changes", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("deed", sa.String(20), nullable=False),
    sa.Column("edition_id", sa.Integer, nullable=False),  # stays when the edition is gone: its id never comes back
    sa.Column("sha256", sa.String(64), nullable=False),
)  # fmt: skip
items = sa.Table(
    "items", metadata,
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
sections = sa.Table(
    "sections", metadata,
    sa.Column("edition_id", sa.ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("item_id", sa.String(80), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("facet", sa.String(20), nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("line", sa.Integer, nullable=False),
)  # fmt: skip
facts = sa.Table(
    "facts", metadata,
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
left_out = sa.Table(
    "left_out", metadata,
    sa.Column("edition_id", sa.ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("line", sa.Integer, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("item_id", sa.String(80)),
    sa.Column("reason", sa.Text, nullable=False),
)  # fmt: skip
_PARTS = (items, sections, facts, left_out)
_OF_DOCUMENT = (editions.c.id, editions.c.name, editions.c.sha256, editions.c.edition, editions.c.office)


def insert_edition(connection: Connection, base: KnowledgeBase, inputs: str, text: bytes | None) -> int:
    """Insert an edition that is not in force; return its id, which no edition ever had."""
    last = [connection.execute(sa.select(sa.func.max(id_))).scalar() for id_ in _EVERY_ID]
    id_ = max(number or 0 for number in last) + 1
    connection.execute(editions.insert().values(id=id_, is_current=False, **_document_row(base, inputs)))
    _insert_parts(connection, id_, base)
    keep_text(connection, id_, text)
    return id_


_EVERY_ID = (editions.c.id, edition_changes.c.edition_id)


def rewrite_edition(connection: Connection, id_: int, base: KnowledgeBase, inputs: str) -> None:
    """Put another reading of an edition's text in the place of the one it has."""
    connection.execute(editions.update().where(editions.c.id == id_).values(_document_row(base, inputs)))
    for table in _PARTS:
        connection.execute(table.delete().where(table.c.edition_id == id_))
    _insert_parts(connection, id_, base)


def keep_text(connection: Connection, id_: int, text: bytes | None) -> None:
    """Keep the guide's own bytes beside an edition; None keeps what is there."""
    if text is not None:
        connection.execute(edition_texts.delete().where(edition_texts.c.edition_id == id_))
        connection.execute(edition_texts.insert().values(edition_id=id_, text=text))


def find_text(connection: Connection, id_: int) -> bytes | None:
    """Return the guide's bytes from which an edition was read."""
    row = connection.execute(sa.select(edition_texts.c.text).where(edition_texts.c.edition_id == id_)).first()
    return bytes(row.text) if row else None


def put_in_force(connection: Connection, id_: int) -> None:
    """Make one edition the current one."""
    connection.execute(editions.update().where(editions.c.is_current).values(is_current=False))
    connection.execute(editions.update().where(editions.c.id == id_).values(is_current=True))


def delete_editions(connection: Connection, ids: Collection[int]) -> None:
    """Delete editions whole; children go first so that databases without cascades agree."""
    for table in (*_PARTS, edition_texts):
        connection.execute(table.delete().where(table.c.edition_id.in_(ids)))
    connection.execute(editions.delete().where(editions.c.id.in_(ids)))


def insert_change(connection: Connection, change: Change) -> None:
    """Add to the record of what was done."""
    connection.execute(
        edition_changes.insert().values(
            at=change.at.isoformat(), who=change.by, deed=change.deed.value, edition_id=change.edition,
            sha256=change.sha256,
        )
    )  # fmt: skip


def read_shelf(connection: Connection) -> Shelf:
    """Return all editions and changes; a database older than the record of changes has none of these."""
    changes: tuple[Change, ...] = ()
    if sa.inspect(connection).has_table(edition_changes.name):
        rows = connection.execute(sa.select(edition_changes).order_by(edition_changes.c.id))
        changes = tuple(
            Change(datetime.fromisoformat(row.at), row.who, Deed(row.deed), row.edition_id, row.sha256) for row in rows
        )
    found = connection.execute(
        sa.select(*_OF_DOCUMENT, editions.c.inputs, editions.c.is_current).order_by(editions.c.id)
    )
    return Shelf(tuple(_edition(row, changes) for row in found), changes)


def read_inputs(connection: Connection) -> str | None:
    """Return the digest of what the current edition was made from."""
    row = connection.execute(sa.select(editions.c.inputs).where(editions.c.is_current)).first()
    return str(row.inputs) if row else None


def find_base(connection: Connection, id_: int | None) -> KnowledgeBase | None:
    """Return the base of an edition, of the current one without an id."""
    which = editions.c.is_current if id_ is None else editions.c.id == id_
    row = connection.execute(sa.select(*_OF_DOCUMENT).where(which)).first()
    return _read_base(connection, row) if row else None


def _edition(row: Any, changes: tuple[Change, ...]) -> Edition:
    own = [change for change in changes if change.edition == row.id]
    saved = next((change for change in own if change.deed in (Deed.BUILT, Deed.UPLOADED)), None)
    in_force = next((change for change in reversed(own) if change.deed in PUTS_IN_FORCE), None)
    state = State.CURRENT if row.is_current else State.DRAFT if saved and not in_force else State.FORMER
    return Edition(row.id, _document(row), row.inputs, state, saved, in_force)


def _document(row: Any) -> Document:
    return Document(row.name, row.sha256, row.edition, row.office)


def _document_row(base: KnowledgeBase, inputs: str) -> dict[str, str]:
    document = base.document
    return {
        "name": document.name,
        "sha256": document.sha256,
        "edition": document.edition,
        "office": document.office,
        "inputs": inputs,
    }


def _insert_parts(connection: Connection, edition_id: int, base: KnowledgeBase) -> None:
    rows: dict[sa.Table, list[dict[str, Any]]] = {table: [] for table in _PARTS}
    for item in base.items:
        rows[items].append(_item_row(item))
        rows[sections].extend(
            {
                "item_id": item.id,
                "position": i,
                "facet": section.facet.value,
                "label": section.label,
                "line": section.line,
            }
            for i, section in enumerate(item.sections)
        )
        rows[facts].extend(_fact_row(item.id, i, fact) for i, fact in enumerate(item.facts))
    rows[left_out].extend(
        {"position": i, "line": line.line, "text": line.text, "item_id": line.item_id, "reason": line.reason}
        for i, line in enumerate(base.left_out)
    )
    for table, table_rows in rows.items():
        if table_rows:
            connection.execute(table.insert(), [{"edition_id": edition_id, **row} for row in table_rows])


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


def _read_base(connection: Connection, row: Any) -> KnowledgeBase:
    def rows(table: sa.Table, *order: Any) -> Any:
        return connection.execute(sa.select(table).where(table.c.edition_id == row.id).order_by(*order))

    sections_of: dict[str, list[Section]] = {}
    for section in rows(sections, sections.c.position):
        sections_of.setdefault(section.item_id, []).append(Section(Facet(section.facet), section.label, section.line))
    facts_of: dict[str, list[Fact]] = {}
    for fact in rows(facts, facts.c.position):
        facts_of.setdefault(fact.item_id, []).append(_read_fact(fact))
    read = tuple(
        ServiceItem(
            item.id, item.number, item.title, item.category, tuple(json.loads(item.audience)),
            tuple(json.loads(item.aliases)), SourceLines(item.first_line, item.last_line),
            tuple(sections_of.get(item.id, ())), tuple(facts_of.get(item.id, ())),
        )
        for item in rows(items, items.c.number)
    )  # fmt: skip
    skipped = tuple(
        LeftOut(line.line, line.text, line.item_id, line.reason) for line in rows(left_out, left_out.c.position)
    )
    return KnowledgeBase(_document(row), read, skipped)


def _read_fact(row: Any) -> Fact:
    value: Value | None = KINDS[row.value_kind].from_json(json.loads(row.value)) if row.value_kind else None
    validity = Validity.from_json(json.loads(row.validity)) if row.validity else None
    lines = SourceLines(row.first_line, row.last_line)
    return Fact(Facet(row.facet), row.text, lines, tuple(json.loads(row.applies_to)), value, validity)


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
