"""Rasa's custom actions: thin hands from tracker to query to reply to events."""
