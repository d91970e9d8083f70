"""The office's people and what they are let do: logging in and out, accounts, each step in the audit log."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.access.account import Account, AccountError, Staff, StaffSession, parse_name
from api.access.audit import Act, AuditLog
from api.access.passwords import Passwords, check_password
from api.access.role import Role
from api.access.store import AccessStore, NameTakenError
from api.access.throttle import Throttle
from api.edge.addresses import Address, network_of
from bot.records.database import Database
from bot.settings import Settings

TOUCH_EVERY = timedelta(minutes=1)
"""How exact the time of the last call is kept: a write for each keystroke of a search would be too many."""
PRUNE_EVERY = timedelta(days=1)
LONGEST_BROWSER = 200
NOBODY_KNOWN = "unknown"


class WrongLoginError(AccountError):
    """Name and password do not go together; which of them is wrong is not said."""

    def __init__(self) -> None:
        super().__init__("wrong_login", "name or password is wrong")


class WrongPasswordError(AccountError):
    """The present password, asked for once more, is wrong."""

    def __init__(self) -> None:
        super().__init__("wrong_password", "the present password is wrong")


@dataclass(frozen=True)
class Caller:
    """From where somebody calls: for the log, the throttle and the list of their sessions."""

    address: Address | None = None
    browser: str | None = None

    @property
    def shown(self) -> str | None:
        """The address as it is kept."""
        return None if self.address is None else str(self.address)

    @property
    def counted(self) -> str:
        """What wrong passwords are counted by."""
        return NOBODY_KNOWN if self.address is None else network_of(self.address)


class StaffAccess:
    """Who of the office may do what.

    Methods of accounts block and raise AccountError where something cannot be done; those of calls are coroutines.
    *by* is the name of whoever does it, None for the command line.
    """

    def __init__(
        self, database: Database, settings: Settings, now: Callable[[], datetime], passwords: Passwords | None = None
    ) -> None:
        self.store = AccessStore(database)
        self.audit = AuditLog(database)
        self._passwords = passwords or Passwords()
        self._now = now
        self._throttle = Throttle(settings.limits, lambda: now().timestamp())
        # Passwords are tried one after another: so none slips by between counting and trying, nor do a hundred at
        # once, each of which takes 64 MiB, fill the memory.
        self._trying = asyncio.Lock()
        self._keep = timedelta(days=settings.keep_audit_days)
        self._pruned: datetime | None = None

    # ------------------------------------------------------------ calls

    async def log_in(self, name: str, password: str, caller: Caller) -> tuple[Staff, str]:
        """Open a session; return who it is and its token. Raises WrongLoginError and TooManyTriesError."""
        async with self._trying:
            if not await self._try_password(name, password, caller):
                raise WrongLoginError
            return await asyncio.to_thread(self._open, name, caller, Act.LOGGED_IN)

    async def change_password(self, staff: Staff, old: str, new: str, caller: Caller) -> tuple[Staff, str]:
        """Change one's own password: all sessions end, a new one is opened.

        Raises WrongPasswordError, TooManyTriesError and WeakPasswordError.
        """
        async with self._trying:
            if not await self._try_password(staff.name, old, caller):
                raise WrongPasswordError
            check_password(new, staff.name)
            kept = await asyncio.to_thread(self._passwords.hash, new)
            await asyncio.to_thread(self.store.change, staff.name, None, None, kept)
            return await asyncio.to_thread(self._open, staff.name, caller, Act.PASSWORD_CHANGED)

    async def find(self, token: str) -> Staff | None:
        """Return whose session it is, None where it is over; the call counts as a sign of life."""
        found = await asyncio.to_thread(self.store.find_open, token, self._now())
        if found is None:
            return None
        account, session = found
        await self._touch(session)
        return Staff(account.name, account.role, session.id, csrf_of(token))

    async def find_again(self, staff: Staff, is_active: bool) -> Staff | None:
        """Return *staff* as it is now, None where the session is over: an open socket asks this now and then.

        *is_active*: somebody did something since the last time, it counts as a sign of life.
        """
        found = await asyncio.to_thread(self.store.find_open_by_id, staff.session, self._now())
        if found is None:
            return None
        account, session = found
        if is_active:
            await self._touch(session)
        return Staff(account.name, account.role, session.id, staff.csrf)

    async def log_out(self, staff: Staff, caller: Caller) -> None:
        """End the session of a call."""
        await asyncio.to_thread(self.store.end, staff.name, staff.session)
        await self.record(staff, Act.LOGGED_OUT, caller=caller)

    async def record(self, staff: Staff, act: Act, about: str | None = None, caller: Caller | None = None) -> None:
        """Put into the log what somebody did."""
        shown = caller.shown if caller else None
        await asyncio.to_thread(self.audit.add, self._now(), staff.name, act, about, shown)

    async def _try_password(self, name: str, password: str, caller: Caller) -> bool:
        self._throttle.check(name, caller.counted)
        kept = await asyncio.to_thread(self.store.password_of, name)
        if not await asyncio.to_thread(self._passwords.is_right, kept, password):
            is_last = self._throttle.count_wrong(name, caller.counted)
            await asyncio.to_thread(self._record_failure, name, caller, is_last)
            return False
        self._throttle.forgive(name)
        if kept is not None and self._passwords.is_outdated(kept):
            newer = await asyncio.to_thread(self._passwords.hash, password)
            await asyncio.to_thread(self.store.renew_hash, name, newer)
        return True

    def _record_failure(self, name: str, caller: Caller, is_last: bool) -> None:
        # Of a name that nobody has, nothing is kept: people type their password there.
        account = self.store.find(name)
        about = account.name if account else None
        self.audit.add(self._now(), None, Act.LOGIN_FAILED, about, caller.shown)
        if is_last:
            self.audit.add(self._now(), None, Act.LOGIN_BLOCKED, about, caller.shown)

    def _open(self, name: str, caller: Caller, act: Act) -> tuple[Staff, str]:
        now = self._now()
        token = secrets.token_urlsafe(32)
        browser = caller.browser[:LONGEST_BROWSER] if caller.browser else None
        session = self.store.open(name, token, now, caller.shown, browser)
        account = self.store.find(name)
        if account is None:
            raise WrongLoginError
        self.audit.add(now, account.name, act, None, caller.shown)
        self._prune(now)
        return Staff(account.name, account.role, session, csrf_of(token)), token

    async def _touch(self, session: StaffSession) -> None:
        now = self._now()
        if now - session.seen >= TOUCH_EVERY:
            await asyncio.to_thread(self.store.touch, session.id, now)

    def _prune(self, now: datetime) -> None:
        if self._pruned is None or now - self._pruned >= PRUNE_EVERY:
            self._pruned = now
            self.audit.prune(now - self._keep)

    # ------------------------------------------------------------ accounts

    def accounts(self) -> list[tuple[Account, int]]:
        """Return every account and how many sessions are open on it."""
        counts = self.store.count_open(self._now())
        return [(account, counts.get(account.name, 0)) for account in self.store.all()]

    def check_new(self, name: str) -> None:
        """Admit the name of a new account, before anybody is asked for its password. Raises AccountError."""
        if self.store.find(parse_name(name)) is not None:
            raise NameTakenError(name)

    def add_account(
        self, name: str, role: Role, password: str, by: str | None = None, caller: Caller | None = None
    ) -> Account:
        """Make an account."""
        shown = parse_name(name)
        check_password(password, shown)
        account = self.store.add(shown, role, self._passwords.hash(password), self._now())
        self._note(by, Act.ACCOUNT_ADDED, f"{account.name} ({role})", caller)
        return account

    def change_account(
        self,
        name: str,
        role: Role | None = None,
        disabled: bool | None = None,
        password: str | None = None,
        by: str | None = None,
        caller: Caller | None = None,
    ) -> Account:
        """Change what is given of an account; a new password and disabling end its sessions."""
        if password is not None:
            check_password(password, name)
        kept = None if password is None else self._passwords.hash(password)
        account = self.store.change(name, role, disabled, kept)
        if role is not None:
            self._note(by, Act.ROLE_CHANGED, f"{account.name} ({role})", caller)
        if disabled is not None:
            self._note(by, Act.ACCOUNT_DISABLED if disabled else Act.ACCOUNT_ENABLED, account.name, caller)
        if password is not None:
            self._throttle.forgive(name)
            self._note(by, Act.PASSWORD_RESET, account.name, caller)
        return account

    def sessions_of(self, name: str) -> list[StaffSession]:
        """Return the open sessions of an account, the latest first."""
        return self.store.sessions_of(name, self._now())

    def end_session(self, staff: Staff, session: int, caller: Caller) -> bool:
        """End one of one's own sessions; False where there is none such."""
        has_ended = self.store.end(staff.name, session)
        if has_ended:
            self._note(staff.name, Act.SESSIONS_ENDED, staff.name, caller)
        return has_ended

    def end_sessions(self, name: str, by: str, caller: Caller, but: int | None = None) -> int:
        """End the sessions of an account, all or all but one; return how many. Raises NoSuchAccountError."""
        account = self.store.get(name)
        ended = self.store.end_all(account.name, but)
        self._note(by, Act.SESSIONS_ENDED, account.name, caller)
        return ended

    def _note(self, by: str | None, act: Act, about: str, caller: Caller | None) -> None:
        self.audit.add(self._now(), by, act, about, caller.shown if caller else None)


def csrf_of(token: str) -> str:
    """Return the value that a page must send with every change: it follows from the token, so nothing is kept."""
    return hmac.new(token.encode("utf-8", "replace"), b"csrf", "sha256").hexdigest()
