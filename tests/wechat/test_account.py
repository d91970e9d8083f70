"""The account's settings: missing, the channel is off; wrong, they are refused by name, and no secret is repeated."""

from __future__ import annotations

import pytest

from bot.settings import SettingsError, load_settings
from bot.wechat.account import Mode
from tests.wechat.platform import AES_KEY, APP_ID, SECRET, TOKEN

GOOD = {
    "WECHAT_TOKEN": TOKEN,
    "WECHAT_APP_ID": APP_ID,
    "WECHAT_APP_SECRET": SECRET,
    "WECHAT_AES_KEY": AES_KEY,
}


def test_without_any_setting_there_is_no_account() -> None:
    assert load_settings({}).wechat is None


def test_the_account_is_read_and_safe_unless_another_mode_is_asked_for() -> None:
    account = load_settings(GOOD).wechat
    assert account is not None
    assert (account.token, account.app_id, account.app_secret, account.aes_key) == (TOKEN, APP_ID, SECRET, AES_KEY)
    assert account.mode is Mode.SAFE


def test_in_plain_mode_no_key_is_needed() -> None:
    values = {**GOOD, "WECHAT_MODE": "plain", "WECHAT_AES_KEY": ""}
    account = load_settings(values).wechat
    assert account is not None
    assert account.mode is Mode.PLAIN


WRONG = [
    ("WECHAT_TOKEN", ""),
    ("WECHAT_TOKEN", "with spaces"),
    ("WECHAT_APP_ID", ""),
    ("WECHAT_APP_ID", "gh_0123456789ab"),
    ("WECHAT_APP_SECRET", ""),
    ("WECHAT_APP_SECRET", "toosecret"),
    ("WECHAT_AES_KEY", ""),
    ("WECHAT_AES_KEY", AES_KEY[1:]),
    ("WECHAT_MODE", "secret"),
    ("WECHAT_API_BASE", "api.example.org"),
    ("WECHAT_SITE", "guide.example.org"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_setting_that_is_wrong_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name}"):
        load_settings({**GOOD, name: value})


@pytest.mark.parametrize("name", ["WECHAT_TOKEN", "WECHAT_APP_SECRET", "WECHAT_AES_KEY"])
def test_what_is_secret_is_repeated_nowhere(name: str) -> None:
    secret = "soSecretThatItIsNotRepeated!"
    with pytest.raises(SettingsError) as refused:
        load_settings({**GOOD, name: secret})
    assert secret not in str(refused.value)
    account = load_settings(GOOD).wechat
    assert not [value for key, value in GOOD.items() if key != "WECHAT_APP_ID" and value in repr(account)]
