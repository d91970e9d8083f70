"""The index of the edition in force: made once for each, as soon as it is asked for."""

from __future__ import annotations

import asyncio
import threading

from bot.lookup.index import LookupIndex
from knowledge.model import KnowledgeBase
from knowledge.vocabulary.glossary import Glossary
from knowledge.vocabulary.ways_on import WaysOn


class Lookup:
    """Holds the index beside the base that it was made of, and makes another when another base is in force."""

    def __init__(self, ways: WaysOn, glossary: Glossary) -> None:
        self._ways = ways
        self._glossary = glossary
        self._making = threading.Lock()
        self._made: tuple[KnowledgeBase, LookupIndex] | None = None

    async def at(self, base: KnowledgeBase) -> LookupIndex:
        """Return the index of *base*; while it is made, other calls go on."""
        made = self._made
        if made is not None and made[0] is base:
            return made[1]
        return await asyncio.to_thread(self.make, base)

    def make(self, base: KnowledgeBase) -> LookupIndex:
        """Return the index of *base*, made now where there is none; who asks meanwhile waits for the same one."""
        with self._making:
            if self._made is None or self._made[0] is not base:
                self._made = base, LookupIndex.of(base, self._ways, self._glossary)
            return self._made[1]
