"""Properties that hold over the whole real guide: nothing lost, nothing altered, everything traceable."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from knowledge.building import GUIDE
from knowledge.model import Facet, KnowledgeBase, ServiceItem
from knowledge.reading.facts import read_guide
from knowledge.reading.source import GuideText, load_text
from knowledge.values import (
    Fee,
    Heading,
    Material,
    Note,
    Phone,
    Place,
    Role,
    Step,
    TimeLimit,
    Value,
)
from knowledge.vocabulary import DEFAULT_FOLDER, Vocabulary, load_vocabulary

TAIL = 3316
"""Where the torn-off flow charts begin."""


def squash(text: str) -> str:
    return "".join(text.split())


def content_lines(text: GuideText) -> list[int]:
    return [number for number, line in enumerate(text.lines, 1) if line.strip()]


def fact_lines(item: ServiceItem, text: GuideText) -> set[int]:
    return {
        number
        for fact in item.facts
        for number in range(fact.lines.first, fact.lines.last + 1)
        if text.line(number).strip()
    }


def test_every_line_is_a_title_a_label_in_a_fact_or_left_out_with_a_reason(
    base: KnowledgeBase, text: GuideText
) -> None:
    titles = {n for item in base for n in range(item.title_lines.first, item.title_lines.last + 1)}
    labels = {section.line for item in base for section in item.sections}
    facts = {number for item in base for number in fact_lines(item, text)}
    left_out = {left.line for left in base.left_out}
    assert set(content_lines(text)) == (titles & set(content_lines(text))) | labels | facts | left_out


def test_a_line_that_is_only_a_label_has_nothing_but_its_label(base: KnowledgeBase, text: GuideText) -> None:
    for item in base:
        facts = fact_lines(item, text)
        for section in item.sections:
            if section.line not in facts:
                assert squash(text.line(section.line)).rstrip("：:") == squash(section.label)


def test_no_line_is_in_two_items_nor_both_in_a_fact_and_left_out(base: KnowledgeBase, text: GuideText) -> None:
    owners = Counter(number for item in base for number in fact_lines(item, text))
    owners.update(number for item in base for number in range(item.title_lines.first, item.title_lines.last + 1))
    owners.update(left.line for left in base.left_out)
    assert {number for number, count in owners.items() if count > 1} == set()


def test_what_is_left_out_is_quoted_with_its_reason(base: KnowledgeBase, text: GuideText) -> None:
    for left in base.left_out:
        assert left.text == text.line(left.line).strip()
        assert left.reason
    assert {left.reason for left in base.left_out if left.line < TAIL} == {
        "图片", "图片识别乱码", "附件图片的说明文字",
    }  # fmt: skip


def test_every_fact_leads_back_to_its_lines(base: KnowledgeBase, text: GuideText) -> None:
    for item in base:
        for fact in item.facts:
            source = squash("".join(text.line(n) for n in range(fact.lines.first, fact.lines.last + 1)))
            assert squash(fact.text) in source, (item.id, fact)


def test_facts_that_are_parts_of_one_line_say_it_whole(base: KnowledgeBase, text: GuideText) -> None:
    """A line's facts joined, label first, are the line; so no word of it is lost or said twice."""
    for item in base:
        labels = {section.line: section.label for section in item.sections}
        by_line: dict[tuple[int, int], str] = {}
        for fact in item.facts:
            key = fact.lines.first, fact.lines.last
            by_line[key] = by_line.get(key, "") + fact.text
        for (first, last), joined in by_line.items():
            if first == last and not any(a <= first <= b for a, b in by_line if a != b):
                label = f"{labels[first]}：" if first in labels else ""
                assert squash(label + joined) == squash(text.line(first)).replace(":", "：", bool(label)), (first, last)


def test_rendering_sections_and_facts_gives_the_guides_words_in_the_guides_order(
    base: KnowledgeBase, text: GuideText
) -> None:
    left_out = {left.line for left in base.left_out}
    starts = [item.title_lines.first for item in base]
    for item, (start, end) in zip(base, pairwise([*starts, TAIL]), strict=True):
        source = "".join(text.line(number) for number in range(start, end) if number not in left_out)
        assert squash(rendered(item)) == squash(source), item.title


