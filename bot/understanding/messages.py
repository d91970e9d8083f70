"""The labelled messages of nlu_data/: reading and checking them. How they were written: nlu_data/README.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.query import FACET_NAMES
from bot.understanding.applicants import applicant_names

SCOPE_CLASSES = ("oos", "chitchat", "handoff", "clarify", "followup")


class DataError(ValueError):
    """Labelled messages that cannot be used; the message lists file, line and reason of each."""


@dataclass(frozen=True)
class LabelledMessage:
    """A message with its author, and either items (best first) and facets, or a scope class and topic.

    Without facets it teaches nothing about them.

    A message that asks about two matters carries both items and *is_double*.
    """

    author: str
    text: str
    items: tuple[str, ...] = ()
    facets: tuple[str, ...] = ()
    applicant: str | None = None
    scope: str | None = None
    topic: str = ""
    is_double: bool = False

    @property
    def intent(self) -> str:
        """The Rasa intent: the item's id, or the scope class and its topic ("oos_medical")."""
        if self.scope is None:
            return self.items[0]
        return f"{self.scope}_{self.topic}" if self.scope in ("oos", "handoff", "chitchat") else self.scope


def load_messages(folder: Path, item_ids: frozenset[str]) -> list[LabelledMessage]:
    """Read all messages under *folder*, in the order of files and lines. Raises DataError naming every bad line."""
    problems: list[str] = []
    messages = [message for path in sorted(folder.rglob("*.tsv")) for message in _read_file(path, item_ids, problems)]
    if problems:
        raise DataError("\n".join(problems))
    if not messages:
        raise DataError(f"{folder}: no labelled messages")
    return messages


def _read_file(path: Path, item_ids: frozenset[str], problems: list[str]) -> Iterator[LabelledMessage]:
    parse = _parse_scope if path.parent.name == "scope" else _parse_question
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            yield parse(path.stem, line.split("\t"), item_ids)
        except ValueError as error:
            problems.append(f"{path}:{number}: {error}")


def _parse_question(author: str, columns: list[str], item_ids: frozenset[str]) -> LabelledMessage:
    if len(columns) != 4:
        raise ValueError(f"{len(columns)} columns, 4 are expected: items, facets, applicant, text")
    items, facets, applicant, text = (column.strip() for column in columns)
    ids = tuple(items.replace("+", ",").split(","))
    return LabelledMessage(
        author=author,
        text=_text(text),
        items=_known(ids, item_ids, "item"),
        facets=() if facets == "-" else _known(tuple(facets.split(",")), frozenset(FACET_NAMES), "facet"),
        applicant=None if applicant == "-" else _known((applicant,), applicant_names(), "applicant")[0],
        is_double="+" in items,
    )


def _parse_scope(author: str, columns: list[str], item_ids: frozenset[str]) -> LabelledMessage:
    if len(columns) != 4:
        raise ValueError(f"{len(columns)} columns, 4 are expected: class, topic, items, text")
    scope, topic, items, text = (column.strip() for column in columns)
    _known((scope,), frozenset(SCOPE_CLASSES), "class")
    ids = () if items == "-" else _known(tuple(items.split(",")), item_ids, "item")
    # A follow-up that only states a circumstance ("单位倒闭了") goes on about what was asked before.
    names = topic.split(",") if scope == "followup" and topic != "-" else []
    facets = _known(tuple(names), frozenset(FACET_NAMES), "facet")
    return LabelledMessage(author, _text(text), ids, facets, None, scope, topic)


def _known(names: tuple[str, ...], known: frozenset[str], what: str) -> tuple[str, ...]:
    for name in names:
        if name not in known:
            raise ValueError(f"no such {what}: {name!r}")
    return names


def _text(text: str) -> str:
    if not text:
        raise ValueError("the message is empty")
    return text
