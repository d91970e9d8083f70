"""Measuring understanding: cross-validation by author, the held-out sets, a public benchmark. Never part of the service."""
