"""A finding (检查结果): what was looked at, whether it is well, and a sentence about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from bot.settings import Settings
from bot.wording.pages import PageWording


class State(str, Enum):
    """How something is."""

    WELL = "✓"
    OFF = "–"
    """Not set up, which is nothing bad."""
    AMISS = "✗"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Finding:
    """What a check found."""

    state: State
    sentence: str

    def __str__(self) -> str:
        return f"{self.state} {self.sentence}"


Check = Callable[[Settings, PageWording], Iterable[Finding]]
"""Looks at one part of the service; the sentences are those of bot/wording/doctor.yml. It changes nothing."""
