"""Two items side by side: every line of both, the same beside the same, in the order in which each item has them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from knowledge.comparing import Side
from knowledge.model import Facet, Fact, KnowledgeBase, ServiceItem, SourceLines
from knowledge.side_by_side import FacetRows, Likeness, side_by_side

LOOK_ALIKE = [("retirement_normal", "retirement_early"), ("card_loss_report", "card_replace")]


def item_with(base: KnowledgeBase, *papers: str) -> ServiceItem:
    facts = tuple(Fact(Facet.MATERIALS, text, SourceLines(line, line)) for line, text in enumerate(papers, 1))
    return replace(base.items[0], facts=facts)


def papers(left: ServiceItem, right: ServiceItem) -> FacetRows:
    return next(rows for rows in side_by_side(left, right) if rows.facet is Facet.MATERIALS)


def shown(rows: FacetRows) -> list[tuple[str | None, str | None]]:
    return [(row.left.text if row.left else None, row.right.text if row.right else None) for row in rows.rows]


def test_an_item_is_the_same_as_itself(base: KnowledgeBase) -> None:
    for item in base:
        assert all(rows.is_same for rows in side_by_side(item, item))


@pytest.mark.parametrize(("left", "right"), LOOK_ALIKE)
def test_every_line_of_both_stands_there_once(base: KnowledgeBase, left: str, right: str) -> None:
    one, other = base.by_id[left], base.by_id[right]
    for rows in side_by_side(one, other):
        assert [row.left for row in rows.rows if row.left] == list(one.facts_on(rows.facet))
        assert sorted(row.right.lines for row in rows.rows if row.right) == sorted(
            fact.lines for fact in other.facts_on(rows.facet)
        )


def test_the_number_before_a_line_makes_no_difference(base: KnowledgeBase) -> None:
    rows = papers(item_with(base, "1.身份证，验原件；"), item_with(base, "（三）身份证，验原件；"))
    assert [row.likeness for row in rows.rows] == [Likeness.SAME]


def test_what_is_said_in_other_words_is_marked_word_by_word(base: KnowledgeBase) -> None:
    rows = papers(item_with(base, "1.身份证，验原件；"), item_with(base, "1.身份证，复印件1份；"))
    (row,) = rows.rows
    assert row.likeness is Likeness.CHANGED
    assert next(stretch.text for stretch in row.words if stretch.side is Side.BOTH).startswith("身份证，")


def test_a_line_that_only_the_right_item_has_stands_behind_what_is_before_it_there(base: KnowledgeBase) -> None:
    left = item_with(base, "身份证，验原件", "户口簿，复印件1份")
    right = item_with(base, "授权委托书", "身份证，验原件", "参保证明打印件和盖章表", "户口簿，复印件1份")
    assert shown(papers(left, right)) == [
        (None, "授权委托书"),
        ("身份证，验原件", "身份证，验原件"),
        (None, "参保证明打印件和盖章表"),
        ("户口簿，复印件1份", "户口簿，复印件1份"),
    ]


def test_any_two_neighbours_can_stand_side_by_side(base: KnowledgeBase) -> None:
    for left, right in pairwise(base):
        assert [rows.facet for rows in side_by_side(left, right)] == list(Facet)
