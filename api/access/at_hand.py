"""Who makes a call: the dependencies by which routes, WebSockets as well, let in whom they are for."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends
from fastapi.openapi.models import APIKey, APIKeyIn
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection

from api.access.account import Staff
from api.access.role import Role
from api.access.staff import Caller, StaffAccess
from api.edge.addresses import find_address
from api.edge.problems import Refusal

COOKIE = "staff"
CSRF_HEADER = "X-CSRF-Token"
LOGIN_NEEDED = {"WWW-Authenticate": 'Cookie realm="staff"'}
_SAFE = {"GET", "HEAD", "OPTIONS"}


class _StaffCookie(SecurityBase):
    """The cookie of a staff session, as OpenAPI knows it; FastAPI's own class knows no WebSockets."""

    def __init__(self) -> None:
        description = f"given by login; every call that changes something also sends {CSRF_HEADER}"
        # "in" is a keyword of Python.
        self.model = APIKey.parse_obj({"in": APIKeyIn.cookie, "name": COOKIE, "description": description})
        self.scheme_name = "staffSession"

    async def __call__(self, connection: HTTPConnection) -> str | None:
        """Return the token of the call's session."""
        return connection.cookies.get(COOKIE)


async def _access(connection: HTTPConnection) -> StaffAccess:
    access: StaffAccess = connection.app.state.access
    return access


async def _caller(connection: HTTPConnection) -> Caller:
    return Caller(find_address(connection.scope), connection.headers.get("user-agent"))


AccessAtHand = Annotated[StaffAccess, Depends(_access)]
CallerAtHand = Annotated[Caller, Depends(_caller)]
TokenAtHand = Annotated[str | None, Depends(_StaffCookie())]


async def _staff_if_any(connection: HTTPConnection, access: AccessAtHand, token: TokenAtHand) -> Staff | None:
    staff = await access.find(token) if token else None
    if staff is not None:
        _check_origin(connection)
        _check_csrf(connection, staff)
    return staff


StaffIfAny = Annotated[Staff | None, Depends(_staff_if_any)]


def require(role: Role) -> Callable[[Staff | None], Awaitable[Staff]]:
    """Return the dependency that lets in those whose role includes *role*: 401 for nobody, 403 for others."""

    async def staff_of_role(staff: StaffIfAny) -> Staff:
        if staff is None:
            raise Refusal(401, "login_needed", "log in first", LOGIN_NEEDED)
        if not staff.role.includes(role):
            raise Refusal(403, "role_needed", f"this is for those who are {role}")
        return staff

    return staff_of_role


StaffAtHand = Annotated[Staff, Depends(require(Role.CLERK))]
AgentAtHand = Annotated[Staff, Depends(require(Role.AGENT))]
EditorAtHand = Annotated[Staff, Depends(require(Role.EDITOR))]
AdminAtHand = Annotated[Staff, Depends(require(Role.ADMIN))]


def refuse_other_pages(connection: HTTPConnection) -> None:
    """Refuse a call that another site's page makes with our cookie, or to give itself one. Raises Refusal."""
    if not _is_from_our_pages(connection):
        raise Refusal(403, "foreign_page", "this call does not come from a page of this service")


def _check_origin(connection: HTTPConnection) -> None:
    if connection.scope["type"] == "websocket" or connection.scope["method"] not in _SAFE:
        refuse_other_pages(connection)


def _check_csrf(connection: HTTPConnection, staff: Staff) -> None:
    if connection.scope["type"] == "websocket" or connection.scope["method"] in _SAFE:
        return
    given = connection.headers.get(CSRF_HEADER, "").encode("utf-8", "replace")
    if not hmac.compare_digest(given, staff.csrf.encode()):
        raise Refusal(403, "csrf", f"{CSRF_HEADER} is missing or wrong")


def _is_from_our_pages(connection: HTTPConnection) -> bool:
    """Tell it by what browsers say of themselves and no page can change; other programs say nothing."""
    site = connection.headers.get("sec-fetch-site")
    # Of a WebSocket, browsers do not agree what its site is.
    if site is not None and connection.scope["type"] != "websocket":
        return site in {"same-origin", "none"}
    origin = connection.headers.get("origin")
    # The scheme is left out: whoever ends TLS before us may not say so.
    return origin is None or urlsplit(origin).netloc.lower() == connection.headers.get("host", "").lower()
