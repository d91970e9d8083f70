"""What people do before, after and beside an item, and in the great events of a life (接下来): ways_on.yml, checked."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from knowledge.model import Facet
from knowledge.vocabulary import DEFAULT_FOLDER, VocabularyError, read_yaml

WAYS_ON_FILE = "ways_on.yml"
LONGEST_SAY = 16
LONGEST_TITLE = 12
MOST_NEXT = 4
_ASPECTS = ("overview", *(facet.value for facet in Facet))
"""The facets, and the question for no single one of them (怎么办)."""

_REASON = re.compile(r"[1-9]\d*(-\d+)?(, [1-9]\d*(-\d+)?)*|practice(: .+)?")


class When(str, Enum):
    """When an item's turn comes, seen from another: before it (办之前), after it (办完之后), beside it (同时)."""

    BEFORE = "before"
    AFTER = "after"
    BESIDE = "beside"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Step:
    """An item, and what a resident wants there, in plain words."""

    item: str
    say: str


@dataclass(frozen=True)
class NextStep(Step):
    """A step beside another item; *why* names the guide's lines that show it, or practice."""

    when: When
    why: str


@dataclass(frozen=True)
class Event:
    """A life event (人生大事): its items in the order in which they are dealt with."""

    name: str
    title: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class RecordTopic:
    """What helps those who ask about a record of their own in such *words*; without words, whoever asks for one."""

    name: str
    words: tuple[str, ...]
    items: tuple[str, ...]


@dataclass(frozen=True)
class WaysOn:
    """Everything that may come next; of an office that has no such file, nothing."""

    says: Mapping[str, str] = field(default_factory=dict)
    steps: Mapping[str, tuple[NextStep, ...]] = field(default_factory=dict)
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    records: tuple[RecordTopic, ...] = ()

    def next_for(self, item_id: str) -> tuple[NextStep, ...]:
        """Return what comes before, after and beside an item, the likeliest first."""
        return self.steps.get(item_id, ())

    def facets_after(self, facet: str) -> tuple[str, ...]:
        """Return the aspects that people ask for after *facet*, the likeliest first."""
        return self.facets.get(facet, ())

    def events_of(self, item_id: str) -> tuple[Event, ...]:
        """Return the events that an item belongs to."""
        return tuple(event for event in self.events if any(step.item == item_id for step in event.steps))

    def records_for(self, message: str) -> tuple[str, ...]:
        """Return the items that help who asks in *message*, in normal form, about an own record; maybe none."""
        fitting = (topic for topic in self.records if not topic.words or any(word in message for word in topic.words))
        return next((topic.items for topic in fitting), ())

    @property
    def own_record(self) -> tuple[str, ...]:
        """The items that help with an own record where the message says nothing more."""
        return self.records[-1].items if self.records else ()


def load_ways_on(item_ids: Collection[str], folder: Path | None = None) -> WaysOn:
    """Read the ways on of *folder*, of this office where none is given; another office may have none.

    Raises VocabularyError naming the place in the file that is wrong.
    """
    path = (folder or DEFAULT_FOLDER) / WAYS_ON_FILE
    if folder is not None and not path.exists():
        return WaysOn()
    whole = read_yaml(path, dict, "a mapping of says, events, next, facets and own_record")
    parts = _complete(whole, ("says", "events", "next", "facets", "own_record"), f"{path}")
    says = _says(parts["says"], item_ids, f"{path}: says")
    return WaysOn(
        says,
        _next(parts["next"], says, f"{path}: next"),
        _facets(parts["facets"], f"{path}: facets"),
        _events(parts["events"], says, f"{path}: events"),
        _records(parts["own_record"], item_ids, f"{path}: own_record"),
    )


def _says(entries: object, item_ids: Collection[str], place: str) -> Mapping[str, str]:
    listed = _complete(entries, item_ids, place)
    says = {item: _short(say, LONGEST_SAY, f"{place}: {item}") for item, say in listed.items()}
    _each_once(place, list(says.values()))
    return says


def _next(entries: object, says: Mapping[str, str], place: str) -> Mapping[str, tuple[NextStep, ...]]:
    found = {}
    for item, listed in _complete(entries, says, place).items():
        steps = tuple(_next_step(entry, says, f"{place}: {item}") for entry in _list(listed, f"{place}: {item}"))
        if not 1 <= len(steps) <= MOST_NEXT:
            raise VocabularyError(f"{place}: {item}: has {len(steps)} steps, not 1 to {MOST_NEXT}")
        if any(step.item == item for step in steps):
            raise VocabularyError(f"{place}: {item}: points to itself")
        _each_once(f"{place}: {item}", [step.item for step in steps], [step.say for step in steps])
        found[item] = steps
    return found


