"""Measuring understanding: cross-validation by author, held-out sets, a benchmark. Never part of the service."""
