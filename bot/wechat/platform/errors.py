"""What the platform's errors (返回码) mean for us: by class, for each class is met in its own way."""

from __future__ import annotations

from enum import Enum


class Trouble(str, Enum):
    """Why a call failed."""

    TOKEN = "token"
    """The access token is not valid any more: another one, and again."""
    QUOTA = "quota"
    """As many texts were sent to this resident as may be."""
    WINDOW = "window"
    """The resident has not written for too long, or does not follow the account any more."""
    GONE = "gone"
    """The resident does not follow the account."""
    DAILY = "daily"
    """The account's calls of this day are used up."""
    BUSY = "busy"
    """The platform, or the way to it: later again."""
    REFUSED = "refused"
    """The account may not do this, or is not set up for it: somebody must look at its settings."""
    CONTENT = "content"
    """The text itself is not taken."""

    def __str__(self) -> str:
        return self.value


_BY_CODE = {
    -1: Trouble.BUSY,
    40001: Trouble.TOKEN,
    40014: Trouble.TOKEN,
    42001: Trouble.TOKEN,
    45047: Trouble.QUOTA,
    45015: Trouble.WINDOW,
    40003: Trouble.GONE,
    43004: Trouble.GONE,
    43019: Trouble.GONE,
    45009: Trouble.DAILY,
    45011: Trouble.BUSY,
    45002: Trouble.CONTENT,
    40033: Trouble.CONTENT,
    87014: Trouble.CONTENT,
}

ADVICE = {
    40013: "WECHAT_APP_ID is not known to the platform",
    40125: "WECHAT_APP_SECRET is wrong, or was reset",
    40164: "this machine's address is not on the account's list of allowed addresses (IP白名单)",
    40243: "the account's secret is frozen",
    48001: "the account has not got this interface: is it verified?",
    50002: "the account is restricted",
    50007: "the account is frozen",
}
"""What an operator does about some codes."""


class PlatformError(Exception):
    """A call to the platform failed; *code* is the platform's, None where it was not reached."""

    def __init__(self, trouble: Trouble, code: int | None, message: str) -> None:
        advice = ADVICE.get(code) if code is not None else None
        super().__init__(f"{message} ({advice})" if advice else message)
        self.trouble = trouble
        self.code = code


def error_of(code: int | None, message: str) -> PlatformError:
    """Return the error for the platform's *code*; what is not known is nothing that passes by itself."""
    if code is None:
        return PlatformError(Trouble.BUSY, None, message)
    return PlatformError(_BY_CODE.get(code, Trouble.REFUSED), code, f"{code} {message}")
