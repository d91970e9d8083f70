"""Terms of the guide that a resident may not know (名词解释), each in one line of ours: glossary.yml, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from knowledge.vocabulary import DEFAULT_FOLDER, VocabularyError, read_yaml

GLOSSARY_FILE = "glossary.yml"
LONGEST_MEANING = 40


@dataclass(frozen=True)
class Term:
    """A term as the guide spells it, what it *means* in our words, and its other spellings."""

    term: str
    means: str
    forms: tuple[str, ...] = ()

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every string by which the term is found."""
        return (self.term, *self.forms)


@dataclass(frozen=True)
class Glossary:
    """All terms, and the proper *names* in which they are none; of an office that has no such file, nothing."""

    terms: tuple[Term, ...] = ()
    names: tuple[str, ...] = ()

    def terms_in(self, text: str) -> tuple[Term, ...]:
        """Return the terms of *text* in the order of their first appearance, each once.

        Where several begin at one place the longest counts, and nothing inside it.
        """
        if not self.terms:
            return ()
        found = (self._by_spelling.get(match.group()) for match in self._pattern.finditer(text))
        return tuple(dict.fromkeys(term for term in found if term is not None))

    @cached_property
    def _by_spelling(self) -> Mapping[str, Term]:
        return {spelling: term for term in self.terms for spelling in term.spellings}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        words = sorted([*self._by_spelling, *self.names], key=len, reverse=True)
        return re.compile("|".join(map(re.escape, words)))


def load_glossary(folder: Path | None = None) -> Glossary:
    """Read the terms of *folder*, of this office where none is given; another office may have none.

    Raises VocabularyError naming the term that is wrong.
    """
    path = (folder or DEFAULT_FOLDER) / GLOSSARY_FILE
    if folder is not None and not path.exists():
        return Glossary()
    data = read_yaml(path, dict, "a mapping of names and terms")
    names, entries = data.get("names", []), data.get("terms")
    if set(data) - {"names", "terms"} or not isinstance(names, list) or not isinstance(entries, list):
        raise VocabularyError(f"{path}: names and terms are expected, two lists")
    terms = tuple(_term(entry, path) for entry in entries)
    spellings = [spelling for term in terms for spelling in term.spellings]
    if double := sorted({spelling for spelling in spellings if spellings.count(spelling) > 1}):
        raise VocabularyError(f"{path}: explained twice: {', '.join(double)}")
    return Glossary(terms, tuple(map(str, names)))


def _term(entry: Mapping[str, Any], path: Path) -> Term:
    if not isinstance(entry, dict) or not isinstance(entry.get("term"), str) or not entry["term"]:
        raise VocabularyError(f"{path}: {entry!r} where a term is expected")
    place, means, forms = f"{path}: {entry['term']}", entry.get("means"), entry.get("forms", [])
    if unknown := sorted(str(key) for key in set(entry) - {"term", "means", "forms"}):
        raise VocabularyError(f"{place}: unknown: {', '.join(unknown)}")
    if not isinstance(means, str) or not 0 < len(means) <= LONGEST_MEANING:
        raise VocabularyError(f"{place}: 'means' is to have 1 to {LONGEST_MEANING} characters")
    if not isinstance(forms, list) or not all(isinstance(form, str) and form for form in forms):
        raise VocabularyError(f"{place}: 'forms' is to be a list of spellings")
    return Term(entry["term"], means, tuple(forms))
