"""What calls about the office's people take and give, as JSON."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from api.access.account import LONGEST_NAME, Account, Staff, StaffSession
from api.access.audit import Act, AuditEntry
from api.access.role import Role

_LONGEST_INPUT = 1024


class LoginRequest(BaseModel):
    """Name and password."""

    name: str = Field(min_length=1, max_length=2 * LONGEST_NAME, example="黄小梅")
    password: str = Field(min_length=1, max_length=_LONGEST_INPUT, example="山歌一首接一首唱")


class PasswordChange(BaseModel):
    """The present password once more, and the new one."""

    password: str = Field(min_length=1, max_length=_LONGEST_INPUT, example="山歌一首接一首唱")
    new_password: str = Field(min_length=1, max_length=_LONGEST_INPUT, example="坭兴陶壶泡六堡茶")


class NewAccount(BaseModel):
    """An account to make."""

    name: str = Field(min_length=1, max_length=2 * LONGEST_NAME, example="黄小梅")
    role: Role = Role.CLERK
    password: str = Field(min_length=1, max_length=_LONGEST_INPUT, example="山歌一首接一首唱")


class AccountChange(BaseModel):
    """What to change of an account; what is left out stays."""

    role: Role | None = None
    disabled: bool | None = None
    password: str | None = Field(None, min_length=1, max_length=_LONGEST_INPUT, description="a new one")


class Me(BaseModel):
    """Who is logged in, and what their page sends as X-CSRF-Token with every change."""

    name: str = Field(example="黄小梅")
    role: Role
    csrf: str = Field(example="8f0c…")

    @classmethod
    def of(cls, staff: Staff) -> Me:
        """Return it for a session."""
        return cls(name=staff.name, role=staff.role, csrf=staff.csrf)


class SessionShown(BaseModel):
    """One browser in which somebody is logged in."""

    id: int
    opened: datetime
    seen: datetime = Field(description="the last call, to the minute")
    address: str | None = Field(example="10.1.2.3")
    browser: str | None
    current: bool = Field(description="the session of this call")

    @classmethod
    def of(cls, session: StaffSession, current: int) -> SessionShown:
        """Return it for a session."""
        return cls(
            id=session.id, opened=session.opened, seen=session.seen, address=session.address,
            browser=session.browser, current=session.id == current,
        )  # fmt: skip


class Sessions(BaseModel):
    """One's own sessions, the latest first."""

    sessions: list[SessionShown]


class Ended(BaseModel):
    """How many sessions were ended."""

    ended: int = Field(example=2)


class AccountShown(BaseModel):
    """An account, and how many sessions are open on it."""

    name: str = Field(example="黄小梅")
    role: Role
    disabled: bool
    created: datetime
    sessions: int = Field(example=1)

    @classmethod
    def of(cls, account: Account, open_sessions: int) -> AccountShown:
        """Return it for an account."""
        return cls(
            name=account.name, role=account.role, disabled=account.disabled, created=account.created,
            sessions=open_sessions,
        )  # fmt: skip


class Accounts(BaseModel):
    """All accounts by name."""

    accounts: list[AccountShown]


class AuditShown(BaseModel):
    """One act of the audit log."""

    id: int
    at: datetime
    who: str | None = Field(description="null where nobody was logged in, or by the command line")
    what: Act
    about: str | None
    address: str | None

    @classmethod
    def of(cls, entry: AuditEntry) -> AuditShown:
        """Return it for an entry."""
        return cls(
            id=entry.id, at=entry.at, who=entry.who, what=entry.what, about=entry.about, address=entry.address
        )  # fmt: skip


class Audit(BaseModel):
    """A page of the audit log, newest first; *next* is the *before* of the page that follows."""

    entries: list[AuditShown]
    next: int | None
