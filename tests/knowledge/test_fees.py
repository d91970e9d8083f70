"""Fees: free, or an amount; anything else is not guessed."""

from __future__ import annotations

import pytest

from knowledge.values import Fee
from knowledge.values.fees import parse_fee


@pytest.mark.parametrize("text", ["不收费", "不收费。", "免费", "不收取任何费用", "无", " 不收费 "])
def test_what_costs_nothing_is_free(text: str) -> None:
    assert parse_fee(text) == Fee(free=True)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        # line 2955: the years and numbers of the decree are no amounts, nor is its missing bracket
        ("每人每次250元（《自治区物价局、财政厅关于劳动能力伤残等级鉴定收费标准的通知》（桂价费字﹝1996﹞109号）", 250),
        ("工本费每张16.5元", 16.5),
        ("20 元", 20),
    ],
)
def test_an_amount_is_read_in_yuan(text: str, amount: float) -> None:
    assert parse_fee(text) == Fee(free=False, amount=amount)


@pytest.mark.parametrize("text", ["", "按物价部门规定", "250"])
def test_what_states_neither_is_left_unread(text: str) -> None:
    assert parse_fee(text) is None


@pytest.mark.parametrize(
    ("fee", "json"),
    [
        (Fee(free=True), {"free": True, "amount": None}),
        (Fee(free=False, amount=250.0), {"free": False, "amount": 250}),
        (Fee(free=False, amount=16.5), {"free": False, "amount": 16.5}),
    ],
)
def test_whole_yuan_are_exported_as_whole_numbers(fee: Fee, json: dict[str, object]) -> None:
    assert fee.as_json() == json
    assert Fee.from_json(fee.as_json()) == fee
