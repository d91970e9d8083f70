"""What the doctor says of this channel: whether the platform knows the account, and whether it has our menu."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

from bot.doctor.finding import Finding, State
from bot.records.database import Database
from bot.settings import OFFICE_TIME, Settings
from bot.wechat.account import Mode, WechatAccount
from bot.wechat.platform.client import Platform
from bot.wechat.platform.errors import PlatformError, Trouble
from bot.wechat.platform.menu import is_same_menu, load_menu
from bot.wording.pages import PageWording
from knowledge.store import StoreError


def check_wechat(settings: Settings, copy: PageWording) -> Iterator[Finding]:
    """Look at the account, and ask the platform about it. It changes nothing there."""
    account = settings.wechat
    if account is None:
        yield Finding(State.OFF, copy.say("wechat_off"))
        return
    yield from _of_settings(account, copy)
    try:
        with closing(Database.open(settings.database_url)) as database:
            platform = Platform(account, database, lambda: datetime.now(OFFICE_TIME))
            platform.check()
            yield Finding(State.WELL, copy.say("wechat", app_id=account.app_id))
            yield _of_menu(platform, account, copy)
    except PlatformError as error:
        key = "wechat_refused" if error.trouble is Trouble.REFUSED else "wechat_unreachable"
        yield Finding(State.AMISS, copy.say(key, reason=error))
    except StoreError as error:
        yield Finding(State.AMISS, copy.say("wechat_no_store", reason=error))


def _of_settings(account: WechatAccount, copy: PageWording) -> Iterator[Finding]:
    if account.mode is Mode.PLAIN:
        yield Finding(State.AMISS, copy.say("wechat_plain"))
    else:
        yield Finding(State.WELL, copy.say("wechat_encrypted", mode=account.mode.value))
    if account.site is None:
        yield Finding(State.OFF, copy.say("wechat_no_site"))


def _of_menu(platform: Platform, account: WechatAccount, copy: PageWording) -> Finding:
    theirs = platform.read_menu()
    if theirs is None:
        return Finding(State.AMISS, copy.say("wechat_no_menu"))
    if not is_same_menu(load_menu().for_platform(account.site), theirs):
        return Finding(State.AMISS, copy.say("wechat_other_menu"))
    return Finding(State.WELL, copy.say("wechat_menu"))
