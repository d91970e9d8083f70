"""Other people's towns: which city or province somebody names changes nothing in what is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from bot.understanding.homophones import any_of
from bot.understanding.normalise import MASKED

PLACES_FILE = Path(__file__).parent / "places.yml"


@dataclass(frozen=True)
class Places:
    """What places.yml says: names of provinces and cities, and words that only seem to hold one."""

    names: tuple[str, ...]
    kept: tuple[str, ...]


def load_places(path: Path = PLACES_FILE) -> Places:
    """Return the tables of the data file; a name listed twice is an error."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    names = tuple(str(name) for name in (*data["provinces"], *data["cities"]))
    if double := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"{path.name}: listed twice: {double}")
    return Places(names, tuple(data["kept"]))


def mask_places(text: str) -> str:
    """Return a text in normal form with 某 for provinces and cities not ours, one for several in a row.

    It reads as a place that somebody masked does (bot.understanding.normalise): one sign instead of four hundred names,
    of most of which nobody will ever have labelled an example. Streets that are called after a city stay.
    """
    return _named().sub(lambda found: found["kept"] or MASKED, text)


@cache
def _named() -> re.Pattern[str]:
    places = load_places()
    name = f"(?:{any_of(places.names).pattern})省?(?!路|街|大道)"
    return re.compile(f"(?P<kept>{any_of(places.kept).pattern})|(?:{name})+")
