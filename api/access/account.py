"""An account of the office (账号), its name and the sessions that are open on it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from api.access.role import Role

SHORTEST_NAME = 2
LONGEST_NAME = 32
# A letter or digit first and last: a path is made of the name, and "." or ".." in a path mean something else.
_NAME = re.compile(r"[^\W_](?:[\w .·-]*[^\W_])?")


class AccountError(Exception):
    """What is asked cannot be done to this account; *code* is the reason in one word."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class NoSuchAccountError(AccountError):
    """There is no account of that name."""

    def __init__(self, name: str) -> None:
        super().__init__("no_such_account", f"there is no account {name}")


@dataclass(frozen=True)
class Account:
    """Somebody who may log in, unless the account is disabled."""

    name: str
    role: Role
    disabled: bool
    created: datetime


@dataclass(frozen=True)
class Staff:
    """Who makes a call: the account as it is now, and the session that the call belongs to."""

    name: str
    role: Role
    session: int
    csrf: str


@dataclass(frozen=True)
class StaffSession:
    """One browser in which somebody is logged in."""

    id: int
    opened: datetime
    seen: datetime
    address: str | None
    browser: str | None


def parse_name(text: str) -> str:
    """Return a name as it is shown. Raises AccountError for what is none."""
    name = unicodedata.normalize("NFC", text)
    if not SHORTEST_NAME <= len(name) <= LONGEST_NAME or not _NAME.fullmatch(name):
        raise AccountError(
            "bad_name",
            f"a name has {SHORTEST_NAME} to {LONGEST_NAME} letters and digits, between them also blanks and . - _ ·",
        )
    return name


def key_of(name: str) -> str:
    """Return that by which two names are one: large or small, wide or narrow letters."""
    return unicodedata.normalize("NFKC", name).casefold()
