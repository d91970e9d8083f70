"""Passwords (密码): which are good enough, and how they are kept and checked."""

from __future__ import annotations

import unicodedata
from enum import Enum
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from api.access.account import AccountError, key_of

SHORTEST = 10
LONGEST = 128
FEWEST_CHARACTERS = 4
"""Different ones: "aaaaaaaaaa" is long as well."""
_COMMONEST = Path(__file__).parent / "commonest_passwords.txt"


class Weakness(str, Enum):
    """Why a password is refused."""

    TOO_SHORT = "password_too_short"
    TOO_LONG = "password_too_long"
    IS_NAME = "password_is_name"
    TOO_COMMON = "password_too_common"

    def __str__(self) -> str:
        return self.value


_SAID = {
    Weakness.TOO_SHORT: f"a password has {SHORTEST} characters or more",
    Weakness.TOO_LONG: f"a password has {LONGEST} characters or fewer",
    Weakness.IS_NAME: "the password is the name",
    Weakness.TOO_COMMON: "the password is one of those that are tried first",
}


class WeakPasswordError(AccountError):
    """A password that is not good enough."""

    def __init__(self, weakness: Weakness) -> None:
        super().__init__(weakness.value, _SAID[weakness])
        self.weakness = weakness


def check_password(password: str, name: str) -> None:
    """Admit a new password of *name*. Raises WeakPasswordError."""
    if weakness := _find_weakness(_normal(password), name):
        raise WeakPasswordError(weakness)


def _find_weakness(password: str, name: str) -> Weakness | None:
    if len(password) < SHORTEST:
        return Weakness.TOO_SHORT
    if len(password) > LONGEST:
        return Weakness.TOO_LONG
    if password.casefold() == key_of(name):
        return Weakness.IS_NAME
    if len(set(password)) < FEWEST_CHARACTERS or password.casefold() in _commonest():
        return Weakness.TOO_COMMON
    return None


@cache
def _commonest() -> frozenset[str]:
    lines = _COMMONEST.read_text(encoding="utf-8").splitlines()
    return frozenset(line.casefold() for line in lines if line and not line.startswith("#"))


class Passwords:
    """Hashes and checks passwords with argon2; each takes some hundredths of a second: not in the event loop."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobodys = self._hasher.hash("of nobody")

    def hash(self, password: str) -> str:
        """Return what is kept of a password."""
        return self._hasher.hash(_normal(password))

    def is_right(self, kept: str | None, password: str) -> bool:
        """Tell whether *password* is the one of which *kept* is kept; for None it takes as long to say no."""
        try:
            self._hasher.verify(self._nobodys if kept is None else kept, _normal(password))
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Tell whether *kept* was made in another way than hashes are made now."""
        return self._hasher.check_needs_rehash(kept)


def _normal(password: str) -> str:
    # Keyboards type one character in different ways; half a character has no bytes.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace").decode("utf-8")
