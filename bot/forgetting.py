"""Forgetting a session (删除): everything that is kept of it goes, as its resident may ask at any time."""

from __future__ import annotations

from bot.desk.store import TicketStore
from bot.records.database import Database
from bot.records.feedback import FeedbackStore
from bot.records.outcomes import OutcomeStore
from bot.records.turns import TurnStore
from bot.review.store import ReviewStore
from bot.settings import OFFICE_TIME
from bot.telegram.traffic.records import TelegramRecords
from bot.wechat.kept.forgetting import Forgetting as WechatRecords


def erase_session(url: str, session: str) -> None:
    """Erase all that the database at *url* has of *session*, of whatever channel. Raises StoreError."""
    database = Database.open(url)
    try:
        for store in (
            TurnStore(database, OutcomeStore(database)),
            FeedbackStore(database),
            ReviewStore(database),
            TelegramRecords(database),
            WechatRecords(database),
            TicketStore(database, OFFICE_TIME),
        ):
            store.erase(session)
    finally:
        database.close()
