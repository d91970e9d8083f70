"""How many wrong passwords are heard (登录限制), for a name and from an address, whether the name exists or not."""

from __future__ import annotations

from collections.abc import Callable

from limits import RateLimitItemPerMinute
from limits.strategies import MovingWindowRateLimiter

from api.access.account import AccountError, key_of
from api.edge.windows import MovingWindows
from bot.settings import Limits

MINUTES = 15


class TooManyTriesError(AccountError):
    """No password is tried for a while, not even the right one."""

    def __init__(self, wait: int) -> None:
        super().__init__("too_many_tries", f"too many wrong passwords: wait {wait} s")
        self.wait = wait


class Throttle:
    """The wrong passwords of the last quarter of an hour."""

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self._windows = MovingWindows(clock)
        self._limiter = MovingWindowRateLimiter(self._windows)
        self._of_name = RateLimitItemPerMinute(limits.wrong_passwords, MINUTES, "login-name")
        self._of_address = RateLimitItemPerMinute(limits.wrong_passwords_an_address, MINUTES, "login-address")

    def check(self, name: str, caller: str) -> None:
        """Admit one more try. Raises TooManyTriesError."""
        for item, key in ((self._of_name, key_of(name)), (self._of_address, caller)):
            if not self._limiter.test(item, key):
                raise TooManyTriesError(self._windows.wait_of(item.key_for(key)))

    def count_wrong(self, name: str, caller: str) -> bool:
        """Count a wrong password; True where it was the last one that is heard for now."""
        self._limiter.hit(self._of_name, key_of(name))
        self._limiter.hit(self._of_address, caller)
        return not (self._limiter.test(self._of_name, key_of(name)) and self._limiter.test(self._of_address, caller))

    def forgive(self, name: str) -> None:
        """Forget the wrong passwords of a name whose right one came."""
        self._limiter.clear(self._of_name, key_of(name))
