"""The reader against the gold table: what two people who read the guide independently agreed on, line by line.

gold/readings.tsv has a row for each line under a title: its item, facet, role (title, label, heading, entry, note,
or noise for what is a picture) and the values of phones, time limits, fees, papers and validity; `?` where the two
readings disagreed, `-` where there is nothing to read. Where the reader differs on purpose, a table here says why.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from knowledge.model import Facet, Fact, KnowledgeBase
from knowledge.reading.source import GuideText
from knowledge.values import Heading, Material, Note

GOLD = Path(__file__).parent / "gold" / "readings.tsv"
DISAGREE, NOTHING = "?", "-"

NO_PAPER = "says that no paper is needed: a remark to the reader, an entry without a paper to the clerks"
BOTH = "heads its branch and lists the branch's papers in one line: the reader makes a heading and entries of it"
ROLES_THAT_DIFFER = {
    941: NO_PAPER, 966: NO_PAPER, 2362: NO_PAPER, 2496: NO_PAPER, 2611: NO_PAPER, 2612: NO_PAPER, 2659: NO_PAPER,
    2661: NO_PAPER, 2725: NO_PAPER, 2760: NO_PAPER, 2908: BOTH, 2912: BOTH,
}  # fmt: skip
ROLES_THAT_THE_CLERKS_LEFT_OPEN = {
    9: "entry",  # an explanation among the ways to apply
    83: "heading",  # leads in to a list and states a condition of its own
    578: "heading",
}
PAPERS_THAT_DIFFER: dict[int, str] = {}


@dataclass(frozen=True)
class GoldLine:
    """A row of the table."""

    line: int
    item: str
    facet: str
    role: str
    values: str

    @property
    def read_values(self) -> list[dict[str, Any]]:
        """The values that both readings agree on."""
        assert self.values not in (DISAGREE, NOTHING)
        values: list[dict[str, Any]] = json.loads(self.values)
        return values


@pytest.fixture(scope="module")
def gold() -> list[GoldLine]:
    with GOLD.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [GoldLine(int(row["line"]), row["item"], row["facet"], row["role"], row["values"]) for row in rows]


@pytest.fixture(scope="module")
def facts_at(base: KnowledgeBase, text: GuideText) -> dict[int, list[tuple[str, Fact]]]:
    """The facts that stand in each line with content, with their items' ids."""
    found: dict[int, list[tuple[str, Fact]]] = {}
    for item in base:
        for fact in item.facts:
            for line in range(fact.lines.first, fact.lines.last + 1):
                if text.line(line).strip():
                    found.setdefault(line, []).append((item.id, fact))
    return found


def role_of(fact: Fact) -> str:
    return "heading" if isinstance(fact.value, Heading) else "note" if isinstance(fact.value, Note) else "entry"


def stated(gold: list[GoldLine]) -> Iterator[GoldLine]:
    """Yield the rows of lines that state something: neither title nor bare label nor picture."""
    return (row for row in gold if row.role not in ("title", "label", "noise"))


def values_at(facts: list[tuple[str, Fact]], line: int) -> list[dict[str, Any]]:
    return [fact.value.as_json() for _, fact in facts if fact.value is not None and fact.lines.first == line]


Facts = dict[int, list[tuple[str, Fact]]]


def test_the_table_has_every_line_with_content_up_to_the_last_phone(gold: list[GoldLine], text: GuideText) -> None:
    appendix = range(1438, 1491)
    content = {n for n in range(1, 3316) if text.line(n).strip() and n not in appendix}
    assert {row.line for row in gold} == content
    assert len(gold) == len(content)


def test_titles_stand_where_the_clerks_see_them(gold: list[GoldLine], base: KnowledgeBase) -> None:
    seen = {
        (line, item.id)
        for item in base
        for line in range(item.title_lines.first, item.title_lines.last + 1)
        if line not in (799, 839, 2117, 2143, 2276)  # blank
    }
    assert seen == {(row.line, row.item) for row in gold if row.role == "title"}


