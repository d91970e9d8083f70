"""Since when an edition has been in force, looked up once for each that the engine takes up."""

from __future__ import annotations

import logging
from datetime import datetime

from bot.settings import OFFICE_TIME
from knowledge.model import KnowledgeBase
from knowledge.store import KnowledgeStore, StoreError

logger = logging.getLogger(__name__)


class InForceSince:
    """Answers for the base in use; the store is asked again when another base has taken its place."""

    def __init__(self, store: KnowledgeStore) -> None:
        self._store = store
        self._known: tuple[KnowledgeBase, datetime | None] | None = None

    def of(self, base: KnowledgeBase) -> datetime | None:
        """Return the moment in the office's time; None where the store does not know or is away."""
        # Identity, for comparing two bases means comparing every fact.
        if self._known is None or self._known[0] is not base:
            try:
                self._known = (base, self._look_up(base))
            except StoreError as error:
                logger.warning("the day of the edition is not known: %s", error)
                return None
        return self._known[1]

    def _look_up(self, base: KnowledgeBase) -> datetime | None:
        moments = [
            edition.in_force.at
            for edition in self._store.shelf()
            if edition.document == base.document and edition.in_force
        ]
        return max(moments).astimezone(OFFICE_TIME) if moments else None
