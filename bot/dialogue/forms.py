"""Normal forms, kept for a while: of one message they are asked for by the policy, the action and the reply."""

from __future__ import annotations

from functools import cache, lru_cache

from bot.understanding import spelling


@lru_cache(maxsize=64)
def normal_form(text: str) -> str:
    """Return the normal form of a message; few are kept, for they are the residents'."""
    return spelling.normal_form(text)


@cache
def label_form(label: str) -> str:
    """Return the normal form of what we write on a choice: as many are kept as there are."""
    return spelling.normal_form(label)
