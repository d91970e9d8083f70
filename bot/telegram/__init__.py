"""Telegram: residents' chats on one side, the engine on the other; no sentence and no fact lives here."""
