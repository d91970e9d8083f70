"""The sentences that we say, read from zh.yml and checked: who speaks, what is said when. No facts of the guide."""

from __future__ import annotations

import string
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from bot.query import FACET_NAMES

_FILE = Path(__file__).parent / "zh.yml"


class WordingError(ValueError):
    """zh.yml cannot be used; the message names the key."""


class Wording:
    """The sentences by their keys; asking for one that is not there is an error at once, not in a conversation."""

    def __init__(self, sentences: Mapping[str, str], facets: Mapping[str, str]) -> None:
        self._sentences = dict(sentences)
        self._facets = dict(facets)

    def say(self, key: str, **values: object) -> str:
        """Return the sentence *key* with *values* filled in. Raises WordingError for a wrong key or value."""
        try:
            return string.Formatter().vformat(self._sentences[key], (), values)
        except KeyError as error:
            raise WordingError(f"zh.yml: {key}: {error} is missing") from error

    def has(self, key: str) -> bool:
        """Tell whether there is a sentence of its own for *key*."""
        return key in self._sentences

    def facet(self, name: str) -> str:
        """Return what residents call a facet."""
        return self._facets[name]


@cache
def load_wording() -> Wording:
    """Read zh.yml. Raises WordingError where a sentence is empty or a facet has no name."""
    data = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    facets = data.pop("facets", {})
    for name in FACET_NAMES:
        if not facets.get(name):
            raise WordingError(f"zh.yml: facets.{name} is missing")
    for key, sentence in data.items():
        if not isinstance(sentence, str) or not sentence.strip():
            raise WordingError(f"zh.yml: {key} is empty")
    return Wording(data, facets)
