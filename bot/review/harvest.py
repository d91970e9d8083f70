"""Reading the transcripts for doubtful turns, each once: what was read before is passed over."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.records.database import Database, insert_into
from bot.records.feedback import Thumb, feedback
from bot.records.pseudonyms import Pseudonyms
from bot.records.tables import transcripts
from bot.records.transcripts import EntryAuthor
from bot.review.doubts import find_doubt
from bot.review.tables import review_marks, review_messages
from bot.understanding.normalise import normalise

AT_ONCE = 1000
"""Entries that are read in one transaction."""
OVERLAP = 200
"""Entries that are read again the next time: on PostgreSQL a number may come to be seen after a later one."""

_MARK = "transcripts"


@dataclass(frozen=True)
class _Pair:
    """The bot's reply and what it replied to."""

    reply: Any
    said: str


def key_of(text: str) -> str:
    """Return what texts have in common that differ in signs, blanks and ornament alone."""
    return hashlib.sha256((normalise(text) or text).encode("utf-8", "replace")).hexdigest()[:32]


def harvest(database: Database, pseudonyms: Pseudonyms) -> None:
    """Take up every doubtful turn since the last harvest, and every thumb that went down. Raises StoreError."""
    while True:
        with database.transaction() as connection:
            mark = int(connection.execute(_mark()).scalar() or 0)
            entries = list(connection.execute(_entries(max(0, mark - OVERLAP))))
            found = [pair for pair in _pairs(connection, entries) if find_doubt(json.loads(pair.reply.turn))]
        newest = max((entry.seq for entry in entries), default=mark)
        _keep(database, found, pseudonyms.of)
        if newest > mark:
            _move_mark(database, newest)
        if len(entries) < AT_ONCE + OVERLAP:
            break
    _harvest_thumbs(database, pseudonyms)


def _mark() -> Any:
    return sa.select(review_marks.c.value).where(review_marks.c.name == _MARK)


def _entries(after: int) -> Any:
    table = transcripts.c
    columns = (table.seq, table.session, table.at, table.author, table.text, table.turn)
    wanted = table.author.in_([EntryAuthor.RESIDENT.value, EntryAuthor.BOT.value])
    return sa.select(*columns).where(table.seq > after, wanted).order_by(table.seq).limit(AT_ONCE + OVERLAP)


def _pairs(connection: Connection, entries: Iterable[Any]) -> Iterable[_Pair]:
    """Yield each reply with the resident's words before it."""
    said: dict[str, str] = {}
    for entry in entries:
        if entry.author == EntryAuthor.RESIDENT.value:
            said[entry.session] = entry.text
        elif entry.turn is not None:
            text = said.get(entry.session)
            if text is None:
                text = _said_before(connection, entry.session, entry.seq)
            if text:
                yield _Pair(entry, text)


def _said_before(connection: Connection, session: str, seq: int) -> str | None:
    table = transcripts.c
    before = sa.select(table.text).where(
        table.session == session, table.seq < seq, table.author == EntryAuthor.RESIDENT.value
    )
    found = connection.execute(before.order_by(table.seq.desc()).limit(1)).scalar()
    return None if found is None else str(found)


def _keep(
    database: Database, pairs: Iterable[_Pair], pseudonym: Callable[[str], str], thumbs: dict[int, str] | None = None
) -> None:
    rows = [_row(pair, pseudonym(pair.reply.session), (thumbs or {}).get(pair.reply.seq)) for pair in pairs]
    if not rows:
        return
    with database.transaction() as connection:
        for row in rows:
            adding = insert_into(connection, review_messages).values(row)
            if row["thumb_reason"] is None:
                adding = adding.on_conflict_do_nothing()
            else:
                changed = {"thumb_reason": row["thumb_reason"]}
                adding = adding.on_conflict_do_update(index_elements=["seq"], set_=changed)
            connection.execute(adding)
        # Whoever had a session erased since it was read must not find it kept here.
        seqs = [row["seq"] for row in rows]
        known = sa.select(transcripts.c.seq).where(transcripts.c.seq.in_(seqs))
        table = review_messages.c
        connection.execute(review_messages.delete().where(table.seq.in_(seqs), table.seq.notin_(known)))


def _row(pair: _Pair, session: str, thumb_reason: str | None) -> dict[str, Any]:
    turn = json.loads(pair.reply.turn)
    doubt = find_doubt(turn)
    return {
        "seq": pair.reply.seq,
        "session": session,
        "at": pair.reply.at,
        "key": key_of(pair.said),
        "text": pair.said,
        "doubt": doubt.value if doubt else None,
        "thumb_reason": thumb_reason,
        "decision": turn["decision"],
        "understood": json.dumps([[item["id"], item["confidence"]] for item in turn["items"]]),
        "facets": json.dumps(turn["facets"]),
    }


def _move_mark(database: Database, newest: int) -> None:
    with database.transaction() as connection:
        moving = insert_into(connection, review_marks).values(name=_MARK, value=newest)
        connection.execute(moving.on_conflict_do_update(index_elements=["name"], set_={"value": newest}))


def _harvest_thumbs(database: Database, pseudonyms: Pseudonyms) -> None:
    """Take up replies whose thumb went down; the thumb itself stays where it is, for the figures."""
    table = transcripts.c
    known = sa.select(review_messages.c.seq).where(review_messages.c.thumb_reason.isnot(None))
    wanted = (
        sa.select(table.seq, table.session, table.at, table.turn, feedback.c.reason)
        .join(feedback, feedback.c.seq == table.seq)
        .where(feedback.c.thumb == Thumb.DOWN.value, table.turn.isnot(None), table.seq.notin_(known))
    )
    with database.transaction() as connection:
        replies = list(connection.execute(wanted))
        said = [(reply, _said_before(connection, reply.session, reply.seq)) for reply in replies]
    thumbs = {reply.seq: reply.reason or "" for reply in replies}
    _keep(database, [_Pair(reply, text) for reply, text in said if text], pseudonyms.of, thumbs)
