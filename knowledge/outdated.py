"""What the office's data files name and a new edition no longer has: work for an editor, never an error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from knowledge.comparing import without_number
from knowledge.model import KnowledgeBase, SourceLines
from knowledge.vocabulary.branches import BRANCHES_FILE, BranchQuestion
from knowledge.vocabulary.glossary import GLOSSARY_FILE, Glossary
from knowledge.vocabulary.look_alikes import LOOK_ALIKES_FILE, LookAlikes
from knowledge.vocabulary.ways_on import WAYS_ON_FILE, WaysOn

_SPAN = re.compile(r"(\d+)(?:-(\d+))?")


class Lack(str, Enum):
    """What a data file names and the edition lacks."""

    ITEM = "item_gone"
    HEADING = "heading_gone"
    LINES = "lines_changed"
    TERM = "term_gone"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Outdated:
    """One entry that needs an editor: in which file, about which item ('' for none), what it names that is gone.

    *lines* are those of the guide that the file was written for.
    """

    file: str
    item: str
    lack: Lack
    words: str
    lines: SourceLines | None = None

    def __str__(self) -> str:
        where = f"{self.file}: {self.item}" if self.item else self.file
        return f"{where}: {self.lack}: {self.words}" + (f" ({self.lines})" if self.lines else "")

    def as_json(self) -> dict[str, Any]:
        """Return the entry as JSON data."""
        lines = [self.lines.first, self.lines.last] if self.lines else None
        return {
            "file": self.file,
            "item": self.item or None,
            "what": self.lack.value,
            "words": self.words,
            "lines": lines,
        }


@dataclass(frozen=True)
class DataFiles:
    """The office's data about the guide beside the vocabulary, and the edition *written_for* whose lines it names."""

    written_for: KnowledgeBase
    look_alikes: tuple[LookAlikes, ...]
    branches: Mapping[str, tuple[BranchQuestion, ...]]
    ways: WaysOn
    glossary: Glossary


def find_outdated(new: KnowledgeBase, files: DataFiles) -> tuple[Outdated, ...]:
    """Return what needs an editor before or after *new* is in force. A line that only moved does not."""
    found = (*_look_alikes(new, files), *_branches(new, files), *_ways(new, files), *_terms(new, files))
    return tuple(dict.fromkeys(found))


def _look_alikes(new: KnowledgeBase, files: DataFiles) -> Iterator[Outdated]:
    for group in files.look_alikes:
        for case in group.cases:
            if case.item not in new.by_id:
                yield Outdated(LOOK_ALIKES_FILE, case.item, Lack.ITEM, group.name)
            else:
                yield from _changed(new, files, LOOK_ALIKES_FILE, case.item, (case.item,), case.lines)


def _branches(new: KnowledgeBase, files: DataFiles) -> Iterator[Outdated]:
    for id_, questions in files.branches.items():
        item = new.by_id.get(id_)
        if item is None:
            yield Outdated(BRANCHES_FILE, id_, Lack.ITEM, questions[0].question)
            continue
        headings = {heading for fact in item.facts for heading in fact.applies_to}
        for question in questions:
            for heading in sorted(question.headings - headings):
                yield Outdated(BRANCHES_FILE, id_, Lack.HEADING, heading)


def _ways(new: KnowledgeBase, files: DataFiles) -> Iterator[Outdated]:
    for id_, said in files.ways.says.items():
        if id_ not in new.by_id:
            yield Outdated(WAYS_ON_FILE, id_, Lack.ITEM, said)
            continue
        for step in files.ways.next_for(id_):
            for first, last in _SPAN.findall(step.why) if step.item in new.by_id and step.why[:1].isdigit() else ():
                lines = SourceLines(int(first), int(last or first))
                yield from _changed(new, files, WAYS_ON_FILE, id_, (id_, step.item), lines)


def _terms(new: KnowledgeBase, files: DataFiles) -> Iterator[Outdated]:
    before, after = _words_of(files.written_for), _words_of(new)
    for term in files.glossary.terms:
        if any(word in before for word in term.spellings) and not any(word in after for word in term.spellings):
            yield Outdated(GLOSSARY_FILE, "", Lack.TERM, term.term)


def _changed(
    new: KnowledgeBase, files: DataFiles, file: str, item: str, ids: Iterable[str], lines: SourceLines
) -> Iterator[Outdated]:
    """Yield what of *lines*, which stand under the items *ids*, those items no longer say."""
    for id_ in ids:
        old = files.written_for.by_id.get(id_)
        if old is None:
            continue
        said = {without_number(fact.text) for fact in new.by_id[id_].facts}
        if _meet(old.title_lines, lines) and old.title != new.by_id[id_].title:
            yield Outdated(file, item, Lack.LINES, old.title, lines)
        for fact in old.facts:
            if _meet(fact.lines, lines) and without_number(fact.text) not in said:
                yield Outdated(file, item, Lack.LINES, fact.text, lines)


def _meet(one: SourceLines, other: SourceLines) -> bool:
    return one.first <= other.last and other.first <= one.last


def _words_of(base: KnowledgeBase) -> str:
    return "\n".join(text for item in base for text in (item.title, *(fact.text for fact in item.facts)))
