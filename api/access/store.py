"""Accounts and staff sessions in the database: each step one transaction; tokens and passwords only as hashes."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.access.account import Account, AccountError, NoSuchAccountError, StaffSession, key_of
from api.access.role import Role
from api.access.tables import accounts, metadata, sessions
from bot.records.database import Database, insert_into

LONGEST_SESSION = timedelta(hours=12)
LONGEST_IDLE = timedelta(minutes=60)


class NameTakenError(AccountError):
    """There is an account of that name already, large and small letters alike."""

    def __init__(self, name: str) -> None:
        super().__init__("name_taken", f"there is an account {name} already")


class LastAdminError(AccountError):
    """Nobody would be left who can manage accounts."""

    def __init__(self) -> None:
        super().__init__("last_admin", "this is the last admin: make another account admin first")


class AccessStore:
    """Accounts by name and sessions by token. Every method raises StoreError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.make(metadata)

    # ------------------------------------------------------------ accounts

    def add(self, name: str, role: Role, password: str, at: datetime) -> Account:
        """Keep a new account, *password* hashed already. Raises NameTakenError."""
        values = {
            "key": key_of(name), "name": name, "role": role.value, "password": password, "disabled": False,
            "created": at,
        }  # fmt: skip
        with self._database.transaction() as connection:
            inserted = connection.execute(insert_into(connection, accounts).values(values).on_conflict_do_nothing())
        if not inserted.rowcount:
            raise NameTakenError(name)
        return Account(name, role, disabled=False, created=at)

    def all(self) -> list[Account]:
        """Return the accounts by name."""
        with self._database.transaction() as connection:
            return [_account_of(row) for row in connection.execute(sa.select(accounts).order_by(accounts.c.key))]

    def find(self, name: str) -> Account | None:
        """Return the account of that name."""
        with self._database.transaction() as connection:
            row = _find_row(connection, key_of(name))
        return None if row is None else _account_of(row)

    def get(self, name: str) -> Account:
        """Return the account of that name. Raises NoSuchAccountError."""
        found = self.find(name)
        if found is None:
            raise NoSuchAccountError(name)
        return found

    def password_of(self, name: str) -> str | None:
        """Return the hash of the account's password; None where it has no right to log in."""
        wanted = sa.select(accounts.c.password).where(accounts.c.key == key_of(name), sa.not_(accounts.c.disabled))
        with self._database.transaction() as connection:
            row = connection.execute(wanted).first()
        return None if row is None else str(row.password)

    def change(
        self, name: str, role: Role | None = None, disabled: bool | None = None, password: str | None = None
    ) -> Account:
        """Change what is given, *password* hashed already; a new password and disabling end the account's sessions.

        Raises NoSuchAccountError, and LastAdminError where nobody would be left to manage accounts.
        """
        key = key_of(name)
        given = {"role": role and role.value, "disabled": disabled, "password": password}
        changing = {column: value for column, value in given.items() if value is not None}
        with self._database.transaction() as connection:
            # A write of no effect first: of two admins who demote each other at once, one waits for the other.
            connection.execute(
                accounts.update().where(accounts.c.role == Role.ADMIN.value).values(role=accounts.c.role)
            )
            before = _find_row(connection, key)
            if before is None:
                raise NoSuchAccountError(name)
            if changing:
                connection.execute(accounts.update().where(accounts.c.key == key).values(changing))
            after = _find_row(connection, key)
            if _manages(before) and not _manages(after) and not _has_admin(connection):
                raise LastAdminError
            if disabled or password is not None:
                connection.execute(sessions.delete().where(sessions.c.key == key))
        return _account_of(after)

    def renew_hash(self, name: str, password: str) -> None:
        """Keep the same password in a newer way; sessions go on."""
        with self._database.transaction() as connection:
            connection.execute(accounts.update().where(accounts.c.key == key_of(name)).values(password=password))

    # ------------------------------------------------------------ sessions

    def open(self, name: str, token: str, at: datetime, address: str | None, browser: str | None) -> int:
        """Open a session of an account by its token; return the session's id."""
        values = {
            "token": hash_of(token), "key": key_of(name), "opened": at, "seen": at, "address": address,
            "browser": browser,
        }  # fmt: skip
        with self._database.transaction() as connection:
            connection.execute(sessions.delete().where(_is_over(at)))
            return int(connection.execute(sessions.insert().values(values)).inserted_primary_key[0])

    def find_open(self, token: str, now: datetime) -> tuple[Account, StaffSession] | None:
        """Return whose session it is and the session, while it is open and the account may log in."""
        return self._find(sessions.c.token == hash_of(token), now)

    def find_open_by_id(self, session: int, now: datetime) -> tuple[Account, StaffSession] | None:
        """Return the same for a session that is known by its id, as an open socket knows it."""
        return self._find(sessions.c.id == session, now)

    def touch(self, session: int, now: datetime) -> None:
        """Note that somebody works in the session."""
        with self._database.transaction() as connection:
            connection.execute(sessions.update().where(sessions.c.id == session).values(seen=now))

    def sessions_of(self, name: str, now: datetime) -> list[StaffSession]:
        """Return the open sessions of an account, the latest first."""
        wanted = sa.select(sessions).where(sessions.c.key == key_of(name), sa.not_(_is_over(now)))
        with self._database.transaction() as connection:
            rows = list(connection.execute(wanted.order_by(sessions.c.id.desc())))
        return [_session_of(row) for row in rows]

    def count_open(self, now: datetime) -> dict[str, int]:
        """Return how many sessions are open on each account that has some."""
        wanted = (
            sa.select(accounts.c.name, sa.func.count().label("open"))
            .join(sessions, sessions.c.key == accounts.c.key)
            .where(sa.not_(_is_over(now)))
            .group_by(accounts.c.name)
        )
        with self._database.transaction() as connection:
            return {row.name: int(row.open) for row in connection.execute(wanted)}

    def end(self, name: str, session: int) -> bool:
        """End one session of an account; False where it has none such."""
        mine = sa.and_(sessions.c.key == key_of(name), sessions.c.id == session)
        with self._database.transaction() as connection:
            return bool(connection.execute(sessions.delete().where(mine)).rowcount)

    def end_all(self, name: str, but: int | None = None) -> int:
        """End the sessions of an account, all or all but one; return how many."""
        mine = sessions.c.key == key_of(name)
        ending = mine if but is None else sa.and_(mine, sessions.c.id != but)
        with self._database.transaction() as connection:
            return int(connection.execute(sessions.delete().where(ending)).rowcount)

    def _find(self, which: Any, now: datetime) -> tuple[Account, StaffSession] | None:
        wanted = (
            sa.select(sessions, accounts.c.name, accounts.c.role, accounts.c.disabled, accounts.c.created)
            .join(accounts, sessions.c.key == accounts.c.key)
            .where(which, sa.not_(_is_over(now)), sa.not_(accounts.c.disabled))
        )
        with self._database.transaction() as connection:
            row = connection.execute(wanted).first()
        return None if row is None else (_account_of(row), _session_of(row))


def hash_of(token: str) -> str:
    """Return what is kept of a token: who reads the database cannot log in with it."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _is_over(now: datetime) -> Any:
    return sa.or_(sessions.c.opened <= now - LONGEST_SESSION, sessions.c.seen <= now - LONGEST_IDLE)


def _find_row(connection: Connection, key: str) -> Any:
    return connection.execute(sa.select(accounts).where(accounts.c.key == key)).first()


def _manages(row: Any) -> bool:
    return bool(row.role == Role.ADMIN.value and not row.disabled)


def _has_admin(connection: Connection) -> bool:
    wanted = sa.select(accounts.c.key).where(accounts.c.role == Role.ADMIN.value, sa.not_(accounts.c.disabled))
    return connection.execute(wanted).first() is not None


def _account_of(row: Any) -> Account:
    return Account(row.name, Role(row.role), bool(row.disabled), row.created)


def _session_of(row: Any) -> StaffSession:
    return StaffSession(row.id, row.opened, row.seen, row.address, row.browser)
