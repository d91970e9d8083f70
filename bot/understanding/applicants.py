"""Who is asking (申请人类型): found in the message by the words of applicants.yml, else by a classifier."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).parent / "applicants.yml"


def find_applicant(normal: str) -> str | None:
    """Return the applicant that a normalised message names; the longest word decides, None without one."""
    found = [(len(word), -position, name) for word, name in _words() if (position := normal.find(word)) >= 0]
    return max(found)[2] if found else None


@cache
def applicant_names() -> frozenset[str]:
    """Return the names of all applicants, as the guide says them."""
    return frozenset(name for _, name in _words())


@cache
def _words() -> tuple[tuple[str, str], ...]:
    data = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return tuple((str(word), str(name)) for name, words in data.items() for word in words)
