"""The conversation: what a query means in its thread, and what the reply is. Pure of Rasa and of any channel."""
