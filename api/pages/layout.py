"""An item laid out for a page: its facets, their branches under the guide's headings, their blocks. No HTML."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from api.pages.marks import Segment, segments_of
from bot.answering.render import render_source
from knowledge.model import Facet, Fact, ServiceItem
from knowledge.values import Heading, Material, Note, Role, Step


class Kind(str, Enum):
    """How a block looks."""

    TEXT = "text"
    PAPER = "paper"
    NOTE = "note"
    STEP = "step"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Block:
    """One fact: its words, what stands before them (*lead*), its lines for addresses ("11-12")."""

    kind: Kind
    fact: Fact
    segments: tuple[Segment, ...]
    lead: str | None
    lines: str

    @property
    def material(self) -> Material | None:
        """The paper that the fact asks for, if it asks for one."""
        return self.fact.value if isinstance(self.fact.value, Material) else None


@dataclass(frozen=True)
class Branch:
    """Blocks that stand together, *depth* headings deep; *heading* opens them where the guide has one there."""

    heading: str | None
    depth: int
    blocks: tuple[Block, ...]

    @property
    def is_steps(self) -> bool:
        """Tell whether these are the steps of a chart."""
        return bool(self.blocks) and all(block.kind is Kind.STEP for block in self.blocks)


class Silence(str, Enum):
    """Why there is nothing on a facet: the guide has nothing (没有写), or a picture without words (一张图)."""

    UNWRITTEN = "silent"
    PICTURE = "silent_picture"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Part:
    """What the guide says on one facet, and where; *silence* where it says nothing, headings apart."""

    facet: Facet
    facts: tuple[Fact, ...]
    branches: tuple[Branch, ...]
    silence: Silence | None

    @property
    def source(self) -> str:
        """The lines where it stands: "11–12、15"."""
        return render_source(self.facts)


def lay_out(item: ServiceItem, shows: Callable[[Fact], bool] = lambda _fact: True) -> tuple[Part, ...]:
    """Return every facet of *item* in the order of answers, of its facts those that *shows* admits."""
    return tuple(_part(item, facet, tuple(filter(shows, item.facts_on(facet)))) for facet in Facet)


def _part(item: ServiceItem, facet: Facet, facts: tuple[Fact, ...]) -> Part:
    silence = None
    if all(isinstance(fact.value, Heading) for fact in facts):
        # What the chart's column titles leave is a picture; where nothing is labelled, nothing was written.
        drawn = facet is Facet.PROCESS and any(section.facet is facet for section in item.sections)
        silence = Silence.PICTURE if drawn else Silence.UNWRITTEN
    return Part(facet, facts, tuple(_chart(facts) if facet is Facet.PROCESS else _branches(facts)), silence)


def _branches(facts: Sequence[Fact]) -> list[Branch]:
    """Cut facts into branches: at every heading, and where the depth changes."""
    found: list[Branch] = []
    for fact in facts:
        depth = depth_of(fact)
        if isinstance(fact.value, Heading):
            found.append(Branch(fact.text.replace("\n", ""), depth, ()))
        else:
            # What stands under a heading is one deeper than the heading itself.
            last = found[-1] if found else None
            inside = last is not None and depth == last.depth + (1 if last.heading else 0)
            if last is None or not inside:
                found.append(Branch(None, depth, (_block(fact),)))
            else:
                found[-1] = Branch(last.heading, last.depth, (*last.blocks, _block(fact)))
    return found


def _chart(facts: Sequence[Fact]) -> list[Branch]:
    """Return the steps of each chart under its name; column titles that name no chart come first."""
    steps = [fact for fact in facts if isinstance(fact.value, Step)]
    variants = list(dict.fromkeys(_variant(fact) for fact in steps))
    titles = [
        fact for fact in facts if not isinstance(fact.value, Step) and fact.text.replace("\n", "") not in variants
    ]
    charts = [
        Branch(variant, 0, tuple(_block(fact) for fact in steps if _variant(fact) == variant)) for variant in variants
    ]
    return [*([Branch(None, 0, tuple(map(_block, titles)))] if titles else []), *charts]


def _variant(fact: Fact) -> str | None:
    return fact.value.variant if isinstance(fact.value, Step) else None


def depth_of(fact: Fact) -> int:
    """Return how many headings deep *fact* stands."""
    # A branch named on the statement's own line ("灵活就业人员：…") is no heading above it.
    named_here = bool(fact.applies_to) and fact.applies_to[-1] in fact.text
    return len(fact.applies_to) - named_here


def _block(fact: Fact) -> Block:
    kind = Kind.TEXT
    if isinstance(fact.value, Material):
        kind = Kind.PAPER
    elif isinstance(fact.value, Note):
        kind = Kind.NOTE
    elif isinstance(fact.value, Step):
        kind = Kind.STEP
    lead = fact.value.role if isinstance(fact.value, Role) else None
    return Block(kind, fact, segments_of(fact), lead, lines_for_address([fact]))


def lines_for_address(facts: Sequence[Fact]) -> str:
    """Return the lines of *facts* as addresses have them: "11-12,15"."""
    return render_source(facts).replace("–", "-").replace("、", ",")