def test_bare_labels_open_the_facet_that_the_clerks_name(
    gold: list[GoldLine], base: KnowledgeBase, facts_at: Facts
) -> None:
    labels = {(section.line, item.id, section.facet.value) for item in base for section in item.sections}
    for row in gold:
        if row.role == "label":
            assert (row.line, row.item, row.facet) in labels
            assert row.line not in facts_at


def test_pictures_are_left_out_of_the_item_that_the_clerks_name(gold: list[GoldLine], base: KnowledgeBase) -> None:
    left_out = {(left.line, left.item_id) for left in base.left_out}
    assert {(row.line, row.item) for row in gold if row.role == "noise"} <= left_out


def test_every_line_belongs_to_the_item_and_facet_that_the_clerks_name(gold: list[GoldLine], facts_at: Facts) -> None:
    wrong = [
        (row.line, (row.item, row.facet), read)
        for row in stated(gold)
        for read in [{(item_id, fact.facet.value) for item_id, fact in facts_at.get(row.line, [])}]
        if read != {(row.item, row.facet)}
    ]
    assert not wrong


def test_every_line_is_heading_entry_or_note_as_the_clerks_say(gold: list[GoldLine], facts_at: Facts) -> None:
    differ = [
        row.line
        for row in stated(gold)
        if row.role != DISAGREE and {role_of(fact) for _, fact in facts_at[row.line]} != {row.role}
    ]
    assert differ == list(ROLES_THAT_DIFFER)


def test_where_the_clerks_disagree_on_the_role_the_reader_has_settled_it(gold: list[GoldLine], facts_at: Facts) -> None:
    settled = {row.line: role_of(facts_at[row.line][0][1]) for row in stated(gold) if row.role == DISAGREE}
    assert settled == ROLES_THAT_THE_CLERKS_LEFT_OPEN


@pytest.mark.parametrize("facet", [Facet.PHONE, Facet.TIME_LIMIT, Facet.FEE])
def test_phones_time_limits_and_fees_are_exactly_what_the_clerks_read(
    gold: list[GoldLine], facts_at: Facts, facet: Facet
) -> None:
    rows = [row for row in stated(gold) if row.facet == facet.value]
    assert len(rows) >= 105
    assert [(row.line, values_at(facts_at[row.line], row.line)) for row in rows] == [
        (row.line, row.read_values) for row in rows
    ]


def test_forms_and_copies_are_what_the_clerks_read(gold: list[GoldLine], facts_at: Facts) -> None:
    def papers(row: GoldLine) -> list[dict[str, Any]]:
        values = [fact.value for _, fact in facts_at[row.line]]
        read = [value.as_json() for value in values if isinstance(value, Material)]
        return [{"form": value["form"], "copies": value["copies"]} for value in read]

    rows = [
        row
        for row in stated(gold)
        if row.facet == "materials" and row.role == "entry" and row.values != DISAGREE
        if ROLES_THAT_DIFFER.get(row.line) != NO_PAPER
    ]
    assert len(rows) > 400
    differ = [(row.line, row.read_values, papers(row)) for row in rows if papers(row) != row.read_values]
    assert [line for line, _, _ in differ] == list(PAPERS_THAT_DIFFER), differ


def test_where_the_clerks_name_no_paper_neither_does_the_reader(gold: list[GoldLine], facts_at: Facts) -> None:
    rows = {row.line: row for row in gold}
    for line, reason in ROLES_THAT_DIFFER.items():
        if reason == NO_PAPER:
            assert rows[line].read_values == [{"form": None, "copies": None}]
            assert values_at(facts_at[line], line) == [{"note": True}]


def test_validity_is_what_the_clerks_read(gold: list[GoldLine], facts_at: Facts) -> None:
    agreed = {
        row.line: row.read_values
        for row in stated(gold)
        if row.facet == "conditions" and row.values not in (NOTHING, DISAGREE)
    }
    disputed = {row.line for row in stated(gold) if row.facet == "conditions" and row.values == DISAGREE}
    read = {
        line: [fact.validity.as_json() for _, fact in facts if fact.validity]
        for line, facts in facts_at.items()
        if any(fact.validity for _, fact in facts)
    }
    assert read == agreed
    assert disputed == {2605}  # "2021年1月1日之后新发生的参保失业人员": when the resident lost work, not the scheme
