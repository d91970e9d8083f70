"""What is done in an item: the fellows of the office's own file, and files that are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.vocabulary import Vocabulary, VocabularyError
from knowledge.vocabulary.acts import Acts, load_acts

IDS = ["stop_pension", "stop_benefit", "apply_card"]


@pytest.fixture(scope="module")
def acts(vocabulary: Vocabulary) -> Acts:
    return load_acts([entry.id for entry in vocabulary.catalogue])


def written(folder: Path, text: str) -> Path:
    (folder / "acts.yml").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("item", "fellow"),
    [
        ("unemployment_benefit_stop", "unemployment_allowance_stop"),
        ("enterprise_pension_transfer", "annuity_transfer"),
        ("card_cancel", "resident_pension_cancel"),
    ],
)
def test_items_in_which_the_same_is_done_are_fellows_of_each_other(acts: Acts, item: str, fellow: str) -> None:
    assert fellow in acts.same_act(item)
    assert item in acts.same_act(fellow)


def test_no_item_is_its_own_fellow(acts: Acts, vocabulary: Vocabulary) -> None:
    assert not [entry.id for entry in vocabulary.catalogue if entry.id in acts.same_act(entry.id)]


def test_an_item_under_two_acts_has_the_fellows_of_both(tmp_path: Path) -> None:
    folder = written(tmp_path, "a: [stop_pension, stop_benefit]\nb: [stop_pension, apply_card]")
    assert load_acts(IDS, folder).same_act("stop_pension") == {"stop_benefit", "apply_card"}


def test_an_item_that_stands_nowhere_has_none(acts: Acts) -> None:
    assert acts.same_act("nothing") == acts.same_act(None) == frozenset()


def test_another_office_may_have_no_such_file(tmp_path: Path) -> None:
    assert load_acts(IDS, tmp_path) == Acts()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("停发: [stop_pension, stop_everything]", "停发: no such item: stop_everything"),
        ("停发: [stop_pension]", "停发: a list of two items or more"),
        ("停发: stop_pension", "停发: a list of two items or more"),
        ("- stop_pension", "a mapping of acts"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_by_the_act(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(VocabularyError, match=reason):
        load_acts(IDS, written(tmp_path, text))
