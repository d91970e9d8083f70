"""wechat.yml: every sentence is said somewhere, with what is to be filled in."""

from __future__ import annotations

import yaml

from bot.settings import ROOT
from bot.wechat.arriving.incoming import Kind
from bot.wechat.platform.errors import Trouble

MADE = {
    *(kind.value for kind in Kind),
    *(f"for_agent_{kind}" for kind in Kind),
    *(f"trouble_{trouble}" for trouble in Trouble),
}
"""Keys that are put together."""


def test_every_sentence_is_in_use() -> None:
    keys = set(yaml.safe_load((ROOT / "bot" / "wording" / "wechat.yml").read_text(encoding="utf-8")))
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot" / "wechat").rglob("*.py"))
    assert {key for key in keys - MADE if f'"{key}"' not in code} == set()


def test_whatever_has_no_words_has_a_hint_and_a_word_for_agents() -> None:
    keys = yaml.safe_load((ROOT / "bot" / "wording" / "wechat.yml").read_text(encoding="utf-8"))
    wordless = [kind for kind in Kind if kind.is_message and kind is not Kind.TEXT]
    assert all(kind.value in keys and f"for_agent_{kind}" in keys for kind in wordless)
