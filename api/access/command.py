"""python -m api account: the office's accounts by the command line, the first admin's among them."""

from __future__ import annotations

import argparse
import sys
from getpass import getpass

from api.access.account import Account
from api.access.role import Role
from api.access.staff import StaffAccess
from bot.door import office_now
from bot.records.database import Database
from bot.settings import Settings


class CommandError(Exception):
    """What keeps the command from being done; the message says it in a line."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command to *parser*."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="make an account; the password is asked for, or read from stdin")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--role", choices=[str(role) for role in Role], default=str(Role.CLERK))
    actions.add_parser("list", help="name, role, enabled or disabled, since when")
    for action, purpose in (
        ("disable", "let somebody in no more; their sessions end"),
        ("enable", "let somebody in again"),
        ("password", "set a new password; the account's sessions end"),
    ):
        actions.add_parser(action, help=purpose).add_argument("name", metavar="NAME")


def run(options: argparse.Namespace, settings: Settings) -> list[str]:
    """Do what *options* say and return the lines to print.

    Raises CommandError and what StaffAccess raises, and StoreError where the database cannot be used.
    """
    database = Database.open(settings.database_url)
    try:
        return _do(StaffAccess(database, settings, office_now), options)
    finally:
        database.close()


def _do(access: StaffAccess, options: argparse.Namespace) -> list[str]:
    if options.action == "list":
        return [_line_of(account) for account, _ in access.accounts()]
    if options.action == "add":
        access.check_new(options.name)
        account = access.add_account(options.name, Role(options.role), _ask_password())
        return [f"{account.name}\t{account.role}"]
    access.store.get(options.name)
    if options.action == "password":
        access.change_account(options.name, password=_ask_password())
    else:
        access.change_account(options.name, disabled=options.action == "disable")
    return []


def _line_of(account: Account) -> str:
    state = "disabled" if account.disabled else "enabled"
    return f"{account.name}\t{account.role}\t{state}\t{account.created:%Y-%m-%d}"


def _ask_password() -> str:
    """Ask twice on a terminal, where nobody sees what is typed; elsewhere read one line."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    try:
        password = getpass("password: ")
        if password != getpass("once more: "):
            raise CommandError("the two passwords are not the same")
    except (EOFError, KeyboardInterrupt) as error:
        raise CommandError("no password was given") from error
    return password
