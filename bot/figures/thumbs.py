"""What residents think of replies (评价), by the item that a reply is about and by reason; never a comment."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.figures.period import Period
from bot.records.feedback import FeedbackReason, Thumb, feedback


@dataclass(frozen=True)
class ThumbCount:
    """Thumbs up and down."""

    up: int = 0
    down: int = 0


@dataclass(frozen=True)
class Thumbs:
    """Thumbs by item, those for replies about no item under None, and why thumbs went down."""

    by_item: Mapping[str | None, ThumbCount]
    reasons: Mapping[FeedbackReason, int]

    @property
    def total(self) -> ThumbCount:
        """All of them."""
        return ThumbCount(sum(c.up for c in self.by_item.values()), sum(c.down for c in self.by_item.values()))


def read_thumbs(connection: Connection, period: Period) -> Thumbs:
    """Count the thumbs given in *period*, of every channel: feedback does not know from which one it came."""
    table = feedback.c
    groups = (table["items"], table.thumb, table.reason)  # .items is the columns' own
    wanted = sa.select(*groups, sa.func.count().label("count")).where(table.at >= period.begin, table.at < period.end)
    by_item: defaultdict[str | None, Counter[str]] = defaultdict(Counter)
    reasons: Counter[FeedbackReason] = Counter()
    for row in connection.execute(wanted.group_by(*groups)):
        item = next(iter(json.loads(row[0])), None)
        by_item[item][row.thumb] += int(row.count)
        if row.thumb == Thumb.DOWN.value and row.reason:
            reasons[FeedbackReason(row.reason)] += int(row.count)
    counts = {item: ThumbCount(c[Thumb.UP.value], c[Thumb.DOWN.value]) for item, c in by_item.items()}
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1].down, -pair[1].up, pair[0] or ""))
    return Thumbs(dict(ordered), {reason: reasons[reason] for reason in FeedbackReason})
