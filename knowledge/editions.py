"""Editions of the guide (版本) as values: what is in force, what was done, where a way back leads. No SQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cached_property
from typing import Any

from knowledge.model import Document

KEPT_EDITIONS = 5
"""How many editions that were in force stay, the current one included, so that the office can go back."""

KEPT_DRAFTS = 5
"""How many drafts stay; the oldest gives way to a newer one."""


class EditionError(Exception):
    """What is asked cannot be done with this edition; *code* is the reason in one word."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class NoSuchEditionError(EditionError):
    """No edition of that id is kept."""

    def __init__(self, id_: int) -> None:
        super().__init__("no_such_edition", f"没有编号为 {id_} 的版本")


class State(str, Enum):
    """Whether residents are answered by an edition: not yet (草稿), now (使用中), no longer (历史版本)."""

    DRAFT = "draft"
    CURRENT = "current"
    FORMER = "former"

    def __str__(self) -> str:
        return self.value


class Deed(str, Enum):
    """What was done with an edition."""

    BUILT = "built"
    UPLOADED = "uploaded"
    SWITCHED = "switched"
    ROLLED_BACK = "rolled_back"
    DISCARDED = "discarded"

    def __str__(self) -> str:
        return self.value


PUTS_IN_FORCE = frozenset({Deed.BUILT, Deed.SWITCHED, Deed.ROLLED_BACK})


@dataclass(frozen=True)
class Change:
    """One deed: when, by whom, with which edition, and the SHA-256 of that edition's text."""

    at: datetime
    by: str
    deed: Deed
    edition: int
    sha256: str

    def as_json(self) -> dict[str, Any]:
        """Return the change as JSON data."""
        return {"at": self.at.isoformat(), "by": self.by, "deed": self.deed.value, "edition": self.edition}


@dataclass(frozen=True)
class Edition:
    """One edition: *saved* tells how it came, *in_force* how it last came in force.

    *inputs* is the digest of all that its base was made from. Editions of databases that are older than the record
    of changes have neither *saved* nor *in_force*.
    """

    id: int
    document: Document
    inputs: str
    state: State
    saved: Change | None
    in_force: Change | None

    @property
    def is_uploaded(self) -> bool:
        """Whether the office brought it, and not the project's own guide."""
        return self.saved is not None and self.saved.deed is Deed.UPLOADED

    def as_json(self) -> dict[str, Any]:
        """Return the edition as JSON data."""
        return {
            "id": self.id,
            "name": self.document.name,
            "sha256": self.document.sha256,
            "edition": self.document.edition,
            "state": self.state.value,
            "origin": (Deed.UPLOADED if self.is_uploaded else Deed.BUILT).value,
            "built_at": self.saved.at.isoformat() if self.saved else None,
            "built_by": self.saved.by if self.saved else None,
            "in_force_at": self.in_force.at.isoformat() if self.in_force else None,
            "in_force_by": self.in_force.by if self.in_force else None,
        }


@dataclass(frozen=True)
class Shelf:
    """All editions that are kept, by id, and all changes in the order in which they were made."""

    editions: tuple[Edition, ...]
    changes: tuple[Change, ...]

    def __iter__(self) -> Iterator[Edition]:
        return iter(self.editions)

    def edition(self, id_: int) -> Edition:
        """Return the edition of that id. Raises NoSuchEditionError."""
        found = self._by_id.get(id_)
        if found is None:
            raise NoSuchEditionError(id_)
        return found

    @cached_property
    def _by_id(self) -> dict[int, Edition]:
        return {edition.id: edition for edition in self.editions}

    @property
    def current(self) -> Edition | None:
        """The edition in force; None in a base that was never built."""
        return next((edition for edition in self.editions if edition.state is State.CURRENT), None)

    @property
    def built_sha256(self) -> str | None:
        """The SHA-256 of the guide that was built last, whatever the office has put in force since."""
        built = [change.sha256 for change in self.changes if change.deed is Deed.BUILT]
        older = [edition.document.sha256 for edition in self.editions if edition.saved is None]
        return [*older, *built][-1] if older or built else None

    @property
    def previous(self) -> Edition | None:
        """The edition to which a roll-back leads: the one before the last change that is not taken back yet.

        One of the same document says nothing else, so it is no way back.
        """
        current = self.current
        if current is None:
            return None
        kept = [self._by_id[id_] for id_ in self._put_in_force()[:-1] if id_ in self._by_id]
        return next((edition for edition in reversed(kept) if edition.document != current.document), None)

    def _put_in_force(self) -> list[int]:
        """Return what was put in force one after another, without what was taken back."""
        order = [edition.id for edition in self.editions if edition.saved is None]
        for change in self.changes:
            if change.deed is Deed.ROLLED_BACK and change.edition in order:
                while order[-1] != change.edition:
                    order.pop()
            elif change.deed in PUTS_IN_FORCE:
                order.append(change.edition)
        return order

    def outlived(self) -> list[int]:
        """Return the ids of the editions that are to give way: those longest out of force, and the oldest drafts."""
        drafts = [edition.id for edition in self.editions if edition.state is State.DRAFT]
        last = {change.edition: number for number, change in enumerate(self.changes) if change.deed in PUTS_IN_FORCE}
        others = [edition.id for edition in self.editions if edition.state is not State.DRAFT]
        others.sort(key=lambda id_: (last.get(id_, -1), id_))
        return [*others[:-KEPT_EDITIONS], *drafts[:-KEPT_DRAFTS]]
