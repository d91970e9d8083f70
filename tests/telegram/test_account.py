"""The account's settings: off without a token, and a clear refusal of what is wrong."""

from __future__ import annotations

import re

import pytest

from bot.__main__ import main
from bot.settings import ROOT, SettingsError, load_settings
from bot.telegram.account import Mode
from tests.telegram.stand_in import TOKEN

SECRET = "s" * 32
WEBHOOK = {
    "TELEGRAM_TOKEN": TOKEN,
    "TELEGRAM_MODE": "webhook",
    "TELEGRAM_WEBHOOK_URL": "https://bot.example.org/telegram",
    "TELEGRAM_WEBHOOK_SECRET": SECRET,
}


def test_without_a_token_the_channel_is_off() -> None:
    assert load_settings({"TELEGRAM_MODE": "webhook"}).telegram is None


def test_a_token_is_enough() -> None:
    account = load_settings({"TELEGRAM_TOKEN": TOKEN}).telegram
    assert account is not None
    assert account.mode is Mode.POLLING


def test_a_webhook_has_its_address_and_secret() -> None:
    account = load_settings({**WEBHOOK, "TELEGRAM_WEBHOOK_LISTEN": "[::1]:9000"}).telegram
    assert account is not None
    assert account.webhook is not None
    assert (account.webhook.path, account.webhook.host, account.webhook.port) == ("/telegram", "::1", 9000)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELEGRAM_TOKEN", "secret"),
        ("TELEGRAM_MODE", "both"),
        ("TELEGRAM_WEBHOOK_URL", ""),
        ("TELEGRAM_WEBHOOK_URL", "http://bot.example.org/telegram"),
        ("TELEGRAM_WEBHOOK_URL", "https://bot.example.org:8081/telegram"),
        ("TELEGRAM_WEBHOOK_SECRET", "short"),
        ("TELEGRAM_WEBHOOK_SECRET", "有" * 40),
        ("TELEGRAM_WEBHOOK_LISTEN", "8081"),
        ("TELEGRAM_WEBHOOK_LISTEN", "127.0.0.1:70000"),
        ("TELEGRAM_API_BASE", "api.example.org"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load_settings({**WEBHOOK, name: value})


def test_neither_token_nor_secret_is_ever_shown() -> None:
    with pytest.raises(SettingsError) as wrong:
        load_settings({"TELEGRAM_TOKEN": "12345:not-a-token!"})
    assert "not-a-token" not in str(wrong.value)
    shown = repr(load_settings(WEBHOOK))
    assert TOKEN not in shown
    assert SECRET not in shown


def test_every_setting_is_in_the_documentation() -> None:
    names = set(re.findall(r'"(TELEGRAM_[A-Z_]+)"', (ROOT / "bot/telegram/account.py").read_text(encoding="utf-8")))
    told = (ROOT / "docs/telegram.md").read_text(encoding="utf-8")
    assert len(names) == 6
    assert {name for name in names if f"`{name}`" not in told} == set()


def test_without_a_token_the_command_says_so_once_and_ends_well(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TELEGRAM_TOKEN", raising=False)
    assert main(["telegram"]) == 0
    assert capsys.readouterr().err.count("TELEGRAM_TOKEN") == 1
