"""Other people's towns: which one somebody names changes nothing in what is asked, and that one is named, little."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from bot.understanding.homophones import any_of
from bot.understanding.lexicon import place_names
from bot.understanding.normalise import MASKED

PLACES_FILE = Path(__file__).parent / "places.yml"


@dataclass(frozen=True)
class Places:
    """What places.yml says: names of provinces and cities, words that only seem to hold one, what tells beside a town
    that somebody moves, what every town has of its own, what else may mean another place, and what means ours."""

    names: tuple[str, ...]
    kept: tuple[str, ...]
    moving: tuple[str, ...]
    own: tuple[str, ...]
    elsewhere: tuple[str, ...]
    here: tuple[str, ...]


@cache
def load_places(path: Path = PLACES_FILE) -> Places:
    """Return the tables of the data file; a name listed twice is an error."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    names = tuple(str(name) for name in (*data["provinces"], *data["cities"]))
    if double := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"{path.name}: listed twice: {double}")
    tables = ("kept", "moving", "own", "elsewhere", "here")
    return Places(names, *(tuple(str(word) for word in data[key]) for key in tables))


def mask_places(text: str) -> str:
    """Return a text in normal form with 某 for provinces and cities not ours, one for several in a row.

    It reads as a place that somebody masked does (bot.understanding.normalise): one sign instead of four hundred names,
    of most of which nobody will ever have labelled an example. Streets that are called after a city stay.
    """
    return _named().sub(lambda found: found["kept"] or MASKED, text)


def without_town(form: str) -> str | None:
    """Return a normal form without the towns that it names, where they are only where somebody is ("某失业金怎么领").

    None where there is none, where somebody moves from or to one or asks for what is a town's own (decision 25), or
    where a character or none would be left.
    """
    if MASKED not in form or _moved().search(form) or _own().search(form):
        return None
    rest = _PLACE.sub("", form)
    return rest if len(rest) > 1 else None


def names_elsewhere(form: str) -> bool:
    """Return whether anything in a normal form may mean a place that is not ours: a town, a word for being elsewhere,
    or what jieba's dictionary knows for a place.

    It errs on that side: what it finds may be none, but where it finds nothing, nobody asks for another place's office.
    """
    rest = _here().sub(" ", form)
    if MASKED in rest or _elsewhere().search(rest):
        return True
    known, longest = place_names(), _longest_name()
    return any(
        rest[start:end] in known
        for start in range(len(rest) - 1)
        for end in range(start + 2, min(start + longest, len(rest)) + 1)
    )


_AREA = "(?:[省市县区]|自治区)?"
_PLACE = re.compile(f"(?:我是|我在|人在|在|的)?{MASKED}{_AREA}的?")
"""A town with the words that tie it to the question."""


@cache
def _moved() -> re.Pattern[str]:
    moving = any_of(load_places().moving).pattern
    return re.compile(f"(?:{moving}).{{0,3}}{MASKED}|{MASKED}{_AREA}.{{0,4}}(?:{moving})")


@cache
def _own() -> re.Pattern[str]:
    return any_of(load_places().own)


@cache
def _elsewhere() -> re.Pattern[str]:
    return any_of(load_places().elsewhere)


@cache
def _longest_name() -> int:
    return max(map(len, place_names()))


@cache
def _here() -> re.Pattern[str]:
    return any_of(load_places().here)


@cache
def _named() -> re.Pattern[str]:
    places = load_places()
    name = f"(?:{any_of(places.names).pattern})省?(?!路|街|大道)"
    return re.compile(f"(?P<kept>{any_of(places.kept).pattern})|(?:{name})+")