def rendered(item: ServiceItem) -> str:
    """Say the item again from its parts; steps given back from the guide's end stand elsewhere in it."""
    edges = [section.line for section in item.sections] + [TAIL]
    said = item.title
    for section, (start, end) in zip(item.sections, pairwise(edges), strict=True):
        said += f"{section.label}：" + "".join(fact.text for fact in item.facts if start <= fact.lines.first < end)
    return said


def test_facts_stand_in_the_guides_order(base: KnowledgeBase) -> None:
    for item in base:
        in_place = [fact.lines.first for fact in item.facts if fact.lines.first < TAIL]
        assert in_place == sorted(in_place)


def test_facts_stand_under_their_own_facet(base: KnowledgeBase) -> None:
    for item in base:
        edges = [section.line for section in item.sections] + [TAIL]
        for section, (start, end) in zip(item.sections, pairwise(edges), strict=True):
            assert {fact.facet for fact in item.facts if start <= fact.lines.first < end} <= {section.facet}
        assert {fact.facet for fact in item.facts if fact.lines.first >= TAIL} <= {Facet.PROCESS}


def test_the_headings_of_a_fact_stand_above_it_in_its_own_section(base: KnowledgeBase) -> None:
    for item in base:
        for facet in (Facet.CONDITIONS, Facet.MATERIALS):
            said = ""
            for fact in item.facts_on(facet):
                said += squash(fact.text)
                for heading in fact.applies_to:
                    assert squash(heading) in said, (item.id, fact)


def test_items_are_those_of_the_catalogue_in_its_order(base: KnowledgeBase) -> None:
    with (DEFAULT_FOLDER / "items.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 105
    assert [(item.id, item.number, item.title) for item in base] == [
        (row["id"], int(row["number"]), row["title"]) for row in rows
    ]
    assert [item.number for item in base] == list(range(1, 106))
    assert all(item.category and item.audience and item.aliases for item in base)


VALUES: dict[Facet, tuple[type[Value] | type[None], ...]] = {
    Facet.MATERIALS: (Material, Heading, Note),
    Facet.TIME_LIMIT: (TimeLimit,),
    Facet.PHONE: (Phone,),
    Facet.FEE: (Fee,),
    Facet.PROCESS: (Step, Heading),
    Facet.DEPARTMENT: (Role,),
    Facet.METHODS: (Place, type(None)),
    Facet.LOCATION: (Place, Heading, type(None)),
    Facet.CONDITIONS: (Heading, Note, type(None)),
    Facet.DELIVERY: (Heading, type(None)),
}


@pytest.mark.parametrize("facet", Facet)
def test_each_facet_has_values_of_its_own_kinds(base: KnowledgeBase, facet: Facet) -> None:
    kinds = {type(fact.value) for item in base for fact in item.facts_on(facet)}
    assert kinds <= set(VALUES[facet])


@pytest.mark.parametrize("facet", [Facet.TIME_LIMIT, Facet.PHONE, Facet.FEE, Facet.DEPARTMENT, Facet.LOCATION])
def test_every_item_has_what_a_resident_always_asks_for(base: KnowledgeBase, facet: Facet) -> None:
    assert [item.id for item in base if not item.facts_on(facet)] == []


def test_the_same_guide_twice_gives_the_same_base(base: KnowledgeBase) -> None:
    assert read_guide(load_text(GUIDE), load_vocabulary()) == base


@dataclass(frozen=True)
class WatchedText(GuideText):
    """A guide that counts how often each of its lines is looked at."""

    looks: Counter[int] = field(default_factory=Counter)

    def line(self, number: int) -> str:
        self.looks[number] += 1
        return super().line(number)


@pytest.fixture
def watch(vocabulary: Vocabulary) -> Callable[[GuideText], Counter[int]]:
    def watched(text: GuideText) -> Counter[int]:
        guide = WatchedText(text.name, text.sha256, text.lines)
        read_guide(guide, vocabulary)
        return guide.looks

    return watched


def test_reading_takes_one_pass(text: GuideText, watch: Callable[[GuideText], Counter[int]]) -> None:
    """However long the guide, a line is looked at only when it is reached and when one of those before it is."""
    assert max(watch(text).values()) <= 8
