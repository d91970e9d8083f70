"""`python -m bot doctor` on this channel: a sentence for what is well, off or amiss."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.doctor.command import load_copy
from bot.doctor.finding import Finding, State
from bot.settings import Settings
from bot.wechat.account import Mode, WechatAccount
from bot.wechat.checking import check_wechat
from bot.wechat.platform.menu import load_menu
from tests.wechat.platform import AES_KEY, APP_ID, SECRET, TOKEN, Platform, calls_taken

SITE = "https://guide.example.org"


@dataclasses.dataclass(frozen=True)
class Practice:
    """The doctor's, beside the platform."""

    platform: Platform
    account: WechatAccount
    url: str

    def findings(self, **changed: Any) -> list[Finding]:
        """Return what is found where fields of the account are *changed*."""
        account = dataclasses.replace(self.account, **changed)
        return list(check_wechat(Settings(database_url=self.url, wechat=account), load_copy()))


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    platform = Platform()
    with calls_taken(platform) as address:
        account = WechatAccount(TOKEN, APP_ID, SECRET, AES_KEY, api_base=address, site=SITE)
        yield Practice(platform, account, f"sqlite:///{tmp_path}/doctor.db")


def amiss(found: list[Finding]) -> str:
    return "\n".join(finding.sentence for finding in found if finding.state is State.AMISS)


def test_a_good_account_with_its_menu_is_well(practice: Practice) -> None:
    practice.platform.menu = load_menu().for_platform(SITE)
    assert {finding.state for finding in practice.findings()} == {State.WELL}


def test_no_account_is_nothing_bad() -> None:
    [finding] = check_wechat(Settings(), load_copy())
    assert finding.state is State.OFF


def test_an_account_without_a_menu_or_with_another_is_told_the_command(practice: Practice) -> None:
    assert "menu push" in amiss(practice.findings())
    practice.platform.menu = {"button": [{"type": "click", "name": "别的", "key": "other"}]}
    assert "menu push" in amiss(practice.findings())


def test_messages_that_are_not_encrypted_are_amiss(practice: Practice) -> None:
    assert "WECHAT_MODE=safe" in amiss(practice.findings(mode=Mode.PLAIN))


def test_without_a_site_it_is_said_what_the_menu_lacks(practice: Practice) -> None:
    found = practice.findings(site=None)
    assert any(finding.state is State.OFF and "WECHAT_SITE" in finding.sentence for finding in found)


def test_a_secret_that_the_platform_does_not_know_is_amiss_and_not_repeated(practice: Practice) -> None:
    wrong = "f" * 32
    told = amiss(practice.findings(app_secret=wrong))
    assert "WECHAT_APP_SECRET" in told
    assert wrong not in told


def test_a_platform_out_of_reach_is_amiss(practice: Practice) -> None:
    assert "连不上微信" in amiss(practice.findings(api_base="http://127.0.0.1:9"))
