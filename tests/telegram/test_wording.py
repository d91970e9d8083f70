"""telegram.yml and doctor.yml: every sentence is said somewhere."""

from __future__ import annotations

import pytest
import yaml

from bot.settings import ROOT
from bot.telegram.incoming import UNREADABLE
from bot.telegram.introducing import COMMANDS

MADE = {*UNREADABLE, *(f"{thing}_with_words" for thing in UNREADABLE), *(f"command_{name}" for name in COMMANDS)}
"""Keys that are put together."""


@pytest.mark.parametrize(("name", "rooms"), [("telegram", ["telegram"]), ("doctor", ["telegram", "doctor", "wechat"])])
def test_every_sentence_is_in_use(name: str, rooms: list[str]) -> None:
    keys = set(yaml.safe_load((ROOT / "bot" / "wording" / f"{name}.yml").read_text(encoding="utf-8")))
    code = "".join(path.read_text(encoding="utf-8") for room in rooms for path in (ROOT / "bot" / room).rglob("*.py"))
    assert {key for key in keys - MADE if f'"{key}"' not in code} == set()
