"""The access token (access_token): one for all processes, renewed before its end by one of them.

It is kept in the database. Whoever finds it near its end takes a lease and renews it; the others go on with the old
one, which the platform still takes, and wait only where there is none.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import sqlalchemy as sa

from bot.records.database import Database, insert_into
from bot.wechat.kept.tables import tables, tokens
from bot.wechat.platform.errors import PlatformError, Trouble

BEFORE_ITS_END = timedelta(minutes=5)
"""From then on the platform gives a new one, and takes both for as long."""
LEASE = timedelta(seconds=15)
PATIENCE = 10.0
"""Seconds to wait for somebody else's renewal where there is no token at all."""
_LOOK_EVERY = 0.05
_NOTHING = timedelta(0)


@dataclass(frozen=True)
class AccessToken:
    """A token as the platform gives it; it says for how many seconds."""

    token: str
    seconds: int


Fetch = Callable[[bool], AccessToken]
"""Asks the platform for the token; True: for another one than before. Raises PlatformError."""


class TokenKeeper:
    """The token of one account. Every method raises StoreError, and PlatformError where the platform gives none."""

    def __init__(self, database: Database, app_id: str, fetch: Fetch, now: Callable[[], datetime]) -> None:
        database.make(tables)
        self._database = database
        self._app_id = app_id
        self._fetch = fetch
        self._now = now
        self._me = uuid4().hex

    def current(self) -> str:
        """Return a token that is good for the next call."""
        end = time.monotonic() + PATIENCE
        while True:
            token, left = self._read()
            if token is not None and left > BEFORE_ITS_END:
                return token
            if self._take_lease():
                return self._renew()
            if token is not None and left > _NOTHING:
                return token
            if time.monotonic() > end:
                raise PlatformError(Trouble.BUSY, None, "another process has not renewed the access token yet")
            time.sleep(_LOOK_EVERY)

    def reject(self, token: str) -> None:
        """Note that the platform does not take *token* any more; one that was renewed meanwhile is left alone."""
        mine = sa.and_(tokens.c.app_id == self._app_id, tokens.c.token == token)
        with self._database.transaction() as connection:
            connection.execute(tokens.update().where(mine).values(expires=self._now() - timedelta(seconds=1)))

    def _renew(self) -> str:
        """Fetch and keep the token; while the platform gives none, the old one does as long as it is good."""
        token, left = self._read()
        if token is not None and left > BEFORE_ITS_END:
            # Somebody else renewed it between our look and our lease.
            self._write(lease=None)
            return token
        is_good = token is not None and left > _NOTHING
        try:
            fetched = self._fetch(False)
            if fetched.token == token and not is_good:
                # The platform thinks that it is good, and has just refused it: it is to make another.
                fetched = self._fetch(True)
        except PlatformError:
            self._write(lease=None)
            if token is not None and is_good:
                return token
            raise
        expires = self._now() + timedelta(seconds=fetched.seconds)
        self._write(token=fetched.token, expires=expires, lease=None)
        return fetched.token

    def _read(self) -> tuple[str | None, timedelta]:
        """Return the token and how long it is good."""
        with self._database.transaction() as connection:
            row = connection.execute(sa.select(tokens).where(tokens.c.app_id == self._app_id)).first()
        if row is None or row.token is None:
            return None, _NOTHING
        return row.token, row.expires - self._now()

    def _take_lease(self) -> bool:
        now = self._now()
        is_free = sa.or_(tokens.c.lease.is_(None), tokens.c.lease <= now)
        with self._database.transaction() as connection:
            connection.execute(insert_into(connection, tokens).values(app_id=self._app_id).on_conflict_do_nothing())
            taking = tokens.update().where(tokens.c.app_id == self._app_id, is_free)
            return bool(connection.execute(taking.values(lease=now + LEASE, refresher=self._me)).rowcount)

    def _write(self, **values: object) -> None:
        mine = sa.and_(tokens.c.app_id == self._app_id, tokens.c.refresher == self._me)
        with self._database.transaction() as connection:
            connection.execute(tokens.update().where(mine).values(**values))
