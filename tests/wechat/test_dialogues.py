"""The conversations of the suite, led through the account: all that the engine says arrives, page by page."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bot.settings import ROOT
from bot.wechat.saying.body import body_of
from tests.api.service import Service
from tests.bot.happenings import Says
from tests.bot.prose import parse_conversation
from tests.wechat.conftest import Stage, Talk, links_in, seen

EVERY = 4
"""One conversation of so many, for each turn costs as much as in the service."""
FILES = sorted((ROOT / "tests" / "conversations").glob("[!R]*.md"))[::EVERY]
_MORE = re.compile(r"第 \d+/\d+ 页，回复 \d+ 看第 \d+ 页$")


def words(text: str) -> str:
    return "".join(text.split())


async def read_to_the_end(talk: Talk, page: str) -> str:
    """Return all that a reply says, its further pages asked for by their links."""
    whole = ""
    while _MORE.search(seen(page)):
        whole += _MORE.sub("", seen(page))
        page = await talk.taps(links_in(page)[-1])
    return words(whole + seen(page))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_conversation_loses_nothing_on_its_way(stage: Stage, monkeypatch: pytest.MonkeyPatch, path: Any) -> None:
    said: list[dict[str, Any]] = []
    own = stage.engine.turn

    async def turn(session: str, text: str, **options: Any) -> dict[str, Any]:
        told = await own(session, text, **options)
        said.append(told)
        return told

    monkeypatch.setattr(stage.engine, "turn", turn)
    lines = [what.text for _, what in parse_conversation(path).happenings if isinstance(what, Says)]

    async def story(_service: Service, talk: Talk) -> None:
        for line in lines:
            said.clear()
            shown = await read_to_the_end(talk, await talk.says(line))
            messages = said[0]["messages"] if said else []
            assert shown == words(seen("".join(part.text for part in body_of(messages))))

    stage.play(story)
