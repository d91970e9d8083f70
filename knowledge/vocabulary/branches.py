"""The headings that exclude each other for one case (分支), and what to ask about them: branches.yml, checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from knowledge.vocabulary import DEFAULT_FOLDER, VocabularyError, read_yaml

BRANCHES_FILE = "branches.yml"
LONGEST_LABEL = 24
_QUESTION_KEYS = frozenset({"question", "choices"})
_CHOICE_KEYS = frozenset({"label", "applicant", "headings", "says"})


@dataclass(frozen=True)
class Branch:
    """One answer to a narrowing question: the headings it keeps, and by what it is known or picked.

    Being an *applicant* rules out the choices that do not carry it; it settles this one only where no other does.
    """

    label: str
    headings: frozenset[str]
    applicant: str | None
    says: tuple[str, ...]


@dataclass(frozen=True)
class BranchQuestion:
    """What to ask about an item so that the facts of other cases can be left out."""

    item: str
    question: str
    choices: tuple[Branch, ...]

    @cached_property
    def headings(self) -> frozenset[str]:
        """Every heading that the question decides on; any other heading hides nothing."""
        return frozenset().union(*(choice.headings for choice in self.choices))


def load_branches(item_ids: Collection[str], folder: Path | None = None) -> Mapping[str, tuple[BranchQuestion, ...]]:
    """Read the questions of *folder* by item, of this office where none is given; another office may have none.

    Raises VocabularyError naming the item that is wrong.
    """
    path = (folder or DEFAULT_FOLDER) / BRANCHES_FILE
    if folder is not None and not path.exists():
        return {}
    data = read_yaml(path, dict, "a mapping of items to their questions")
    if unknown := sorted(str(item) for item in set(data) - set(item_ids)):
        raise VocabularyError(f"{path}: no such item: {', '.join(unknown)}")
    return {item: _questions(item, entries, f"{path}: {item}") for item, entries in data.items()}


def _questions(item: str, entries: object, place: str) -> tuple[BranchQuestion, ...]:
    if not isinstance(entries, list) or not entries:
        raise VocabularyError(f"{place}: a list of questions is expected")
    return tuple(_question(item, entry, place) for entry in entries)


def _question(item: str, entry: object, place: str) -> BranchQuestion:
    fields = _fields(entry, _QUESTION_KEYS, place)
    listed = fields.get("choices")
    choices = tuple(_branch(choice, place) for choice in listed) if isinstance(listed, list) else ()
    if len(choices) < 2:
        raise VocabularyError(f"{place}: a question has two choices or more")
    labels = [choice.label for choice in choices]
    if double := sorted({label for label in labels if labels.count(label) > 1}):
        raise VocabularyError(f"{place}: labels that stand twice: {', '.join(double)}")
    kept = [choice.headings for choice in choices]
    if alike := [choice.label for choice in choices if kept.count(choice.headings) > 1]:
        raise VocabularyError(f"{place}: choices that name the same headings: {', '.join(alike)}")
    return BranchQuestion(item, _text(fields, "question", place), choices)


def _branch(entry: object, place: str) -> Branch:
    fields = _fields(entry, _CHOICE_KEYS, place)
    label = _text(fields, "label", place)
    if len(label) > LONGEST_LABEL:
        raise VocabularyError(f"{place}: “{label}” has more than {LONGEST_LABEL} characters")
    place = f"{place}: {label}"
    headings = frozenset(_texts(fields, "headings", place))
    if not headings:
        raise VocabularyError(f"{place}: names no headings")
    applicant = _text(fields, "applicant", place) if "applicant" in fields else None
    return Branch(label, headings, applicant, _texts(fields, "says", place))


def _fields(entry: object, keys: frozenset[str], place: str) -> Mapping[str, Any]:
    if not isinstance(entry, dict):
        raise VocabularyError(f"{place}: {entry!r} where a mapping is expected")
    if unknown := sorted(str(key) for key in set(entry) - keys):
        raise VocabularyError(f"{place}: unknown: {', '.join(unknown)}")
    return entry


def _text(fields: Mapping[str, Any], key: str, place: str) -> str:
    text = fields.get(key)
    if not isinstance(text, str) or not text.strip():
        raise VocabularyError(f"{place}: “{key}” is empty")
    return text.strip()


def _texts(fields: Mapping[str, Any], key: str, place: str) -> tuple[str, ...]:
    """Return the list at *key*, empty without it; a lone string would be read as its characters, so it is refused."""
    texts = fields.get(key, [])
    if not isinstance(texts, list) or not all(isinstance(text, str) and text.strip() for text in texts):
        raise VocabularyError(f"{place}: “{key}” is to be a list of words")
    return tuple(texts)
