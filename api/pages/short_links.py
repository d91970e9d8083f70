"""Addresses of items that fit into a short message (短链接): four letters and digits that follow from the item's id."""

from __future__ import annotations

import hashlib

from knowledge.model import KnowledgeBase, ServiceItem

PREFIX = "/i/"
LENGTH = 4
_SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without what is mistaken when it is read out: 0 and o, 1 and l and i."""


def short_code(item_id: str) -> str:
    """Return the code of an item: the same in every edition, with nothing to store."""
    number = int.from_bytes(hashlib.sha256(item_id.encode()).digest()[:8], "big")
    signs = ""
    for _ in range(LENGTH):
        number, sign = divmod(number, len(_SIGNS))
        signs += _SIGNS[sign]
    return signs


def find_by_code(base: KnowledgeBase, code: str) -> ServiceItem | None:
    """Return the item that a code leads to."""
    return next((item for item in base if short_code(item.id) == code.lower()), None)
