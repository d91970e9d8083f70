"""What every channel stands on: the knowledge base, the records beside it, the model."""

from __future__ import annotations

from collections.abc import Iterator

from bot.doctor.finding import Finding, State
from bot.records.database import Database
from bot.runtime.training import is_current, model_path
from bot.settings import Settings
from bot.wording.pages import PageWording
from knowledge.store import KnowledgeStore, StoreError


def check_base(settings: Settings, copy: PageWording) -> Iterator[Finding]:
    """Look whether there is a guide to answer by."""
    try:
        base = KnowledgeStore(settings.database_url).load()
    except StoreError as error:
        yield Finding(State.AMISS, copy.say("base_missing", reason=error))
    else:
        yield Finding(State.WELL, copy.say("base", edition=base.document.edition, count=len(base.items)))


def check_records(settings: Settings, copy: PageWording) -> Iterator[Finding]:
    """Look whether conversations and tickets can be kept."""
    try:
        Database.open(settings.database_url).close()
    except StoreError as error:
        yield Finding(State.AMISS, copy.say("records_away", reason=error))
    else:
        yield Finding(State.WELL, copy.say("records"))


def check_model(settings: Settings, copy: PageWording) -> Iterator[Finding]:
    """Look whether there is a model, trained from what lies here."""
    if not model_path(settings).exists():
        yield Finding(State.AMISS, copy.say("model_missing"))
    elif not is_current(settings):
        yield Finding(State.AMISS, copy.say("model_stale"))
    else:
        yield Finding(State.WELL, copy.say("model"))
