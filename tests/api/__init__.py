"""Tests of the HTTP edge over the real engine."""
