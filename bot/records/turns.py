"""What one turn leaves behind, written as a whole: where the conversation stands, what was said, the outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.records.conversations import erase_state, write_state
from bot.records.database import Connection, Database
from bot.records.outcomes import OutcomeStore, TurnRecord
from bot.records.transcripts import EntryAuthor, erase_entries, write_entry


@dataclass(frozen=True)
class KeptTurn:
    """A turn that is over: *said*, what came of it, and the reply. *state* is None where the turn failed."""

    record: TurnRecord
    state: Mapping[str, Any] | None
    said: str
    reply: Mapping[str, Any]
    message_id: str | None = None


class TurnStore:
    """Keeps turns whole or not at all."""

    def __init__(self, database: Database, outcomes: OutcomeStore) -> None:
        self._database = database
        self._outcomes = outcomes

    def keep(self, turns: Sequence[KeptTurn]) -> list[int | None]:
        """Keep *turns* in one transaction, in their order; return the number of each reply's entry.

        Of a session whose name no database can hold the outcome alone is kept, and its number is None.
        """
        self._outcomes.prepare()
        with self._database.transaction() as connection:
            numbers: list[int | None] = []
            for turn in turns:
                record = turn.record
                self._outcomes.write(connection, record)
                if not _can_be_named(record.session):
                    numbers.append(None)
                    continue
                if turn.state is not None:
                    write_state(connection, record.session, turn.state, record.at)
                numbers.append(_write_entries(connection, turn))
            return numbers

    def erase(self, session: str) -> None:
        """Forget a session at the resident's request: state, transcript and outcomes."""
        self._outcomes.erase(session)
        with self._database.transaction() as connection:
            erase_state(connection, session)
            erase_entries(connection, session)


def _write_entries(connection: Connection, turn: KeptTurn) -> int:
    """Keep message and reply; return the reply's number."""
    session, at, about = turn.record.session, turn.record.at, turn.message_id
    write_entry(connection, session, at, EntryAuthor.RESIDENT, turn.said, message_id=about)
    text = "\n\n".join(message["text"] for message in turn.reply["messages"])
    return write_entry(connection, session, at, EntryAuthor.BOT, text, message_id=about, turn=turn.reply).seq


def _can_be_named(session: str) -> bool:
    """Tell whether a database can hold the name; half a character or a zero byte cannot be told apart in one."""
    if "\0" in session:
        return False
    try:
        session.encode()
    except UnicodeEncodeError:
        return False
    return True
