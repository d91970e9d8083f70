"""Rasa at run time: quiet start, training, the agent with its actions in process."""