def _next_step(entry: object, says: Mapping[str, str], place: str) -> NextStep:
    fields = _mapping(entry, place, {"item", "say", "when", "why"})
    step = _step(fields, says, place)
    when, why = fields.get("when"), str(fields.get("why"))
    if when not in [*When]:
        raise VocabularyError(f"{place}: {step.item}: 'when' is {when!r}, not one of {', '.join(When)}")
    if not _REASON.fullmatch(why):
        raise VocabularyError(f"{place}: {step.item}: 'why' names neither lines nor practice: {why!r}")
    return NextStep(step.item, step.say, When(when), why)


def _step(fields: Mapping[str, Any], says: Mapping[str, str], place: str) -> Step:
    (item,) = _known([fields.get("item")], says, place)
    return Step(item, _short(fields.get("say", says[item]), LONGEST_SAY, f"{place}: {item}"))


def _events(entries: object, says: Mapping[str, str], place: str) -> tuple[Event, ...]:
    events = []
    for entry in _list(entries, place):
        name = str(_mapping(entry, place, {"name", "title", "steps"}).get("name"))
        here = f"{place}: {name}"
        listed = [_mapping(step, here, {"item", "say"}) for step in _list(entry.get("steps"), here)]
        steps = tuple(_step(fields, says, here) for fields in listed)
        if not steps:
            raise VocabularyError(f"{here}: has no steps")
        _each_once(here, [step.item for step in steps], [step.say for step in steps])
        events.append(Event(name, _short(entry.get("title"), LONGEST_TITLE, here), steps))
    _each_once(place, [event.name for event in events], [event.title for event in events])
    return tuple(events)


def _facets(entries: object, place: str) -> Mapping[str, tuple[str, ...]]:
    found = {}
    for facet, listed in _complete(entries, _ASPECTS, place).items():
        following = _known(_list(listed, f"{place}: {facet}"), _ASPECTS, f"{place}: {facet}")
        if facet in following:
            raise VocabularyError(f"{place}: {facet}: points to itself")
        _each_once(f"{place}: {facet}", following)
        found[facet] = following
    return found


def _records(entries: object, item_ids: Collection[str], place: str) -> tuple[RecordTopic, ...]:
    topics = []
    for entry in _list(entries, place):
        name = str(_mapping(entry, place, {"topic", "words", "items"}).get("topic"))
        items = _known(_list(entry.get("items"), f"{place}: {name}"), item_ids, f"{place}: {name}")
        words = tuple(map(str, _list(entry.get("words", []), f"{place}: {name}")))
        topics.append(RecordTopic(name, words, items))
    if [topic for topic in topics if not topic.words] != topics[-1:]:
        raise VocabularyError(f"{place}: the last topic and no other is without words")
    return tuple(topics)


def _complete(entries: object, expected: Collection[str], place: str) -> Mapping[str, Any]:
    """Return a mapping that has every expected key and no other."""
    listed = _mapping(entries, place, expected)
    if missing := [key for key in expected if key not in listed]:
        raise VocabularyError(f"{place}: missing: {', '.join(missing)}")
    return listed


def _known(names: Iterable[Any], known: Collection[str], place: str) -> tuple[str, ...]:
    listed = tuple(map(str, names))
    if unknown := [name for name in listed if name not in known]:
        raise VocabularyError(f"{place}: unknown: {', '.join(unknown)}")
    return listed


def _each_once(place: str, *columns: Sequence[str]) -> None:
    for words in columns:
        if double := sorted({word for word in words if words.count(word) > 1}):
            raise VocabularyError(f"{place}: stands twice: {', '.join(double)}")


def _short(text: object, longest: int, place: str) -> str:
    if not isinstance(text, str) or not 0 < len(text) <= longest:
        raise VocabularyError(f"{place}: {text!r} is to have 1 to {longest} characters")
    return text


def _mapping(entry: object, place: str, keys: Collection[str]) -> Mapping[str, Any]:
    if not isinstance(entry, dict):
        raise VocabularyError(f"{place}: {entry!r} where a mapping is expected")
    _known(entry, keys, place)
    return entry


def _list(entry: object, place: str) -> list[Any]:
    if not isinstance(entry, list):
        raise VocabularyError(f"{place}: {entry!r} where a list is expected")
    return entry
