"""The channel at Telegram, against a stand-in of the Bot API."""
