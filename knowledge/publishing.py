"""Bringing a new guide into force (发布): read an upload, see what it changes and what is doubtful, switch to it."""

from __future__ import annotations

import codecs
from datetime import date
from pathlib import Path
from typing import Any

from knowledge.building import GUIDE, digest_of, read_anew
from knowledge.comparing import compare
from knowledge.editions import Edition, EditionError
from knowledge.lint import Doubt, find_doubts
from knowledge.model import KnowledgeBase
from knowledge.outdated import DataFiles, find_outdated
from knowledge.reading.facts import read_guide
from knowledge.reading.problems import GuideError, Problem
from knowledge.reading.source import load_text, parse_text
from knowledge.store import KnowledgeStore
from knowledge.vocabulary import Vocabulary, load_vocabulary
from knowledge.vocabulary.branches import load_branches
from knowledge.vocabulary.glossary import load_glossary
from knowledge.vocabulary.look_alikes import load_look_alikes
from knowledge.vocabulary.ways_on import load_ways_on

MAX_UPLOAD = 8 * 1024 * 1024
"""Bytes of a guide that may be uploaded: fifty times the size of the real one."""

_LONGEST_NAME = 120


class Publishing:
    """The office's way with editions, over one store, with the vocabulary of one folder (ours where none is given)."""

    def __init__(self, store: KnowledgeStore, vocabulary_folder: Path | None = None, guide: Path = GUIDE) -> None:
        self.store = store
        self._folder = vocabulary_folder
        self._guide = guide
        self._files: tuple[str, DataFiles] | None = None

    def upload(self, name: str, data: bytes, by: str) -> Edition:
        """Read a guide as strictly as the build does, and keep it as a draft.

        Raises GuideError with all its problems; nothing is kept then. The same guide twice is one draft.
        """
        name = file_name(name)
        if len(data) > MAX_UPLOAD:
            raise GuideError(name, [Problem(1, f"文件有 {len(data)} 字节，超过上限 {MAX_UPLOAD} 字节，不像办事指南")])
        vocabulary = self._vocabulary()
        text = parse_text(name, data)
        base = read_guide(text, vocabulary)
        id_ = self.store.save_draft(base, digest_of(text, vocabulary), data, by)
        return self.store.shelf().edition(id_)

    def switch(self, id_: int, by: str) -> Edition:
        """Put an edition in force, read anew where reader or vocabulary have changed since it was read.

        Raises EditionError where it is not kept, GuideError where it no longer agrees with the vocabulary, StoreError
        where it cannot be read: the edition in force stays.
        """
        self._refresh(self.store.shelf().edition(id_))
        return self.store.switch(id_, by)

    def roll_back(self, by: str, leaving: int | None = None) -> Edition:
        """Put the edition before in force, as switch does; *leaving* is the one that was seen in force."""
        previous = self.store.shelf().previous
        if previous is not None:
            self._refresh(previous)
        return self.store.roll_back(by, leaving)

    def comparison(self, id_: int, with_id: int | None = None) -> dict[str, Any]:
        """Return, as JSON data, what an edition changes of another, of the one in force without *with_id*.

        "needs_editor" lists what the office's data files say of the guide and this edition no longer does.
        """
        shelf = self.store.shelf()
        new = self.store.load(shelf.edition(id_).id)
        if with_id is None and shelf.current is None:
            raise EditionError("none_in_force", "还没有使用中的版本，没有可比的")
        old = self.store.load(shelf.edition(with_id).id if with_id is not None else None)
        outdated = find_outdated(new, self._data_files())
        return {**compare(old, new).as_json(), "needs_editor": [entry.as_json() for entry in outdated]}

    def doubts(self, id_: int, today: date) -> list[Doubt]:
        """Return what is doubtful in an edition. Raises EditionError where its text was not kept."""
        edition = self.store.shelf().edition(id_)
        text = parse_text(edition.document.name, self.text(id_))
        return find_doubts(self.store.load(id_), text, self._vocabulary(), today)

    def text(self, id_: int) -> bytes:
        """Return the guide's bytes as they came. Raises EditionError where they were not kept."""
        data = self._find_text(self.store.shelf().edition(id_))
        if data is None:
            raise EditionError("no_text", f"版本 {id_} 是旧数据，没有保存原文")
        return data

    def _find_text(self, edition: Edition) -> bytes | None:
        data = self.store.text(edition.id)
        if data is None and load_text(self._guide).sha256 == edition.document.sha256:
            return self._guide.read_bytes()
        return data

    def _refresh(self, edition: Edition) -> None:
        data = self._find_text(edition)
        if data is None or read_anew(self.store, edition, data, self._vocabulary()) is None:
            self.store.load(edition.id)

    def _vocabulary(self) -> Vocabulary:
        return load_vocabulary(self._folder)

    def _data_files(self) -> DataFiles:
        """Return the data files, with the project's own guide, whose lines they name; read once for each such guide."""
        vocabulary = self._vocabulary()
        text = load_text(self._guide)
        inputs = digest_of(text, vocabulary)
        if self._files is None or self._files[0] != inputs:
            kept = next((edition.id for edition in self.store.shelf() if edition.inputs == inputs), None)
            written_for = self.store.load(kept) if kept is not None else read_guide(text, vocabulary)
            self._files = inputs, self._read_data_files(written_for)
        return self._files[1]

    def _read_data_files(self, written_for: KnowledgeBase) -> DataFiles:
        ids = [entry.id for entry in self._vocabulary().catalogue]
        return DataFiles(
            written_for,
            load_look_alikes(ids, self._folder),
            load_branches(ids, self._folder),
            load_ways_on(ids, self._folder),
            load_glossary(self._folder),
        )


def file_name(name: str) -> str:
    """Return the last part of a file's name, of one line and not too long; what a browser sends may be anything."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(char for char in last if char.isprintable()).strip()
    return shown[-_LONGEST_NAME:] or "guide.txt"


def charset_of(data: bytes) -> str:
    """Return in which encoding a guide came, as HTTP names it."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"
