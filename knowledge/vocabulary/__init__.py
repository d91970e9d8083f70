"""The reviewed words by which a guide is read: label spellings, the catalogue of items, channels, lint marks.

The files beside this module belong to the office's clerks. Another city brings a folder of its own; files
that it leaves out are taken from here.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import yaml

from knowledge.model import Facet

DEFAULT_FOLDER = Path(__file__).parent
_FILES = ("labels.yml", "items.csv", "office.yml")
_Data = TypeVar("_Data")


class VocabularyError(ValueError):
    """A vocabulary file that cannot be used; the message names the file and the place."""


@dataclass(frozen=True)
class CatalogueEntry:
    """An item as the office lists it: id, number, title, category, whom it concerns, other names."""

    id: str
    number: int
    title: str
    category: str
    audience: tuple[str, ...]
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class OpeningSpan:
    """A stretch of a working day in which the office is open (办公时间); it is closed again at *closes*."""

    opens: time
    closes: time


@dataclass(frozen=True)
class Vocabulary:
    """All vocabulary files, checked; *sha256* changes with any of them."""

    labels: Mapping[str, Facet]
    roles: frozenset[str]
    label_marks: tuple[str, ...]
    content_heads: frozenset[str]
    channels: Mapping[str, tuple[str, ...]]
    bare_counter: str
    way_heads: str
    clock_starts: tuple[str, ...]
    heading_tails: tuple[str, ...]
    counterparts: tuple[tuple[str, ...], ...]
    template_leftovers: tuple[tuple[str, str], ...]
    foreign_words: tuple[tuple[str, str], ...]
    catalogue: tuple[CatalogueEntry, ...]
    office: str
    city: str
    hours: tuple[OpeningSpan, ...]
    complaint_phone: str | None
    map_link: str | None
    sha256: str

    def facet_of_label(self, label: str) -> Facet | None:
        """Return the facet of a label without blanks, None where it is no label."""
        return self.labels.get(label)

    def label_of_facet(self, facet: Facet) -> str:
        """Return how this office's guide labels *facet*, in its first spelling."""
        return next((label for label, found in self.labels.items() if found is facet), facet.value)

    def title(self, squashed: str) -> CatalogueEntry | None:
        """Return the catalogue's item of that title, blanks dropped."""
        return self._titles.get(squashed)

    def is_title_start(self, squashed: str) -> bool:
        """Tell whether a title of the catalogue begins so."""
        return any(title.startswith(squashed) for title in self._titles)

    @cached_property
    def _titles(self) -> dict[str, CatalogueEntry]:
        return {re.sub(r"\s+", "", entry.title): entry for entry in self.catalogue}


def load_vocabulary(folder: Path | None = None) -> Vocabulary:
    """Read the vocabulary of *folder*, file by file falling back to ours. Raises VocabularyError."""
    paths = {name: _locate(folder, name) for name in _FILES}
    # What another office leaves unsaid in its labels.yml is said as in ours.
    labels = {
        **read_yaml(DEFAULT_FOLDER / "labels.yml", dict, "a mapping"),
        **read_yaml(paths["labels.yml"], dict, "a mapping"),
    }
    office = read_yaml(paths["office.yml"], dict, "a mapping")
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in paths.values())).hexdigest()
    try:
        return Vocabulary(
            labels={
                re.sub(r"\s+", "", spelling): Facet(facet)
                for facet, spellings in labels["labels"].items()
                for spelling in spellings
            },
            roles=frozenset(labels["roles"]),
            label_marks=tuple(labels["label_marks"]),
            content_heads=frozenset(labels["content_heads"]),
            channels={kind: tuple(words) for kind, words in labels["channels"].items()},
            bare_counter=str(labels["bare_counter"]),
            way_heads=str(labels["way_heads"]),
            clock_starts=tuple(labels["clock_starts"]),
            heading_tails=tuple(labels["heading_tails"]),
            counterparts=tuple(tuple(pair) for pair in labels["counterparts"]),
            template_leftovers=tuple((pattern, reason) for pattern, reason in labels["template_leftovers"]),
            foreign_words=tuple((word, reason) for word, reason in labels["foreign_words"]),
            catalogue=_load_catalogue(paths["items.csv"]),
            office=str(office["office"]),
            city=str(office["city"]),
            complaint_phone=_optional_text(office, "complaint_phone", paths["office.yml"]),
            map_link=_optional_text(office, "map", paths["office.yml"]),
            hours=_load_hours(office["hours"], paths["office.yml"]) if "hours" in office else (),
            sha256=digest,
        )
    except VocabularyError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise VocabularyError(f"{paths['labels.yml']} or {paths['office.yml']}: {error!r}") from error


def read_yaml(path: Path, kind: type[_Data], expected: str) -> _Data:
    """Return what a vocabulary file holds, of *kind*, which *expected* says in words.

    Raises VocabularyError naming the file where it cannot be read or holds something else.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise VocabularyError(f"{path}: {error}") from error
    if not isinstance(data, kind):
        raise VocabularyError(f"{path}: {expected} is expected")
    return data


def _locate(folder: Path | None, name: str) -> Path:
    if folder is not None:
        if not folder.is_dir():
            raise VocabularyError(f"{folder}: no such folder")
        if (folder / name).exists():
            return folder / name
    return DEFAULT_FOLDER / name


def _optional_text(office: Mapping[str, object], key: str, path: Path) -> str | None:
    value = office.get(key)
    if value is not None and not isinstance(value, str):
        raise VocabularyError(f"{path}: {key}: a text in quotation marks is expected")
    return value


def _load_hours(hours: object, path: Path) -> tuple[OpeningSpan, ...]:
    listed = hours.get("weekdays") if isinstance(hours, dict) and set(hours) == {"weekdays"} else None
    if not isinstance(listed, list) or not listed:
        raise VocabularyError(f"{path}: hours: expected is weekdays and the list of its spans, and nothing else")
    try:
        ends = [(time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in map(_ends_of, listed)]
    except ValueError as error:
        raise VocabularyError(f'{path}: hours.weekdays: a span is written "09:00-12:00": {error}') from error
    in_order = [moment for span in ends for moment in span]
    if any(earlier >= later for earlier, later in pairwise(in_order)):
        raise VocabularyError(f"{path}: hours.weekdays: each time must be later than the one before")
    return tuple(OpeningSpan(*span) for span in ends)


def _ends_of(span: object) -> tuple[str, str]:
    if not isinstance(span, str) or not re.fullmatch(r"[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}", span):
        raise ValueError(repr(span))
    opens, _, closes = span.partition("-")
    return opens, closes


def _load_catalogue(path: Path) -> tuple[CatalogueEntry, ...]:
    entries: list[CatalogueEntry] = []
    seen: dict[str, int] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), 2):
            try:
                entry = CatalogueEntry(
                    row["id"].strip(),
                    int(row["number"]),
                    row["title"].strip(),
                    row["category"].strip(),
                    _split(row["audience"]),
                    _split(row["aliases"]),
                )
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise VocabularyError(f"{path}:{line}: {error!r}") from error
            for key in (entry.id, entry.title):
                if not key or key in seen:
                    raise VocabularyError(f"{path}:{line}: “{key}” is empty or stands in line {seen.get(key)} already")
                seen[key] = line
            entries.append(entry)
    if not entries:
        raise VocabularyError(f"{path}: no items")
    return tuple(entries)


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|") if part.strip())
