"""The office's people: logging in and out, their own sessions, accounts and the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import APIRouter, Path, Query, Request, Response

from api.access.account import AccountError
from api.access.at_hand import (
    COOKIE,
    LOGIN_NEEDED,
    AccessAtHand,
    AdminAtHand,
    CallerAtHand,
    StaffAtHand,
    TokenAtHand,
    refuse_other_pages,
)
from api.access.forms import (
    AccountChange,
    Accounts,
    AccountShown,
    Audit,
    AuditShown,
    Ended,
    LoginRequest,
    Me,
    NewAccount,
    PasswordChange,
    Sessions,
    SessionShown,
)
from api.access.staff import WrongLoginError, WrongPasswordError
from api.access.store import LONGEST_SESSION
from api.access.throttle import TooManyTriesError
from api.at_hand import SettingsAtHand
from api.edge.problems import Refusal, described

router = APIRouter(prefix="/api/v1/staff", tags=["staff"])

_STATUSES = {"name_taken": 409, "last_admin": 409, "no_such_account": 404}
_LARGEST_ID = 2**53
_OURS = "the account's name"


# ---------------------------------------------------------------- oneself


@router.post("/login", responses=described(401, 403, 422, 429))
async def login(
    given: LoginRequest,
    request: Request,
    response: Response,
    access: AccessAtHand,
    settings: SettingsAtHand,
    caller: CallerAtHand,
    token: TokenAtHand,
) -> Me:
    """Log in: the session comes as a cookie."""
    refuse_other_pages(request)
    with _refusing():
        staff, new = await access.log_in(given.name, given.password, caller)
    before = await access.find(token) if token else None
    if before is not None:
        await access.log_out(before, caller)
    _give_cookie(request, response, new, settings.secure_cookies)
    return Me.of(staff)


@router.post("/logout", status_code=204, responses=described(401, 403))
async def logout(staff: StaffAtHand, access: AccessAtHand, caller: CallerAtHand) -> Response:
    """End the session of this call."""
    await access.log_out(staff, caller)
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return response


@router.get("/me", responses=described(401))
async def me(staff: StaffAtHand) -> Me:
    """Tell who is logged in, and the X-CSRF-Token of the session."""
    return Me.of(staff)


@router.put("/password", responses=described(401, 403, 422, 429))
async def change_password(
    given: PasswordChange,
    request: Request,
    response: Response,
    staff: StaffAtHand,
    access: AccessAtHand,
    settings: SettingsAtHand,
    caller: CallerAtHand,
) -> Me:
    """Change one's own password: all sessions end, this browser gets a new one."""
    with _refusing():
        renewed, token = await access.change_password(staff, given.password, given.new_password, caller)
    _give_cookie(request, response, token, settings.secure_cookies)
    return Me.of(renewed)


@router.get("/sessions", responses=described(401))
def own_sessions(staff: StaffAtHand, access: AccessAtHand) -> Sessions:
    """Return one's own open sessions."""
    return Sessions(sessions=[SessionShown.of(session, staff.session) for session in access.sessions_of(staff.name)])


@router.delete("/sessions/{session}", status_code=204, responses=described(401, 403, 404, 422))
def end_session(
    staff: StaffAtHand, access: AccessAtHand, caller: CallerAtHand, session: int = Path(ge=1, le=_LARGEST_ID)
) -> Response:
    """End one of one's own sessions."""
    if not access.end_session(staff, session, caller):
        raise Refusal(404, "no_such_session", "there is no such session")
    return Response(status_code=204)


@router.post("/sessions/end-others", responses=described(401, 403))
def end_other_sessions(staff: StaffAtHand, access: AccessAtHand, caller: CallerAtHand) -> Ended:
    """End one's own sessions but for the one of this call."""
    return Ended(ended=access.end_sessions(staff.name, staff.name, caller, but=staff.session))


# ---------------------------------------------------------------- accounts


@router.get("/accounts", responses=described(401, 403))
def accounts(admin: AdminAtHand, access: AccessAtHand) -> Accounts:
    """Return all accounts."""
    del admin
    return Accounts(accounts=[AccountShown.of(account, count) for account, count in access.accounts()])


@router.post("/accounts", status_code=201, responses=described(401, 403, 409, 422))
def add_account(given: NewAccount, admin: AdminAtHand, access: AccessAtHand, caller: CallerAtHand) -> AccountShown:
    """Make an account."""
    with _refusing():
        account = access.add_account(given.name, given.role, given.password, admin.name, caller)
    return AccountShown.of(account, 0)


@router.patch("/accounts/{name}", responses=described(401, 403, 404, 409, 422))
def change_account(
    given: AccountChange,
    admin: AdminAtHand,
    access: AccessAtHand,
    caller: CallerAtHand,
    name: str = Path(description=_OURS),
) -> AccountShown:
    """Change role or password of an account, disable or enable it."""
    with _refusing():
        account = access.change_account(name, given.role, given.disabled, given.password, admin.name, caller)
    return AccountShown.of(account, len(access.sessions_of(name)))


@router.delete("/accounts/{name}/sessions", responses=described(401, 403, 404))
def end_sessions_of_account(
    admin: AdminAtHand, access: AccessAtHand, caller: CallerAtHand, name: str = Path(description=_OURS)
) -> Ended:
    """Log somebody out everywhere."""
    with _refusing():
        return Ended(ended=access.end_sessions(name, admin.name, caller))


@router.get("/audit", responses=described(401, 403, 422))
def audit(
    admin: AdminAtHand,
    access: AccessAtHand,
    before: int | None = Query(None, ge=1, le=_LARGEST_ID, description="entries before this one only"),
    limit: int = Query(100, ge=1, le=500),
) -> Audit:
    """Return what was done, newest first."""
    del admin
    entries = access.audit.read(before, limit)
    following = entries[-1].id if len(entries) == limit else None
    return Audit(entries=[AuditShown.of(entry) for entry in entries], next=following)


# ---------------------------------------------------------------- what they share


@contextmanager
def _refusing() -> Iterator[None]:
    """Answer what cannot be done with a problem that names the reason."""
    try:
        yield
    except WrongLoginError as error:
        raise Refusal(401, error.code, str(error), LOGIN_NEEDED) from error
    except WrongPasswordError as error:
        raise Refusal(403, error.code, str(error)) from error
    except TooManyTriesError as error:
        raise Refusal(429, error.code, str(error), {"Retry-After": str(error.wait)}) from error
    except AccountError as error:
        raise Refusal(_STATUSES.get(error.code, 422), error.code, str(error)) from error


def _give_cookie(request: Request, response: Response, token: str, always_secure: bool) -> None:
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(LONGEST_SESSION.total_seconds()),
        path="/",
        secure=always_secure or request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
