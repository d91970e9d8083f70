"""Items that are easily taken for each other (易混事项), and what separates them: look_alikes.yml, read and checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge.model import SourceLines
from knowledge.vocabulary import DEFAULT_FOLDER, VocabularyError, read_yaml

LOOK_ALIKES_FILE = "look_alikes.yml"
LONGEST_CASE = 26


@dataclass(frozen=True)
class Case:
    """What makes it this item and no other of its group, in plain words, and the guide's lines that say so."""

    item: str
    when: str
    lines: SourceLines


@dataclass(frozen=True)
class LookAlikes:
    """A group of items: the question that separates them, its answers, and messages that differ in just that."""

    name: str
    question: str
    cases: tuple[Case, ...]
    contrast: tuple[tuple[str, str], ...]

    @property
    def items(self) -> frozenset[str]:
        """The ids of the group."""
        return frozenset(case.item for case in self.cases)


def find_group(groups: Sequence[LookAlikes], items: Collection[str]) -> LookAlikes | None:
    """Return the group whose question separates all of *items*: of several the smallest, which asks most sharply."""
    fitting = [group for group in groups if group.items >= set(items)]
    return min(fitting, key=lambda group: len(group.cases), default=None)


def load_look_alikes(item_ids: Collection[str], folder: Path | None = None) -> tuple[LookAlikes, ...]:
    """Read the groups of *folder*, of this office where none is given; another office may have none.

    Raises VocabularyError naming the group that is wrong.
    """
    path = (folder or DEFAULT_FOLDER) / LOOK_ALIKES_FILE
    if folder is not None and not path.exists():
        return ()
    data = read_yaml(path, list, "a list of groups")
    groups = tuple(_group(entry, frozenset(item_ids), path) for entry in data)
    names = [group.name for group in groups]
    if double := sorted({name for name in names if names.count(name) > 1}):
        raise VocabularyError(f"{path}: listed twice: {', '.join(double)}")
    return groups


def _group(entry: Mapping[str, Any], item_ids: frozenset[str], path: Path) -> LookAlikes:
    name = entry.get("name", "?") if isinstance(entry, dict) else repr(entry)
    try:
        cases = tuple(
            Case(str(item), str(case["when"]), SourceLines(*map(int, case["lines"])))
            for item, case in entry["items"].items()
        )
        contrast = tuple((str(item), str(text)) for item, text in entry["contrast"])
        group = LookAlikes(str(entry["name"]), str(entry["question"]), cases, contrast)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise VocabularyError(f"{path}: {name}: {error!r}") from error
    if unknown := sorted((group.items | {item for item, _ in contrast}) - item_ids):
        raise VocabularyError(f"{path}: {name}: no such item: {', '.join(unknown)}")
    if len(cases) < 2:
        raise VocabularyError(f"{path}: {name}: a group has two items or more")
    whens = [case.when for case in cases]
    if len(set(whens)) < len(whens) or any(not 0 < len(when) <= LONGEST_CASE for when in whens):
        raise VocabularyError(f"{path}: {name}: each 'when' is to differ and to have 1 to {LONGEST_CASE} characters")
    return group
