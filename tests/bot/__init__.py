"""Tests of understanding, dialogue, answers and the engine."""
