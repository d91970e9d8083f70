"""Forgetting a session (删除): everything that is kept of it goes, as its resident may ask at any time."""

from __future__ import annotations

from bot.desk.store import TicketStore
from bot.records.database import Database
from bot.records.feedback import FeedbackStore
from bot.records.outcomes import OutcomeStore
from bot.records.turns import TurnStore
from bot.settings import OFFICE_TIME


def erase_session(url: str, session: str) -> None:
    """Erase all that the database at *url* has of *session*: turns, thumbs, tickets. Raises StoreError."""
    database = Database.open(url)
    try:
        TurnStore(database, OutcomeStore(database)).erase(session)
        FeedbackStore(database).erase(session)
        TicketStore(database, OFFICE_TIME).erase(session)
    finally:
        database.close()
