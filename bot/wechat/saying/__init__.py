"""How a reply looks in a chat of WeChat: its links, its choices, its pages."""
