"""The audit log (审计日志): who did what, when and from where. Entries are added and, years later, forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from api.access.tables import audit
from bot.records.database import Database


class Act(str, Enum):
    """What was done; whoever records another act adds it here."""

    LOGGED_IN = "logged_in"
    LOGIN_FAILED = "login_failed"
    LOGIN_BLOCKED = "login_blocked"
    """So many wrong passwords that no more are tried for a while."""
    LOGGED_OUT = "logged_out"
    PASSWORD_CHANGED = "password_changed"
    SESSIONS_ENDED = "sessions_ended"
    ACCOUNT_ADDED = "account_added"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_ENABLED = "account_enabled"
    ROLE_CHANGED = "role_changed"
    PASSWORD_RESET = "password_reset"
    GUIDE_UPLOADED = "guide_uploaded"
    GUIDE_SWITCHED = "guide_switched"
    GUIDE_ROLLED_BACK = "guide_rolled_back"
    GUIDE_DISCARDED = "guide_discarded"
    REVIEW_EXPORTED = "review_exported"
    TRAINING_STARTED = "training_started"
    TRAINING_CANCELLED = "training_cancelled"
    MODEL_SWITCHED = "model_switched"
    MODEL_ROLLED_BACK = "model_rolled_back"
    NOTE_ADDED = "note_added"
    NOTE_CHANGED = "note_changed"
    NOTE_DELETED = "note_deleted"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class AuditEntry:
    """One act; *who* is the account's name, None where nobody was logged in; *about* is what it was done to."""

    id: int
    at: datetime
    who: str | None
    what: Act
    about: str | None
    address: str | None


class AuditLog:
    """What was done, newest first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, at: datetime, who: str | None, what: Act, about: str | None = None, address: str | None = None
    ) -> None:
        """Keep one act. Raises StoreError."""
        values = {"at": at, "who": who, "what": what.value, "about": about, "address": address}
        with self._database.transaction() as connection:
            connection.execute(audit.insert().values(values))

    def read(self, before: int | None = None, limit: int = 100) -> list[AuditEntry]:
        """Return *limit* entries at most, newest first, those before the entry *before* only. Raises StoreError."""
        wanted = audit.select().order_by(audit.c.id.desc()).limit(limit)
        if before is not None:
            wanted = wanted.where(audit.c.id < before)
        with self._database.transaction() as connection:
            rows = list(connection.execute(wanted))
        return [AuditEntry(row.id, row.at, row.who, Act(row.what), row.about, row.address) for row in rows]

    def prune(self, before: datetime) -> int:
        """Forget what was done before *before*; return how many acts that were."""
        with self._database.transaction() as connection:
            return int(connection.execute(audit.delete().where(audit.c.at < before)).rowcount)
