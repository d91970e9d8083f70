"""What the calls about editions of the guide answer with, as OpenAPI shows it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from knowledge.comparing import Side
from knowledge.editions import Deed, State
from knowledge.model import Facet
from knowledge.outdated import Lack


class EditionShown(BaseModel):
    """An edition of the guide."""

    id: int = Field(example=7)
    name: str = Field(description="the file's name", example="办事指南2025.txt")
    sha256: str = Field(description="of the file", example="5c02ed1cf90a…")
    edition: str = Field(description="how answers' records name it", example="5c02ed1cf90a")
    state: State
    origin: Deed = Field(description="built, from the project's own guide, or uploaded", example=Deed.UPLOADED)
    built_at: datetime | None = Field(description="null for what is older than this record")
    built_by: str | None = Field(example="黄小梅")
    in_force_at: datetime | None = Field(description="when it came in force the last time; null for a draft")
    in_force_by: str | None = Field(example="黄小梅")


class ChangeShown(BaseModel):
    """One thing that was done with an edition."""

    at: datetime
    by: str = Field(example="黄小梅")
    deed: Deed
    edition: int = Field(description="its id; the edition itself may be gone", example=7)


class Editions(BaseModel):
    """All editions that are kept, by id, and the last of what was done, the latest first."""

    editions: list[EditionShown]
    back: int | None = Field(description="the edition to which a roll-back leads; null where there is none", example=6)
    history: list[ChangeShown]


class DoubtShown(BaseModel):
    """Something doubtful in a guide."""

    line: int = Field(example=2239)
    item: str = Field(description="the item's title; empty for none", example="工伤认定申请")
    what: str = Field(example="电话可疑")
    why: str


class Doubts(BaseModel):
    """What is doubtful in an edition, by line."""

    edition: int = Field(example=7)
    doubts: list[DoubtShown]


class FactShown(BaseModel):
    """One statement of the guide."""

    facet: Facet
    text: str = Field(example="1.身份证，原件1份；")
    lines: list[int] = Field(example=[11, 11])
    applies_to: list[str] = Field(example=["灵活就业人员"])
    value: dict[str, Any] | None


class StretchShown(BaseModel):
    """Words that stand in the old text, in the new one, or in both."""

    side: Side
    text: str


class FactChangeShown(BaseModel):
    """A statement in its old and its new words; null where it came or went."""

    old: FactShown | None
    new: FactShown | None
    words: list[StretchShown] | None = Field(description="both texts in reading order; only where there are two")


class FacetChangeShown(BaseModel):
    """What is different on one facet of an item."""

    facet: Facet
    added: list[FactChangeShown]
    gone: list[FactChangeShown]
    changed: list[FactChangeShown]


class ItemChangeShown(BaseModel):
    """What is different in an item; materials come first."""

    id: str = Field(example="card_replace")
    title: str
    old_title: str = Field(description="another one where the item was renamed")
    facets: list[FacetChangeShown]


class ItemShown(BaseModel):
    """An item that came or went, with all its facts."""

    id: str
    title: str
    category: str
    facts: list[FactShown]


class DocumentShown(BaseModel):
    """One of the two editions."""

    name: str
    sha256: str
    edition: str


class FactCounts(BaseModel):
    """How many facts of items that both editions have are different."""

    added: int
    gone: int
    changed: int


class ItemCounts(FactCounts):
    """How many items are different."""

    renamed: int


class Counts(BaseModel):
    """How much is different."""

    items: ItemCounts
    facts: FactCounts
    materials: FactCounts = Field(description="those of the facts that are materials")


class OutdatedShown(BaseModel):
    """An entry of the office's data files that names what the new edition does not have."""

    file: str = Field(example="branches.yml")
    item: str | None = Field(example="resident_pension_claim")
    what: Lack
    words: str = Field(example="线上办理")
    lines: list[int] | None = Field(description="of the guide that the file was written for")


class ComparisonShown(BaseModel):
    """What a new edition changes."""

    old: DocumentShown
    new: DocumentShown
    counts: Counts
    added: list[ItemShown]
    gone: list[ItemShown]
    changed: list[ItemChangeShown]
    needs_editor: list[OutdatedShown]


class Uploaded(BaseModel):
    """A guide that was read and kept as a draft: what is doubtful in it, and what it changes of the one in force."""

    edition: EditionShown
    doubts: list[DoubtShown]
    comparison: ComparisonShown


class GuideProblems(BaseModel):
    """A guide that cannot be read, as a problem document (RFC 9457); of a wrong call, each error has a "where"."""

    type: str = Field("about:blank")
    title: str = Field(example="Unprocessable Content")
    status: int = Field(example=422)
    code: str | None = Field(example="guide_refused")
    detail: str | None
    errors: list[dict[str, Any]] = Field(example=[{"line": 1207, "what": "…"}])
