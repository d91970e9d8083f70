"""What the whole suite shares: the real guide as text and as a base, the words it is read with, the mini-guide."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from knowledge.building import GUIDE
from knowledge.model import KnowledgeBase
from knowledge.reading.facts import read_guide
from knowledge.reading.source import GuideText, load_text
from knowledge.vocabulary import Vocabulary, load_vocabulary

if TYPE_CHECKING:
    from bot.runtime.engine import Engine


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return load_vocabulary()


@pytest.fixture(scope="session")
def text() -> GuideText:
    return load_text(GUIDE)


@pytest.fixture(scope="session")
def base(text: GuideText, vocabulary: Vocabulary) -> KnowledgeBase:
    return read_guide(text, vocabulary)


@pytest.fixture(scope="session")
def mini_guide() -> Path:
    """The folder of another, invented city: guide.txt, items.csv, labels.yml, office.yml."""
    return Path(__file__).parent / "mini_guide"


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The engine with the model and base of `make train`, its records elsewhere; one for the whole suite, its start
    costs seconds."""
    from bot.runtime.engine import Engine
    from bot.settings import load_settings
    from tests.bot.engines import PATIENT

    records = tmp_path_factory.mktemp("records") / "records.db"
    return Engine.open(dataclasses.replace(load_settings(), waits=PATIENT), f"sqlite:///{records}")
