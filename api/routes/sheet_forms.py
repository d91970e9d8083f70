"""What the staff lookup's calls about items answer with, as OpenAPI shows it."""

from __future__ import annotations

from pydantic import BaseModel, Field

from api.pages.layout import Kind
from knowledge.model import Facet
from knowledge.side_by_side import Likeness


class SegmentShown(BaseModel):
    """A stretch of text, and where it leads if it is tapped."""

    text: str = Field(example="www.example.org")
    href: str | None = Field(example="https://www.example.org")


class BlockShown(BaseModel):
    """One statement of the guide."""

    fact: int = Field(description="its place among the item's facts", example=17)
    kind: Kind
    lead: str | None = Field(description="what stands before it: who is responsible for what", example="责任单位")
    segments: list[SegmentShown]
    lines: str = Field(description="of the guide", example="1022")


class BranchShown(BaseModel):
    """Statements that stand together under a heading of the guide."""

    heading: str | None = Field(example="（一）现场办理")
    depth: int = Field(example=0)
    is_steps: bool
    blocks: list[BlockShown]


class PartShown(BaseModel):
    """What the guide says on one facet."""

    facet: Facet = Field(example="materials")
    name: str = Field(example="办理材料")
    source: str | None = Field(description="lines of the guide", example="1021–1039")
    silence: str | None = Field(description="what is said where the guide says nothing")
    branches: list[BranchShown]


class CaseQuestion(BaseModel):
    """What to ask a caller so that statements about others can be left out."""

    question: str = Field(example="您是自己办，还是单位办？")
    choices: list[str] = Field(example=["自己申请", "单位申请"])


class AlikeShown(BaseModel):
    """An item that this one is easily taken for."""

    id: str = Field(example="survivor_benefit_claim")
    title: str = Field(example="遗属待遇申领")
    when: str = Field(description="what makes it that one", example="参保人去世了")


class Sheet(BaseModel):
    """A whole item, without what cannot apply to the cases that were chosen."""

    id: str = Field(example="card_replace")
    number: int = Field(example=98)
    title: str = Field(example="社会保障卡补领、换领、换发")
    plain: str | None = Field(description="its plain name", example="补办或换社保卡")
    category: str
    audience: list[str]
    aliases: list[str]
    ended: str | None = Field(description="the day on which its policy ended", example="2023-12-31")
    edition: str = Field(example="5c02ed1cf90a")
    cases: list[CaseQuestion]
    hidden: int = Field(description="statements that are not shown", example=10)
    parts: list[PartShown]
    alike: list[AlikeShown]


class Texts(BaseModel):
    """An item, or some of its facets, as text to copy."""

    plain: str = Field(description="with the guide's lines")
    parts: list[str] = Field(
        description="the same as short messages of 70 characters at most, the link at the end",
        example=["(1/2)【补办或换社保卡】办理时限：即时办结", "(2/2)详情：http://127.0.0.1:8000/i/63gm"],
    )


class DoubtOfItem(BaseModel):
    """Something doubtful in the guide."""

    line: int = Field(example=2239)
    what: str = Field(example="电话可疑")
    why: str
    facet: Facet | None = Field(description="where it stands; null for the item as a whole")
    fact: int | None = Field(description="the statement it is about, by its place among the item's facts", example=17)


class DoubtsOfItem(BaseModel):
    """What is doubtful in an item."""

    is_checked: bool = Field(description="false where this edition's text is not kept, so that nobody could look")
    doubts: list[DoubtOfItem]


class WordsShown(BaseModel):
    """A stretch of a line, and whether the line beside it has it not."""

    text: str
    differs: bool


class LineShown(BaseModel):
    """A statement of one of the two items."""

    number: str = Field(description="before its words, not compared", example="1.")
    words: list[WordsShown]
    lines: list[int] = Field(example=[1022, 1022])


class RowShown(BaseModel):
    """A line of the left item beside its counterpart; null where the other has none."""

    likeness: Likeness
    left: LineShown | None
    right: LineShown | None


class FacetCompared(BaseModel):
    """One facet of both items."""

    facet: Facet
    name: str = Field(example="办理材料")
    is_same: bool
    rows: list[RowShown]


class ItemNamed(BaseModel):
    """An item by its title."""

    id: str = Field(example="card_replace")
    title: str = Field(example="社会保障卡补领、换领、换发")


class Differences(BaseModel):
    """Two items side by side."""

    left: ItemNamed
    right: ItemNamed
    facets: list[FacetCompared]
