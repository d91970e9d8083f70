"""python -m bot wechat menu push|show: the account's menu at the platform, and as we mean it to be."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING

from bot.records.database import Database
from bot.settings import OFFICE_TIME, Settings
from bot.wechat.platform.errors import PlatformError
from bot.wechat.platform.menu import MenuError, is_same_menu, load_menu

if TYPE_CHECKING:
    from bot.wechat.platform.client import Platform

_NOT_SET = "no account is set: WECHAT_TOKEN, WECHAT_APP_ID, WECHAT_APP_SECRET (docs/wechat.md)"
_IN_PLACE = "the menu is in place; phones show it within minutes, or at once when the account is followed anew"


def add_wechat_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add `wechat` and its own commands; return its parser, to which the caller sets what runs it."""
    wechat: argparse.ArgumentParser = commands.add_parser("wechat", help="the WeChat official account: its menu")
    own = wechat.add_subparsers(required=True, metavar="COMMAND")
    menu = own.add_parser("menu", help="the account's menu: bot/wording/wechat_menu.yml")
    what = menu.add_subparsers(required=True, metavar="COMMAND")
    push = what.add_parser("push", help="put the menu of the file into the account")
    push.set_defaults(wechat_command=_push)
    show = what.add_parser("show", help="the account's menu as JSON; on stderr whether it is that of the file")
    show.set_defaults(wechat_command=_show)
    return wechat


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Run one command; 1 where the account is not set up or the platform refuses."""
    # wechatpy takes a second to load, which no other command should wait for.
    from bot.wechat.platform.client import Platform

    if settings.wechat is None:
        _tell(_NOT_SET)
        return 1
    command: Callable[[Platform, str | None], None] = options.wechat_command
    try:
        with closing(Database.open(settings.database_url)) as database:
            platform = Platform(settings.wechat, database, lambda: datetime.now(OFFICE_TIME))
            command(platform, settings.wechat.site)
    except (PlatformError, MenuError) as error:
        _tell(str(error))
        return 1
    return 0


def _push(platform: Platform, site: str | None) -> None:
    menu = load_menu()
    platform.make_menu(menu.for_platform(site))
    if site is None and (left_out := menu.needs_site()):
        _tell(f"WECHAT_SITE is not set; left out: {', '.join(left_out)}")
    _tell(_IN_PLACE)


def _show(platform: Platform, site: str | None) -> None:
    theirs = platform.read_menu()
    sys.stdout.write(json.dumps(theirs, ensure_ascii=False, indent=2) + "\n")
    is_same = theirs is not None and is_same_menu(load_menu().for_platform(site), theirs)
    _tell(f"the account's menu {'is that of' if is_same else 'differs from'} bot/wording/wechat_menu.yml")


def _tell(text: str) -> None:
    sys.stderr.write(f"wechat: {text}\n")
