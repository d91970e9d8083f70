"""What a load run measures: how long each call took, and what went wrong."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Figures:
    """The calls of one kind."""

    seconds: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)

    def took(self, seconds: float) -> None:
        """Count a call that was answered."""
        self.seconds.append(seconds)

    def failed(self, reason: str) -> None:
        """Count a call that was not."""
        self.errors[reason] += 1

    @property
    def sent(self) -> int:
        """How many calls were made."""
        return len(self.seconds) + self.failures

    @property
    def failures(self) -> int:
        """How many of them failed."""
        return sum(self.errors.values())

    def percentiles(self) -> str:
        """Return the last words of a line of figures."""
        return f"p50_ms {_milliseconds(self.seconds, 0.5)} p95_ms {_milliseconds(self.seconds, 0.95)}"


def _milliseconds(seconds: Sequence[float], share: float) -> int:
    """Return the smallest duration that at least *share* of them do not exceed (nearest rank)."""
    if not seconds:
        return 0
    return math.ceil(1000 * sorted(seconds)[max(math.ceil(share * len(seconds)), 1) - 1])
