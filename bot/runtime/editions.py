"""Another edition of the guide (版本) put in force while the service runs: noticed, and taken up between two turns."""

from __future__ import annotations

import asyncio
import dataclasses
import logging

from bot.door import Services
from knowledge.store import KnowledgeStore, StoreError

logger = logging.getLogger(__name__)


class EditionWatch:
    """Knows which edition is in use."""

    def __init__(self, url: str) -> None:
        self._knowledge = KnowledgeStore(url)
        self._edition = self._knowledge.current_inputs()

    async def look(self, services: Services) -> Services | None:
        """Return *services* with the edition in force where that is another; while it cannot be read, the one before
        stays in use."""
        try:
            current = await asyncio.to_thread(self._knowledge.current_inputs)
            if current is None or current == self._edition:
                return None
            base = await asyncio.to_thread(self._knowledge.load)
        except StoreError:
            logger.exception("the edition in force could not be read; going on with the one before")
            return None
        self._edition = current
        logger.info("edition %s is in force", base.document.edition)
        return dataclasses.replace(services, ground=dataclasses.replace(services.ground, base=base))
