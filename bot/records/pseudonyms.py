"""Pseudonyms of sessions: what is kept for figures leads back to nobody, and still goes when its session is erased."""

from __future__ import annotations

import hashlib
import hmac
import secrets as randomness

import sqlalchemy as sa

from bot.records.database import Database, insert_into
from bot.records.tables import secrets


class Pseudonyms:
    """Names of sessions hashed with a key of the database's own, one key for each *purpose*.

    The key lies in the same database: it stops a reader of the table or of an export, not somebody who has the
    whole database and can guess a session.
    """

    def __init__(self, database: Database, purpose: str) -> None:
        self._database = database
        self._purpose = purpose
        self._key: bytes | None = None

    def of(self, session: str) -> str:
        """Return the pseudonym of *session*. Not within a transaction: the key is read in one of its own."""
        if self._key is None:
            self._key = self._load_key()
        return hmac.new(self._key, session.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def _load_key(self) -> bytes:
        """Return the key, made by whoever asks first."""
        new = {"name": self._purpose, "value": randomness.token_hex(32)}
        with self._database.transaction() as connection:
            connection.execute(insert_into(connection, secrets).values(new).on_conflict_do_nothing())
            row = connection.execute(sa.select(secrets.c.value).where(secrets.c.name == self._purpose)).one()
        return bytes.fromhex(row.value)
