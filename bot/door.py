"""The one door to what Rasa's components and actions need: Rasa builds them itself and hands them nothing.

The process that starts the service calls install(); under `rasa shell` and `rasa run actions` the first who asks
opens the configured base.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.settings import load_settings
from bot.wording import Wording, load_wording
from knowledge.model import KnowledgeBase
from knowledge.store import KnowledgeStore
from knowledge.vocabulary import load_vocabulary

OFFICE_TIME = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Services:
    """The knowledge base in memory, the wording, the city, and what day it is there."""

    base: KnowledgeBase
    wording: Wording
    city: str
    today: Callable[[], date]


_installed: list[Services] = []


def install(given: Services) -> None:
    """Make *given* what everybody gets from now on."""
    _installed[:] = [given]


def services() -> Services:
    """Return what was installed; without it, what the settings say. Raises StoreError where there is no base."""
    if not _installed:
        install(open_services(load_settings().database_url))
    return _installed[0]


def open_services(database_url: str) -> Services:
    """Load the current edition of the base at *database_url*."""
    base = KnowledgeStore(database_url).load()
    return Services(base, load_wording(), load_vocabulary().city, office_today)


def office_today() -> date:
    """Return the date at the office."""
    return datetime.now(OFFICE_TIME).date()
