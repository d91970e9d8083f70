"""Those who follow the account: what was shown to them last, and how much the platform lets us write unasked.

After a message five texts may be sent within two days, after a tap on the menu, a scan or a new subscription three
within a minute (客服消息下发规则). The platform counts for itself; this is so that an agent knows beforehand.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import sqlalchemy as sa

from bot.records.database import Connection, Database
from bot.wechat.kept.tables import insert_or_change, people

AFTER_WORDS = (5, timedelta(hours=48))
AFTER_ACT = (3, timedelta(minutes=1))
MARGIN = timedelta(seconds=5)
"""Before the end of a window nothing is begun any more: the platform's clock decides."""


class Numbers(str, Enum):
    """What a typed number means: what was shown last that has numbers decides."""

    PAGE = "page"
    CHOICE = "choice"

    def __str__(self) -> str:
        return self.value


class Allowance(str, Enum):
    """What lets us write: the resident's words, or something the resident did."""

    WORDS = "words"
    ACT = "act"


@dataclass(frozen=True)
class Shown:
    """What the resident sees of our replies: the reply whose page was shown last, and the one that offered choices."""

    paged: int | None = None
    page: int | None = None
    offered: int | None = None
    numbers: Numbers | None = None


@dataclass(frozen=True)
class Person:
    """One who follows the account, or has."""

    session: str
    shown: Shown = Shown()
    words_left: int = 0
    words_until: datetime | None = None
    act_left: int = 0
    act_until: datetime | None = None
    gone: datetime | None = None
    trouble: str | None = None

    def allowance(self, now: datetime) -> Allowance | None:
        """Return what lets us write now; the shorter of two goes first."""
        if self.gone is None and self.act_left > 0 and self.act_until is not None and now < self.act_until:
            return Allowance.ACT
        if self.gone is None and self.words_left > 0 and self.words_until is not None and now < self.words_until:
            return Allowance.WORDS
        return None


class PeopleStore:
    """The people by their sessions. Every method raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, session: str) -> Person | None:
        """Return whom *session* belongs to."""
        with self._database.transaction() as connection:
            return read_person(connection, session)

    def reserve(self, session: str, now: datetime) -> Allowance | None:
        """Take one from what may be written; None where nothing may be."""
        table = people.c
        of_session = (table.session == session, table.gone.is_(None))
        act = (*of_session, table.act_left > 0, table.act_until > now)
        words = (*of_session, table.words_left > 0, table.words_until > now)
        with self._database.transaction() as connection:
            if connection.execute(people.update().where(*act).values(act_left=table.act_left - 1)).rowcount:
                return Allowance.ACT
            if connection.execute(people.update().where(*words).values(words_left=table.words_left - 1)).rowcount:
                return Allowance.WORDS
        return None

    def give_back(self, session: str, taken: Allowance, trouble: str | None = None) -> None:
        """Return what was taken and not used, and note what came in between."""
        table = people.c
        more = {"act_left": table.act_left + 1} if taken is Allowance.ACT else {"words_left": table.words_left + 1}
        self._change(session, {**more, "trouble": trouble})

    def spend_all(self, session: str, trouble: str) -> None:
        """Note that the platform takes nothing more until the resident writes or does something."""
        self._change(session, {"words_left": 0, "act_left": 0, "trouble": trouble})

    def leave(self, session: str, at: datetime) -> None:
        """Note that the resident is out of reach: does not follow the account any more."""
        self._change(session, {"gone": at})

    def _change(self, session: str, values: dict[str, Any]) -> None:
        with self._database.transaction() as connection:
            connection.execute(people.update().where(people.c.session == session).values(**values))


_MET = ("seen", "gone", "trouble")
_COMES = insert_or_change(people, "session", "seen", "gone")
_SAYS = insert_or_change(people, "session", *_MET, "words_left", "words_until")
_ACTS = insert_or_change(people, "session", *_MET, "act_left", "act_until")
_PERSON = sa.select(people).where(people.c.session == sa.bindparam("session_"))


def meet(connection: Connection, session: str, now: datetime, is_message: bool, is_act: bool, leaves: bool) -> None:
    """Note that something came from a resident, who may be new."""
    values = {"session": session, "seen": now, "gone": now if leaves else None, "trouble": None}
    if is_message:
        left, during = AFTER_WORDS
        connection.execute(_SAYS, {**values, "words_left": left, "words_until": now + during - MARGIN})
    elif is_act:
        left, during = AFTER_ACT
        connection.execute(_ACTS, {**values, "act_left": left, "act_until": now + during - MARGIN})
    else:
        del values["trouble"]
        connection.execute(_COMES, values)


def read_person(connection: Connection, session: str) -> Person | None:
    """Return whom *session* belongs to."""
    row = connection.execute(_PERSON, {"session_": session}).first()
    if row is None:
        return None
    return Person(
        session=session,
        shown=Shown(row.paged, row.page, row.offered, Numbers(row.numbers) if row.numbers else None),
        words_left=row.words_left,
        words_until=row.words_until,
        act_left=row.act_left,
        act_until=row.act_until,
        gone=row.gone,
        trouble=row.trouble,
    )


def write_shown(connection: Connection, session: str, shown: Shown) -> None:
    """Keep what the resident sees now."""
    values = {**vars(shown), "numbers": shown.numbers.value if shown.numbers else None}
    connection.execute(people.update().where(people.c.session == session).values(**values))
