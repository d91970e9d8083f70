"""Dates counted and read: working days, limits, office hours, what residents say of time. No clock, no sentences."""
