"""Rasa as the service runs it: without TensorFlow, and its graph without dask, to the same effect."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.runtime.light import NotLoaded
from bot.settings import ROOT

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

SERVES = """
import asyncio, sys
from bot.runtime.engine import Engine
from bot.settings import load_settings
engine = Engine.open(load_settings(), sys.argv[1])
turn = asyncio.run(engine.turn("s", "工伤认定要多久"))
print(turn["decision"], [name for name in sys.modules if name.startswith("tensorflow")])
"""

TUNES_AFTERWARDS = """
from bot.runtime.light import import_rasa
import_rasa()
import tensorflow
print(tensorflow.reduce_sum([1, 2]).numpy())
"""


def said_by(program: str, *arguments: str) -> str:
    """Return the last line that *program* prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()[-1]


def test_the_service_answers_without_tensorflow(tmp_path: Path) -> None:
    assert said_by(SERVES, f"sqlite:///{tmp_path}/records.db") == "answer []"


def test_the_real_tensorflow_is_there_for_whoever_wants_it_afterwards() -> None:
    assert said_by(TUNES_AFTERWARDS) == "3"


def test_a_stand_in_can_be_a_base_class_a_decorator_and_a_type() -> None:
    class Layer(NotLoaded.keras.layers.Layer):  # type: ignore[misc, name-defined]
        """Rasa derives its layers so."""

    def function() -> int:
        return 3

    assert isinstance(Layer(), NotLoaded)
    assert NotLoaded.function(function) is function


def test_a_stand_in_that_is_used_says_what_is_missing() -> None:
    with pytest.raises(RuntimeError, match=r"TensorFlow is not loaded in the service.*numpy"):
        _ = NotLoaded.constant(1, 2).numpy


@pytest.mark.parametrize("text", ["我退休要带什么材料", "那要几天", "你好", "asdf"])
def test_the_graph_comes_to_the_same_as_under_dask(engine: Engine, text: str) -> None:
    from rasa.core.channels.channel import UserMessage
    from rasa.engine.runner.dask import DaskGraphRunner

    processor = engine._agent.processor
    assert processor is not None
    runner = processor.graph_runner

    target = next(name for name in runner._instantiated_nodes if "DecisionMaker" in name)

    def query(run: Callable[..., Any]) -> Any:
        return run({"__message__": [UserMessage(text)]}, targets=[target])[target][0].data["query"]

    assert query(runner.run) == query(partial(DaskGraphRunner.run, runner))
