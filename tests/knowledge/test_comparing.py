"""Two editions side by side: what an editor is shown of the real guide, changed line by line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from knowledge.building import GUIDE
from knowledge.comparing import Comparison, FacetChange, Side, compare, compare_words, without_number
from knowledge.model import Facet, KnowledgeBase
from knowledge.outdated import DataFiles, Lack, Outdated, find_outdated
from knowledge.reading.facts import read_guide
from knowledge.reading.source import parse_text
from knowledge.vocabulary import Vocabulary
from knowledge.vocabulary.branches import load_branches
from knowledge.vocabulary.glossary import load_glossary
from knowledge.vocabulary.look_alikes import load_look_alikes
from knowledge.vocabulary.ways_on import load_ways_on

Edit = Callable[[list[str]], list[str]]

PAPER = 3099
"""The line of the first paper of card_replace."""
PHONE = 3110
"""The line of its telephone number."""


def edited(edit: Edit, vocabulary: Vocabulary) -> KnowledgeBase:
    """Return the real guide as it would be read after an edit of its lines."""
    lines = edit(GUIDE.read_text(encoding="utf-8").split("\n"))
    return read_guide(parse_text("new.txt", "\n".join(lines).encode()), vocabulary)


def said(number: int, old: str, new: str) -> Edit:
    """Return an edit that says something else on one line."""

    def edit(lines: list[str]) -> list[str]:
        assert old in lines[number - 1]
        return [line.replace(old, new) if i == number else line for i, line in enumerate(lines, 1)]

    return edit


def inserted(before: int, line: str) -> Edit:
    """Return an edit that adds a line."""
    return lambda lines: [*lines[: before - 1], line, *lines[before - 1 :]]


def only_facet(comparison: Comparison) -> FacetChange:
    """Return the one facet that is different."""
    ((facet,),) = (item.facets for item in comparison.changed)
    return facet


# ---------------------------------------------------------------- facts


def test_a_guide_is_no_different_from_itself(base: KnowledgeBase) -> None:
    comparison = compare(base, base)
    assert not comparison
    assert comparison.as_json()["counts"]["facts"] == {"added": 0, "gone": 0, "changed": 0}


def test_lines_that_only_moved_are_no_change(base: KnowledgeBase, vocabulary: Vocabulary) -> None:
    moved = edited(inserted(200, ""), vocabulary)
    assert moved.by_id["card_replace"] != base.by_id["card_replace"]
    assert not compare(base, moved)


def test_another_wording_of_a_paper_is_one_changed_fact_with_its_words(
    base: KnowledgeBase, vocabulary: Vocabulary
) -> None:
    comparison = compare(base, edited(said(PAPER, "证件原件（", "证件原件及复印件1份（"), vocabulary))
    assert [item.id for item in comparison.changed] == ["card_replace"]
    facet = only_facet(comparison)
    assert (facet.facet, len(facet.added), len(facet.gone)) == (Facet.MATERIALS, 0, 0)
    (change,) = facet.changed
    assert [stretch.text for stretch in change.words if stretch.side is Side.NEW] == ["及复印件1份"]
    assert not [stretch for stretch in change.words if stretch.side is Side.OLD]


def test_changed_papers_are_counted_apart(base: KnowledgeBase, vocabulary: Vocabulary) -> None:
    one = said(PAPER, "证件原件（", "证件复印件（")
    other = said(PHONE, "2825653", "2825654")
    counts = compare(base, edited(lambda lines: other(one(lines)), vocabulary)).as_json()["counts"]
    assert counts["items"] == {"added": 0, "gone": 0, "renamed": 0, "changed": 1}
    assert counts["facts"] == {"added": 0, "gone": 0, "changed": 2}
    assert counts["materials"] == {"added": 0, "gone": 0, "changed": 1}


def test_papers_come_before_the_other_facets(base: KnowledgeBase, vocabulary: Vocabulary) -> None:
    one = said(PAPER, "证件原件（", "证件复印件（")
    other = said(3085, "持有", "持")
    (item,) = compare(base, edited(lambda lines: other(one(lines)), vocabulary)).changed
    assert [facet.facet for facet in item.facets] == [Facet.MATERIALS, Facet.CONDITIONS]


def test_a_paper_put_between_others_is_one_added_fact_though_the_rest_is_renumbered(
    base: KnowledgeBase, vocabulary: Vocabulary
) -> None:
    def edit(lines: list[str]) -> list[str]:
        renumbered = said(3102, "3.", "4.")(said(3100, "2.", "3.")(lines))
        return inserted(3100, "2.近期免冠彩色照片2张。")(renumbered)

    facet = only_facet(compare(base, edited(edit, vocabulary)))
    assert [change.new and change.new.text for change in facet.added] == ["2.近期免冠彩色照片2张。"]
    assert not facet.gone
    assert not facet.changed


def test_a_paper_that_is_dropped_is_gone(base: KnowledgeBase, vocabulary: Vocabulary) -> None:
    facet = only_facet(compare(base, edited(lambda lines: [*lines[:3101], "", *lines[3102:]], vocabulary)))
    assert [change.old and change.old.lines.first for change in facet.gone] == [3102]
    assert not facet.added


def test_another_phone_number_is_one_word_that_changed(base: KnowledgeBase, vocabulary: Vocabulary) -> None:
    facet = only_facet(compare(base, edited(said(PHONE, "2825653", "2825654"), vocabulary)))
    (change,) = facet.changed
    assert facet.facet is Facet.PHONE
    assert [str(stretch.side) for stretch in change.words] == ["old", "new"]


def test_the_same_words_under_another_heading_are_a_change(base: KnowledgeBase) -> None:
    item = base.by_id["card_replace"]
    paper = item.facts_on(Facet.MATERIALS)[0]
    facts = tuple(replace(fact, applies_to=("代办",)) if fact == paper else fact for fact in item.facts)
    new = replace(base, items=tuple(replace(item, facts=facts) if one is item else one for one in base))
    (change,) = only_facet(compare(base, new)).changed
    assert change.as_json()["new"]["applies_to"] == ["代办"]


# ---------------------------------------------------------------- items


def test_items_that_came_went_and_got_another_name_are_told_apart(base: KnowledgeBase) -> None:
    first, second, *rest = base.items
    old = replace(base, items=(first, *rest))
    new = replace(base, items=(second, replace(rest[0], title="新的名字"), *rest[1:]))
    comparison = compare(old, new)
    assert [item.id for item in comparison.added] == [second.id]
    assert [item.id for item in comparison.gone] == [first.id]
    assert [(item.id, item.old_title, item.title) for item in comparison.renamed] == [
        (rest[0].id, rest[0].title, "新的名字")
    ]


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("old", "new", "stretches"),
    [
        ("5个工作日", "15个工作日", ["old 5", "new 15", "both 个工作日"]),
        ("电话：0777-2851611", "电话：0777-2851661", ["both 电话：", "old 0777-2851611", "new 0777-2851661"]),
        ("身份证原件", "身份证原件1份", ["both 身份证原件", "new 1份"]),
        ("旧的说法", "完全两样", ["old 旧的说法", "new 完全两样"]),
        ("甲的乙", "丙的丁", ["old 甲的乙", "new 丙的丁"]),
        ("一样", "一样", ["both 一样"]),
    ],
)
def test_words_are_compared_as_people_read_them(old: str, new: str, stretches: list[str]) -> None:
    assert [f"{stretch.side} {stretch.text}" for stretch in compare_words(old, new)] == stretches


@pytest.mark.parametrize("side", [Side.OLD, Side.NEW])
def test_no_character_of_either_text_is_lost(side: Side, base: KnowledgeBase) -> None:
    texts = [fact.text for fact in base.by_id["retirement_normal"].facts]
    for old, new in pairwise(texts):
        kept = [one.text for one in compare_words(old, new) if one.side in (side, Side.BOTH)]
        assert "".join(kept) == (old if side is Side.OLD else new)


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("1.身份证", "身份证"),
        ("（一）身份证", "身份证"),
        ("二、身份证", "身份证"),
        ("①身份证", "身份证"),
        ("1.5倍", "1.5倍"),
        ("10个工作日", "10个工作日"),
        ("（原件）身份证", "（原件）身份证"),
    ],
)
def test_only_a_number_before_a_fact_is_no_part_of_its_words(text: str, bare: str) -> None:
    assert without_number(text) == bare


# ---------------------------------------------------------------- what needs an editor


@pytest.fixture(scope="module")
def files(base: KnowledgeBase, vocabulary: Vocabulary) -> DataFiles:
    ids = [entry.id for entry in vocabulary.catalogue]
    return DataFiles(base, load_look_alikes(ids), load_branches(ids), load_ways_on(ids), load_glossary())


def without(base: KnowledgeBase, item_id: str) -> KnowledgeBase:
    return replace(base, items=tuple(item for item in base if item.id != item_id))


def test_the_data_files_fit_the_guide_they_were_written_for(base: KnowledgeBase, files: DataFiles) -> None:
    assert find_outdated(base, files) == ()


def test_nobody_has_to_edit_for_lines_that_moved(files: DataFiles, vocabulary: Vocabulary) -> None:
    assert find_outdated(edited(inserted(1, ""), vocabulary), files) == ()


def test_a_line_that_separates_look_alikes_and_says_something_else_is_shown(
    files: DataFiles, vocabulary: Vocabulary
) -> None:
    found = find_outdated(edited(said(1017, "满15年", "满20年"), vocabulary), files)
    assert {(entry.file, entry.lack) for entry in found if entry.item == "retirement_normal"} >= {
        ("look_alikes.yml", Lack.LINES)
    }
    assert all(entry.lines and entry.lines.first <= 1017 <= entry.lines.last for entry in found)


def test_a_heading_that_a_narrowing_question_stands_on_and_is_gone_is_shown(
    files: DataFiles, vocabulary: Vocabulary
) -> None:
    def edit(lines: list[str]) -> list[str]:
        return [line.replace("线上办理", "网络办理") for line in lines]

    found = find_outdated(edited(edit, vocabulary), files)
    assert Outdated("branches.yml", "resident_pension_claim", Lack.HEADING, "线上办理") in found


def test_an_item_that_is_gone_is_shown_for_every_file_that_names_it(base: KnowledgeBase, files: DataFiles) -> None:
    found = find_outdated(without(base, "retirement_normal"), files)
    assert {entry.file for entry in found if entry.lack is Lack.ITEM} == {
        "look_alikes.yml", "branches.yml", "ways_on.yml"
    }  # fmt: skip


def test_a_term_that_the_guide_no_longer_uses_is_shown(files: DataFiles, vocabulary: Vocabulary) -> None:
    def edit(lines: list[str]) -> list[str]:
        return [line.replace("免申即享", "自动发放") for line in lines]

    assert Outdated("glossary.yml", "", Lack.TERM, "免申即享") in find_outdated(edited(edit, vocabulary), files)
