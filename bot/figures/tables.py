"""Statistics as tables, one form for page, JSON and CSV. Every word comes from whoever asks for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.figures.statistics import Statistics
from bot.figures.volumes import ANSWERED, HANDED_OVER
from bot.figures.waiting import Spread
from bot.records.outcomes import Outcome

Cell = str | int | float | None
"""A share is a float between 0 and 1, in a column that says so."""


class Words(Protocol):
    """What things are called."""

    def say(self, key: str, **values: object) -> str:
        """Return the sentence *key*."""

    def item(self, id_: str) -> str:
        """Return an item's title, of an item that is no more its id."""

    def facet(self, name: str) -> str:
        """Return a facet's name."""

    def channel(self, name: str) -> str:
        """Return what a channel is called."""


@dataclass(frozen=True)
class Column:
    """A column: its stable *name*, what people call it, and whether it holds words, numbers or shares."""

    name: str
    label: str
    kind: str = "number"


@dataclass(frozen=True)
class Table:
    """A table: its stable *name*, what people call it, and its rows, each as long as there are columns."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


GROUPS: tuple[tuple[str, frozenset[Outcome]], ...] = (
    ("answered", ANSWERED),
    ("clarified", frozenset({Outcome.CLARIFIED})),
    ("not_in_guide", frozenset({Outcome.NOT_IN_GUIDE, Outcome.OWN_RECORD})),
    ("handed_over", HANDED_OVER),
    ("trouble", frozenset({Outcome.UNREADABLE, Outcome.FAILED})),
    ("not_asked", frozenset({Outcome.SMALL_TALK, Outcome.SILENT})),
)
"""How turns are put together where there is no room for each outcome; every outcome is in one of them."""


def tables_of(statistics: Statistics, words: Words) -> list[Table]:
    """Return all tables, in the order of a page."""
    return [
        _days(statistics, words),
        _hours(statistics, words),
        _outcomes(statistics, words),
        _channels(statistics, words),
        _items(statistics, words),
        _facets(statistics, words),
        _clusters(statistics, words),
        _waiting(statistics, words),
        _reasons(statistics, words),
        _thumbs(statistics, words),
    ]


def _table(name: str, words: Words, columns: Iterable[tuple[str, str]], rows: Iterable[Sequence[Cell]]) -> Table:
    named = tuple(Column(column, words.say(f"figures_column_{column}"), kind) for column, kind in columns)
    return Table(name, words.say(f"figures_table_{name}"), named, tuple(tuple(row) for row in rows))


def _grouped(counted: Counter[Outcome]) -> list[int]:
    return [sum(counted[outcome] for outcome in outcomes) for _, outcomes in GROUPS]


def _days(statistics: Statistics, words: Words) -> Table:
    volumes = statistics.volumes
    columns = [("day", "words"), ("sessions", "number"), ("turns", "number"), *((name, "number") for name, _ in GROUPS)]
    rows: list[list[Cell]] = []
    for day in statistics.period.days:
        counted = volumes.by_day.get(day, Counter())
        rows.append([day.isoformat(), volumes.sessions_by_day.get(day, 0), counted.total(), *_grouped(counted)])
    return _table("days", words, columns, rows)


def _hours(statistics: Statistics, words: Words) -> Table:
    columns = [("hour", "words"), ("turns", "number"), *((name, "number") for name, _ in GROUPS)]
    rows: list[list[Cell]] = []
    for hour in range(24):
        counted = statistics.volumes.by_hour.get(hour, Counter())
        rows.append([words.say("figures_hour", hour=hour), counted.total(), *_grouped(counted)])
    return _table("hours", words, columns, rows)


def _outcomes(statistics: Statistics, words: Words) -> Table:
    counted, turns = statistics.volumes.outcomes, statistics.volumes.turns
    columns = [("outcome", "words"), ("turns", "number"), ("share", "share")]
    rows = [
        (words.say(f"figures_outcome_{outcome}"), counted[outcome], _share(counted[outcome], turns))
        for outcome in Outcome
    ]
    return _table("outcomes", words, columns, rows)


def _channels(statistics: Statistics, words: Words) -> Table:
    counted = statistics.volumes.channels
    total = sum(counted.values())
    rows = [
        (words.channel(channel), counted[channel], _share(counted[channel], total)) for channel in _by_count(counted)
    ]
    return _table("channels", words, [("channel", "words"), ("turns", "number"), ("share", "share")], rows)


def _items(statistics: Statistics, words: Words) -> Table:
    columns = [("item", "words"), ("answers", "number"), ("silent", "number"), ("up", "number"), ("down", "number")]
    thumbs = statistics.thumbs.by_item
    answered = {count.item: count for count in statistics.volumes.items}
    rows: list[list[Cell]] = []
    for id_ in [*answered, *(item for item in thumbs if item and item not in answered)]:
        count, thumb = answered.get(id_), thumbs.get(id_)
        rows.append(
            [
                words.item(id_),
                count.answered if count else 0,
                count.silent if count else 0,
                thumb.up if thumb else 0,
                thumb.down if thumb else 0,
            ]
        )
    return _table("items", words, columns, rows)


def _facets(statistics: Statistics, words: Words) -> Table:
    counted = statistics.volumes.facets
    rows = [(words.facet(facet), counted[facet]) for facet in _by_count(counted)]
    return _table("facets", words, [("facet", "words"), ("turns", "number")], rows)


def _clusters(statistics: Statistics, words: Words) -> Table:
    columns = [("words", "words"), ("questions", "number"), ("sessions", "number")]
    rows = [("、".join(found.words), found.questions, found.sessions) for found in statistics.clusters]
    return _table("clusters", words, columns, rows)


def _waiting(statistics: Statistics, words: Words) -> Table:
    columns = [("measure", "words"), ("tickets", "number"), ("median", "words"), ("ninety", "words")]
    waiting = statistics.waiting

    def row(name: str, spread: Spread) -> tuple[Cell, ...]:
        lasting = [lasted(seconds, words.say) for seconds in (spread.median, spread.ninety)]
        return (words.say(f"figures_measure_{name}"), spread.count, *lasting)

    rows = [
        row("waited", waiting.waited),
        row("handled", waiting.handled),
        (words.say("figures_measure_left"), waiting.left, "", ""),
        (words.say("figures_measure_waiting"), waiting.waiting, "", ""),
    ]
    return _table("waiting", words, columns, rows)


def _reasons(statistics: Statistics, words: Words) -> Table:
    counted = {words.say(f"figures_reason_{reason}"): n for reason, n in statistics.waiting.reasons.items()}
    rows = [(label, counted[label]) for label in _by_count(counted)]
    return _table("reasons", words, [("reason", "words"), ("tickets", "number")], rows)


def _thumbs(statistics: Statistics, words: Words) -> Table:
    total = statistics.thumbs.total
    rows = [
        (words.say("figures_thumb_up"), total.up),
        (words.say("figures_thumb_down"), total.down),
        *((words.say(f"figures_thumb_{reason}"), count) for reason, count in statistics.thumbs.reasons.items()),
    ]
    return _table("thumbs", words, [("thumb", "words"), ("thumbs", "number")], rows)


def lasted(seconds: float | None, say: Callable[..., str]) -> str:
    """Return how long something took in the words of a person."""
    if seconds is None:
        return "—"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return say("figures_hours_minutes", hours=hours, minutes=minutes)
    if minutes:
        return say("figures_minutes_seconds", minutes=minutes, seconds=rest)
    return say("figures_seconds", seconds=rest)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _by_count(counted: Mapping[str, int]) -> list[str]:
    return sorted(counted, key=lambda name: (-counted[name], name))
