"""Whole turns, timed: conversations of several turns, led warm and in process, among few stored ones and among many."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from bot.understanding.messages import LabelledMessage

FEW = 100
MANY = 100_000
"""Stored conversations among which the same turns are led."""

CHOICES = ("1", "2", "第一个", "最后一个")

_NUMBERS = """WITH RECURSIVE numbers(number) AS (
    SELECT 1 WHERE :last > 0 UNION ALL SELECT number + 1 FROM numbers WHERE number < :last
) """


def conversations_of(messages: Sequence[LabelledMessage], count: int, seed: int) -> list[list[str]]:
    """Return *count* conversations of four turns: a question, a follow-up, a choice, and any message at all."""
    draw = random.Random(seed)
    questions = [message.text for message in messages if message.scope is None]
    following = [message.text for message in messages if message.scope == "followup"]
    return [
        [draw.choice(questions), draw.choice(following), draw.choice(CHOICES), draw.choice(messages).text]
        for _ in range(count)
    ]


def fill(path: Path, count: int) -> None:
    """Bring the conversations stored in the SQLite file at *path* to *count*, by copies of those that there are.

    How their turns ended is copied as often, under sessions of its own.
    """
    with closing(sqlite3.connect(path)) as connection:
        with connection:
            [stored] = connection.execute("SELECT count(*) FROM conversations").fetchone()
            named = [
                row[1] for row in connection.execute("PRAGMA table_info(outcomes)") if row[1] not in ("id", "session")
            ]
            columns = ", ".join(named)
            copies = {"count": count, "missing": max(count - stored, 0), "last": -(-count // stored) - 1}
            connection.execute(
                f"{_NUMBERS} INSERT INTO outcomes (session, {columns})"
                f" SELECT lower(hex(randomblob(32))), {columns} FROM outcomes, numbers",
                copies,
            )
            connection.execute(
                f"{_NUMBERS} INSERT INTO conversations (session, state, saved)"
                " SELECT session || '/' || :count || '-' || number, state, saved"
                " FROM numbers, conversations LIMIT :missing",
                copies,
            )
        # What was written at once goes from the log into its place now, not during the turns that are timed.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def time_turns(conversations: Sequence[Sequence[str]], folder: Path) -> dict[str, list[float]]:
    """Return the seconds of each turn of *conversations* among FEW stored ones, and again among MANY.

    What is stored lies in a database under *folder*: the office's own is only read.
    """
    from bot.runtime.engine import Engine
    from bot.settings import load_settings

    path = folder / "bench.db"
    engine = Engine.open(load_settings(), records_url=f"sqlite:///{path}")

    async def lead(name: str) -> list[float]:
        seconds = []
        for number, texts in enumerate(conversations):
            for text in texts:
                started = time.perf_counter()
                await engine.turn(f"{name}-{number}", text)
                seconds.append(time.perf_counter() - started)
        return seconds

    async def run() -> dict[str, list[float]]:
        await lead("warm")
        fill(path, FEW)
        few = await lead("few")
        fill(path, MANY)
        return {"few": few, "many": await lead("many")}

    found = asyncio.run(run())
    engine.close()
    return found
