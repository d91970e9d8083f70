"""What the service keeps of conversations (记录): where each one stands, and how each turn ended."""
