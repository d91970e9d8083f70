"""How long what residents said is kept (保存期限): forgotten when it is too old, and by session on request."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Protocol

from bot.desk.store import TicketStore
from bot.records.conversations import ConversationStore
from bot.records.outcomes import OutcomeStore
from bot.records.transcripts import TranscriptStore
from bot.settings import Settings
from knowledge.store import StoreError

logger = logging.getLogger(__name__)

PRUNE_EVERY = timedelta(days=1)
"""How often a service that runs on forgets what is older than its settings keep it."""


class Forgets(Protocol):
    """A store beside the engine's own that knows something of sessions."""

    def erase(self, session: str) -> None:
        """Forget a session."""

    def prune(self, before: datetime) -> int:
        """Forget what is from before *before*; return how much."""


class Retention:
    """Forgets, in the engine's stores and in those kept beside them."""

    def __init__(
        self,
        settings: Settings,
        conversations: ConversationStore,
        transcripts: TranscriptStore,
        outcomes: OutcomeStore,
        desk: TicketStore,
    ) -> None:
        self._settings = settings
        self._with_conversations: list[Forgets] = [conversations, transcripts]
        self._beside: list[Forgets] = []
        self._outcomes = outcomes
        self._desk = desk
        self._pruned: datetime | None = None

    def keep_beside(self, store: Forgets) -> None:
        """Let *store* forget sessions whenever the others do, and its old records with the conversations."""
        self._beside.append(store)

    def is_due(self, now: datetime) -> bool:
        """Tell whether it is time to prune again."""
        return self._pruned is None or now - self._pruned > PRUNE_EVERY

    def prune(self, now: datetime) -> None:
        """Forget what is older than the settings keep it; a store that cannot is logged."""
        self._pruned = now
        said = now - timedelta(days=self._settings.keep_conversations_days)
        try:
            for store in (*self._with_conversations, *self._beside):
                store.prune(said)
            self._outcomes.prune(now - timedelta(days=self._settings.keep_outcomes_days))
            self._desk.prune(now - timedelta(days=self._settings.keep_tickets_days))
        except StoreError:
            logger.exception("what is too old could not be forgotten yet")

    def erase_beside(self, session: str) -> None:
        """Forget a session at the desk and in the stores beside; its turns are the keeper's. Raises StoreError."""
        self._desk.erase(session)
        for store in self._beside:
            store.erase(session)
