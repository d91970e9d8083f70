"""The menu: reviewed data within the platform's limits, pushed and shown by a command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.wechat.platform.menu import MenuError, is_same_menu, load_menu
from tests.wechat.platform import AES_KEY, APP_ID, SECRET, TOKEN, Platform, calls_taken

SITE = "https://guide.example.org"


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    """A platform that the command's environment leads to."""
    platform = Platform()
    with calls_taken(platform) as address:
        values = {
            "DATABASE_URL": f"sqlite:///{tmp_path}/menu.db",
            "WECHAT_TOKEN": TOKEN,
            "WECHAT_APP_ID": APP_ID,
            "WECHAT_APP_SECRET": SECRET,
            "WECHAT_AES_KEY": AES_KEY,
            "WECHAT_API_BASE": address,
            "WECHAT_SITE": SITE,
        }
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        yield platform


def test_our_menu_keeps_within_the_platforms_limits() -> None:
    menu = load_menu().for_platform(SITE)
    assert 1 <= len(menu["button"]) <= 3
    for button in menu["button"]:
        assert len(button["name"].encode()) <= 16
        assert 1 <= len(button["sub_button"]) <= 5
        assert all(len(below["name"].encode()) <= 60 for below in button["sub_button"])


def test_without_a_site_no_button_leads_nowhere() -> None:
    assert "{site}" not in json.dumps(load_menu().for_platform(None))
    assert load_menu().needs_site()


def test_push_puts_the_menu_into_the_account_and_show_finds_it_there(
    platform: Platform, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["wechat", "menu", "show"]) == 0
    assert "differs" in capsys.readouterr().err
    assert main(["wechat", "menu", "push"]) == 0
    assert platform.menu == load_menu().for_platform(SITE)
    capsys.readouterr()
    assert main(["wechat", "menu", "show"]) == 0
    shown = capsys.readouterr()
    assert is_same_menu(load_menu().for_platform(SITE), json.loads(shown.out))
    assert "is that of" in shown.err


REFUSED = [(40013, "WECHAT_APP_ID"), (40125, "WECHAT_APP_SECRET"), (40001, "WECHAT_APP_SECRET"), (40164, "IP白名单")]


@pytest.mark.parametrize(("code", "advice"), REFUSED)
def test_a_platform_that_gives_no_token_is_told_with_what_to_do(
    platform: Platform, capsys: pytest.CaptureFixture[str], code: int, advice: str
) -> None:
    platform.errors_of_token.append(code)
    assert main(["wechat", "menu", "push"]) == 1
    told = capsys.readouterr().err
    assert advice in told
    assert SECRET not in told


def test_without_an_account_the_command_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/menu.db")
    assert main(["wechat", "menu", "push"]) == 1
    assert "WECHAT_TOKEN" in capsys.readouterr().err


BROKEN = {
    "no list": "name: x",
    "four at the top": "[{name: a, key: a, says: a}, {name: b, key: b, says: b}, {name: c, key: c, says: c},"
    " {name: d, key: d, says: d}]",
    "six below": "[{name: a, below: ["
    + ", ".join(f"{{name: n{number}, key: k{number}, says: s}}" for number in range(6))
    + "]}]",
    "a long name": "[{name: 一二三四五六, key: a, says: a}]",
    "no name": "[{key: a, says: a}]",
    "two things at once": "[{name: a, key: a, says: a, opens: https://example.org}]",
    "nothing to do": "[{name: a}]",
    "three storeys": "[{name: a, below: [{name: b, below: [{name: c, key: c, says: c}]}]}]",
    "a key twice": "[{name: a, key: k, says: a}, {name: b, key: k, says: b}]",
    "says without a key": "[{name: a, says: a}]",
    "no address": "[{name: a, opens: items}]",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_menu_that_the_platform_would_refuse_is_refused_here(tmp_path: Path, text: str) -> None:
    path = tmp_path / "menu.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MenuError):
        load_menu(path)
