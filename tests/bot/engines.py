"""Engines beside the suite's own: each with a base and records in a database of its own, which a test may break."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.door import install, services
from bot.records.conversations import ConversationStore
from bot.records.database import Database
from bot.settings import Waits, load_settings
from knowledge.model import KnowledgeBase
from knowledge.store import KnowledgeStore
from tests.bot.conftest import Turn

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

PATIENT = Waits(turn=30.0, desk=30.0)
"""For whatever is no test of a slow database: a disk that is busy with something else changes no reply."""

_WRITES = ("INSERT", "UPDATE", "DELETE")
_sessions = itertools.count(1)


@cache
def built_base() -> KnowledgeBase:
    """Return the edition of `make train`."""
    return KnowledgeStore(load_settings().database_url).load()


def new_url(folder: Path) -> str:
    """Return the URL of a database in *folder* that holds the edition of `make train` and nothing else."""
    url = f"sqlite:///{folder}/service.db"
    KnowledgeStore(url).save(built_base(), "first")
    return url


@contextmanager
def opened(url: str, records_url: str | None = None, waits: Waits = PATIENT) -> Iterator[Engine]:
    """Open an engine on the database at *url*; afterwards the actions belong to the engine before again."""
    from bot.runtime.engine import Engine

    before = services()
    engine = Engine.open(dataclasses.replace(load_settings(), database_url=url, waits=waits), records_url)
    try:
        yield engine
    finally:
        engine.close()
        install(before)


@dataclass(frozen=True)
class Resident:
    """Somebody who talks to an engine in one session."""

    engine: Engine
    session: str

    def say(self, text: str) -> Turn:
        """Say something; return the turn."""
        return asyncio.run(self.engine.turn(self.session, text))

    def reads(self) -> list[str]:
        """Return the words of agents that are shown now."""
        return [message.text for message in asyncio.run(self.engine.deliver(self.session))]


def newcomer(engine: Engine) -> Resident:
    """Return somebody whom *engine* does not know."""
    return Resident(engine, f"newcomer-{next(_sessions):03d}")


def texts_of(turn: Turn) -> str:
    """Return all that a turn says."""
    return "\n".join(message["text"] for message in turn["messages"])


def item_of(turn: Turn) -> str | None:
    """Return the item that a turn answers about; None where it answers about none."""
    return turn["items"][0]["id"] if turn["decision"] == "answer" else None


def stored_texts(url: str, session: str) -> list[str]:
    """Return what the resident said, as the stored conversation has it."""
    database = Database.open(url)
    state = ConversationStore(database).load(session) or {}
    database.close()
    return [said["text"] for said in state.get("log", [])]


def eventually(holds: Callable[[], bool]) -> bool:
    """Wait until *holds*, for what is written beside a turn; False where it never does."""
    for _ in range(400):
        if holds():
            return True
        time.sleep(0.05)
    return holds()


@contextmanager
def refusing_writes(url: str, *tables: str) -> Iterator[None]:
    """Let the database refuse, while the block runs, what is written into *tables*, as a full disk does."""
    triggers = {f"no_{event}_{table}": f"{event} ON {table}" for table in tables for event in _WRITES}
    engine = sa.create_engine(url, future=True)
    with engine.begin() as connection:
        for name, when in triggers.items():
            refusing = f"CREATE TRIGGER {name} BEFORE {when} BEGIN SELECT RAISE(ABORT, 'disk full'); END"
            connection.exec_driver_sql(refusing)
    try:
        yield
    finally:
        with engine.begin() as connection:
            for name in triggers:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        engine.dispose()


@contextmanager
def locked(url: str) -> Iterator[Callable[[], None]]:
    """Hold the database's one pen as another process would; what is given lets go of it before the block ends."""
    engine = sa.create_engine(url, future=True, isolation_level="AUTOCOMMIT", connect_args={"check_same_thread": False})
    connection = engine.connect()
    connection.exec_driver_sql("BEGIN IMMEDIATE")

    def let_go() -> None:
        if connection.connection.in_transaction:
            connection.exec_driver_sql("ROLLBACK")

    try:
        yield let_go
    finally:
        let_go()
        connection.close()
        engine.dispose()
