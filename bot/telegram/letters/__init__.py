"""What is sent (发出的消息): replies, lists and offers laid out for Telegram; nothing here talks to it."""
