"""The door for WeChat: one address that the platform calls."""
