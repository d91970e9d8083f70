"""The regression gate: the development sets are understood about as well as when the model was last changed.

Its floors stand in bot/evaluation/gate.py, which a model of the office's review must pass as well. `python -m bot
evaluate` says why where one of them fails.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.evaluation.gate import SETS, Source, check_set, source_at_hand
from bot.settings import load_settings

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

NAMES = sorted({name: source for source, names in SETS.items() for name in names}.items())


@pytest.mark.parametrize(("name", "source"), NAMES)
def test_the_model_passes_the_gate(engine: Engine, name: str, source: Source) -> None:
    settings = load_settings()
    if source is Source.EVALUATION_SETS and source_at_hand(settings) is not source:
        pytest.skip(f"no evaluation sets at {settings.evaluation_sets}")  # they lie beside the project, not in it
    rows = asyncio.run(check_set(engine, name, settings))
    assert rows
    assert not [(row.floor, row.value) for row in rows if not row.is_good]
