"""What steers a conversation whatever it is about: a correction, a pointing back, "show all" (cues.yml)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).parent / "cues.yml"
_WHOLE_TAIL = r"(?:吧|啊|呀|了|的|嘛|呢|哦|喔|谢谢)*"
MAX_INTRODUCTION = 22
"""Characters up to which "我是…" only says who is asking; a longer one tells a story of its own."""

_REGULAR = ("switches", "contrasts", "identifies", "presupposes", "wants_call")
"""The cues that are regular expressions and nothing beside."""


@dataclass(frozen=True)
class Cues:
    """The cues of one message. It *asks* where it has a word that does or names an aspect, *asks_outright* where it has
    such a word; *of_office* is the facet that it wants of the office itself, where it wants nothing else; *normal* is
    the message in normal form, *bare* the same without courtesies before it."""

    corrects: bool = False
    points_back: bool = False
    shows_all: bool = False
    none_of_these: bool = False
    rejects: bool = False
    calls_off: bool = False
    introduces: bool = False
    asks: bool = False
    asks_outright: bool = False
    asks_hours: bool = False
    is_elliptical: bool = False
    switches: bool = False
    identifies: bool = False
    presupposes: bool = False
    wants_call: bool = False
    of_office: str | None = None
    normal: str = ""
    bare: str = ""


def find_cues(normal: str) -> Cues:
    """Return the cues of a message in normal form (bot.understanding.spelling.normal_form)."""
    words = _patterns()
    bare = words.courtesies.sub("", normal)
    is_short = len(bare) <= MAX_INTRODUCTION
    return Cues(
        corrects=bool(
            words.corrects.match(bare) or words.corrects.match(normal) or (is_short and words.contrasts.search(normal))
        ),
        points_back=bool(words.points_back.search(normal)),
        shows_all=bool(words.shows_all.fullmatch(bare)),
        none_of_these=bool(words.none_of_these.match(bare)),
        rejects=bool(words.rejects.fullmatch(bare)),
        calls_off=bool(words.calls_off.fullmatch(bare)),
        introduces=len(normal) <= MAX_INTRODUCTION and bool(words.introduces.match(bare)),
        asks=bool(words.asks.search(bare) or words.aspects.search(bare)),
        asks_outright=bool(words.asks.search(bare)),
        asks_hours=is_short and bool(words.asks_hours.search(bare)),
        is_elliptical=is_short and bool(words.elliptical.search(normal)),
        switches=is_short and bool(words.switches.search(normal)),
        identifies=is_short and bool(words.identifies.search(normal)),
        presupposes=is_short and bool(words.presupposes.search(bare)),
        wants_call=bool(words.wants_call.search(bare)),
        of_office=_wanted_of_office(bare, words) if is_short else None,
        normal=normal,
        bare=bare or normal,
    )


def _wanted_of_office(bare: str, words: _Patterns) -> str | None:
    if not (words.office.search(bare) and words.only_office.fullmatch(bare)):
        return None
    return next((facet for facet, pattern in words.office_aspects.items() if pattern.search(bare)), None)


@dataclass(frozen=True)
class _Patterns:
    corrects: re.Pattern[str]
    points_back: re.Pattern[str]
    shows_all: re.Pattern[str]
    none_of_these: re.Pattern[str]
    rejects: re.Pattern[str]
    calls_off: re.Pattern[str]
    introduces: re.Pattern[str]
    courtesies: re.Pattern[str]
    asks: re.Pattern[str]
    aspects: re.Pattern[str]
    asks_hours: re.Pattern[str]
    elliptical: re.Pattern[str]
    switches: re.Pattern[str]
    contrasts: re.Pattern[str]
    identifies: re.Pattern[str]
    presupposes: re.Pattern[str]
    wants_call: re.Pattern[str]
    office: re.Pattern[str]
    only_office: re.Pattern[str]
    office_aspects: Mapping[str, re.Pattern[str]]


@cache
def _patterns() -> _Patterns:
    data = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    aspects = data["office_aspects"]
    of_office = [*data["office"], *data["office_around"], *(word for words in aspects.values() for word in words)]
    particle = r"(?:[啊哎诶呃唉哦额咦]|等下|等等|等一下)*"
    return _Patterns(
        corrects=re.compile(f"{particle}{_any(data['corrects'])}"),
        points_back=re.compile(_any(data["points_back"])),
        shows_all=re.compile(_any(data["shows_all"]) + _WHOLE_TAIL),
        none_of_these=re.compile(_any(data["none_of_these"])),
        rejects=re.compile(_any(data["rejects"]) + _WHOLE_TAIL),
        calls_off=re.compile(_any(data["calls_off"]) + _WHOLE_TAIL),
        introduces=re.compile(f"{particle}{_any(data['introduces'])}"),
        courtesies=re.compile(f"^(?:{_any(data['courtesies'])}[啊哈呀哦喔啦了呢吧]?)+"),
        asks=re.compile(_any(data["asks"])),
        aspects=re.compile(_any(data["aspects"])),
        asks_hours=re.compile("|".join(data["asks_hours"])),
        elliptical=re.compile("|".join(data["elliptical"])),
        office=re.compile(_any(data["office"])),
        only_office=re.compile(f"{_any(of_office)}+"),
        office_aspects={facet: re.compile(_any(listed)) for facet, listed in aspects.items()},
        **{name: re.compile("|".join(data[name])) for name in _REGULAR},
    )


def _any(words: Sequence[str]) -> str:
    return "(?:" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + ")"
