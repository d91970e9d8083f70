"""All figures of a period, read at one moment (统计)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.figures.clusters import Asked, Cluster, find_clusters
from bot.figures.period import Period
from bot.figures.thumbs import Thumbs, read_thumbs
from bot.figures.volumes import Volumes, read_volumes
from bot.figures.waiting import Waiting, read_waiting
from bot.records import feedback
from bot.records.database import Database


@dataclass(frozen=True)
class Statistics:
    """What the office may know of a period."""

    period: Period
    volumes: Volumes
    waiting: Waiting
    thumbs: Thumbs
    clusters: tuple[Cluster, ...]


class StatisticsReader:
    """Reads figures of the service's records. Every method raises StoreError."""

    def __init__(self, database: Database) -> None:
        database.make(feedback.tables)
        self._database = database

    def read(self, period: Period, not_in_guide: Sequence[Asked] = ()) -> Statistics:
        """Return the figures of *period*, with what was asked then and is not in the guide put together."""
        with self._database.transaction() as connection:
            volumes = read_volumes(connection, period)
            waiting = read_waiting(connection, period)
            thumbs = read_thumbs(connection, period)
        return Statistics(period, volumes, waiting, thumbs, tuple(find_clusters(not_in_guide)))
