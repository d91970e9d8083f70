"""The sentences that we say, read from zh.yml and checked: who speaks, what is said when. No facts of the guide."""

from __future__ import annotations

import string
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

import yaml

from bot.query import FACET_NAMES

_FILE = Path(__file__).parent / "zh.yml"
_ELDER = Path(__file__).parent / "elder.yml"


class WordingError(ValueError):
    """zh.yml cannot be used; the message names the key."""


class Wording:
    """The sentences by their keys; asking for one that is not there is an error at once, not in a conversation."""

    def __init__(self, sentences: Mapping[str, str], facets: Mapping[str, str], next_facets: Mapping[str, str]) -> None:
        self._sentences = dict(sentences)
        self._facets = dict(facets)
        self._next_facets = dict(next_facets)

    def say(self, key: str, **values: object) -> str:
        """Return the sentence *key* with *values* filled in. Raises WordingError for a wrong key or value."""
        try:
            return string.Formatter().vformat(self._sentences[key], (), values)
        except KeyError as error:
            raise WordingError(f"zh.yml: {key}: {error} is missing") from error

    def has(self, key: str) -> bool:
        """Tell whether there is a sentence of its own for *key*."""
        return key in self._sentences

    def day(self, day: date) -> str:
        """Return a date as it is said: 2026年11月26日（星期四）."""
        return self.say("day", year=day.year, month=day.month, day=day.day, weekday="一二三四五六日"[day.weekday()])

    def next_facet(self, name: str) -> str:
        """Return what a resident would ask about a facet."""
        return self._next_facets[name]

    def facet(self, name: str) -> str:
        """Return what residents call a facet."""
        return self._facets[name]

    def shortened(self, sentences: Mapping[str, str]) -> Wording:
        """Return this wording with *sentences* in the place of some."""
        return Wording({**self._sentences, **sentences}, self._facets, self._next_facets)


@cache
def load_wording(elder: bool = False) -> Wording:
    """Read zh.yml, for *elder* residents with the shorter sentences of elder.yml.

    Raises WordingError where a sentence is empty, a facet has no name, or elder.yml names a sentence that is none.
    """
    data = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    names = {kind: data.pop(kind, {}) for kind in ("facets", "next_facets")}
    for kind, named in names.items():
        for name in FACET_NAMES:
            if not named.get(name):
                raise WordingError(f"zh.yml: {kind}.{name} is missing")
    _check(_FILE.name, data)
    wording = Wording(data, names["facets"], names["next_facets"])
    if not elder:
        return wording
    shorter = yaml.safe_load(_ELDER.read_text(encoding="utf-8"))
    _check(_ELDER.name, shorter)
    if unknown := sorted(set(shorter) - set(data)):
        raise WordingError(f"{_ELDER.name}: no such sentence in {_FILE.name}: {', '.join(unknown)}")
    return wording.shortened(shorter)


def _check(name: str, sentences: Mapping[str, object]) -> None:
    for key, sentence in sentences.items():
        if not isinstance(sentence, str) or not sentence.strip():
            raise WordingError(f"{name}: {key} is empty")
