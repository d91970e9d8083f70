"""Where a message falls into two parts, and whether they ask about different items."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.arrays import Floats
from bot.understanding.parts import MAX_SPLITS, Pair, find_pair, split_parts

CUTS = [
    ("怎么挂失，怎么补卡", [("怎么挂失", "怎么补卡")]),
    ("怎么挂失,怎么补卡", [("怎么挂失", "怎么补卡")]),
    ("怎么挂失？怎么补卡？", [("怎么挂失", "怎么补卡")]),
    ("怎么挂失。。。怎么补卡", [("怎么挂失", "怎么补卡")]),
    ("怎么挂失\n怎么补卡", [("怎么挂失", "怎么补卡")]),
    ("怎么挂失还有怎么补卡", [("怎么挂失", "还有怎么补卡")]),
    ("怎么挂失，还有怎么补卡", [("怎么挂失", "还有怎么补卡")]),
    ("怎么挂失顺便问下怎么补卡", [("怎么挂失", "顺便问下怎么补卡")]),
    ("怎么挂失另外怎么补卡", [("怎么挂失", "另外怎么补卡")]),
    ("退休手续以及社保卡", [("退休手续", "以及社保卡")]),
    ("退休、补卡、转移", [("退休", "补卡转移"), ("退休补卡", "转移")]),
    ("还有怎么补卡", []),
    ("怎么补卡？", []),
    ("，，怎么补卡", []),
    ("补卡 材料 退休", []),
    ("补卡　材料", []),
    ("补卡， ，", []),
    ("，", []),
    (" ", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "cuts"), CUTS)
def test_a_message_falls_apart_at_signs_and_joints_and_never_at_blanks(text: str, cuts: list[tuple[str, str]]) -> None:
    assert split_parts(text) == cuts


@pytest.mark.parametrize("count", [2, 8, 9, 10, 50])
def test_there_are_at_most_so_many_ways_to_cut(count: int) -> None:
    assert len(split_parts("，".join(["怎么补卡"] * count))) == min(count - 1, MAX_SPLITS)


@given(st.text(alphabet="补卡退休还有另外，。？ ,", max_size=40))
def test_both_parts_say_something_and_every_way_says_the_same(text: str) -> None:
    cuts = split_parts(text)
    assert all(left.strip() and right.strip() for left, right in cuts)
    assert len({left + right for left, right in cuts}) <= 1


WRITTEN = [
    ("怎么挂失？还有怎么补卡", "怎么挂失?还有怎么补卡"),
    ("怎么挂失！怎么补卡", "怎么挂失!怎么补卡"),
    ("怎么挂失；怎么补卡", "怎么挂失;怎么补卡"),
    ("怎么挂失~怎么补卡", "怎么挂失～怎么补卡"),
    ("怎么挂失顺便问下怎么补卡", "怎么掛失順便問下怎么補卡"),
    ("怎么挂失还有怎么补卡", "怎么挂失還有怎么补卡"),
    ("怎么挂失还有怎么补卡", "怎么挂失还 有怎么补卡"),
]


@pytest.mark.parametrize(("plain", "otherwise"), WRITTEN)
def test_width_script_and_blanks_do_not_change_where_a_message_falls_apart(plain: str, otherwise: str) -> None:
    """They change no decision (bot.understanding.normalise), so they may not change what two parts there are."""
    assert len(split_parts(otherwise)) == len(split_parts(plain))


# ---------------------------------------------------------------- pairs

CLASSES = ("clarify", "lose", "oos_medical", "replace", "retire")
ITEMS = [1, 3, 4]
WHOLE = {"lose": 0.4, "replace": 0.5}


def row(**classes: float) -> Floats:
    """Return the margins of one text, -1 but for those given."""
    return np.array([classes.get(name, -1.0) for name in CLASSES])


def pair_of(*parts: Floats, text: str = "怎么挂失，怎么补卡") -> Pair | None:
    """Return the pair that the margins of some ways to cut say, two rows a way."""
    stacked = np.array(parts).reshape(-1, len(CLASSES))
    return find_pair(text, row(**WHOLE), stacked, ITEMS)


def names(pair: Pair | None) -> list[str]:
    return [] if pair is None else [CLASSES[pair.first], CLASSES[pair.second]]


def test_parts_that_ask_about_different_items_are_a_pair_in_the_order_asked() -> None:
    assert names(pair_of(row(lose=1.0), row(replace=0.8))) == ["lose", "replace"]
    assert names(pair_of(row(replace=0.8), row(lose=1.0))) == ["replace", "lose"]


def test_parts_that_ask_about_the_same_item_are_none() -> None:
    assert pair_of(row(lose=1.0), row(lose=0.4)) is None


def test_a_message_in_one_part_is_none() -> None:
    assert pair_of() is None


def test_only_items_can_be_a_pair() -> None:
    assert names(pair_of(row(oos_medical=2.0, lose=0.1), row(clarify=2.0, retire=0.2))) == ["lose", "retire"]


def test_the_best_way_to_cut_is_the_one_whose_weaker_part_is_strongest() -> None:
    lopsided = row(lose=3.0), row(retire=-0.5)
    balanced = row(lose=0.7), row(replace=0.6)
    assert names(pair_of(*lopsided, *balanced)) == ["lose", "replace"]
    assert names(pair_of(*balanced, *lopsided)) == ["lose", "replace"]


def test_a_way_that_gives_no_pair_does_not_hide_one_that_does() -> None:
    assert names(pair_of(row(lose=5.0), row(lose=5.0), row(lose=0.7), row(replace=0.6))) == ["lose", "replace"]


def test_the_evidence_has_a_fixed_length_and_knows_a_joint() -> None:
    plain = pair_of(row(lose=1.0), row(replace=0.8))
    joined = pair_of(row(lose=1.0), row(replace=0.8), text="怎么挂失还有怎么补卡")
    assert plain is not None
    assert joined is not None
    assert plain.features.shape == joined.features.shape
    assert np.isfinite(plain.features).all()
    assert plain.features.tolist() != joined.features.tolist()
