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
from knowledge.vocabulary.look_alikes import LookAlikes, load_look_alikes

OFFICE_TIME = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Services:
    """The knowledge base in memory, the wording, the city, what day it is there, and what is easily confused."""

    base: KnowledgeBase
    wording: Wording
    city: str
    today: Callable[[], date]
    look_alikes: tuple[LookAlikes, ...] = ()


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
    vocabulary = load_vocabulary()
    look_alikes = load_look_alikes([entry.id for entry in vocabulary.catalogue])
    return Services(base, load_wording(), vocabulary.city, office_today, look_alikes)


def office_today() -> date:
    """Return the date at the office."""
    return datetime.now(OFFICE_TIME).date()
