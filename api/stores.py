"""What a call answers that cannot do without a store which is away."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from api.edge.problems import Refusal
from knowledge.store import StoreError

logger = logging.getLogger(__name__)


class StoreAway(Refusal):
    """A store cannot be reached at the moment."""

    def __init__(self) -> None:
        super().__init__(503, "store_away", "a store cannot be reached: try again", {"Retry-After": "5"})


@contextmanager
def needing_stores() -> Iterator[None]:
    """Let a call end in 503 where a store fails in the block. Raises StoreAway."""
    try:
        yield
    except StoreError as error:
        logger.error("a store cannot be reached: %s", error)
        raise StoreAway from error
