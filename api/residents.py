"""Whose session a resident's call is about: ids that nobody guesses, tokens that go with them, no way to any other.

Nothing of this is stored: a token is made of its id and the service's secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets as randomness
from typing import Annotated, Any

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection

from api.edge.problems import Refusal

OURS = "web-"
"""How the ids begin that the service gives out; none of them is any good without its token."""

PROGRAMS = "api:"
"""Before the ids that programs make up, in the engine: no id reaches a session of Telegram, WeChat or the terminal."""

SESSION_ID = r"^[A-Za-z0-9_.:-]+$"
LONGEST_ID = 64

OPTIONAL_TOKEN: dict[str, Any] = {"security": [{}]}
"""For OpenAPI, beside what TokenAtHand says: ids that programs make up need no token."""


class NotTheirs(Refusal):
    """A session's id without the token that goes with it."""

    def __init__(self) -> None:
        detail = "this session's token is missing or wrong"
        super().__init__(401, "wrong_session_token", detail, {"WWW-Authenticate": "Bearer"})


class WrongId(Refusal):
    """Something that is no session's id."""

    def __init__(self) -> None:
        super().__init__(422, "wrong_session_id", "a session's id has 1 to 64 letters, digits and _ . : -")


def new_id() -> str:
    """Return an id of 128 random bits."""
    return OURS + base64.b32encode(randomness.token_bytes(16)).decode("ascii").rstrip("=").lower()


def token_of(session_id: str, secret: bytes) -> str:
    """Return the token that goes with *session_id*."""
    digest = hmac.new(secret, session_id.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def session_of(session_id: str, token: str | None, secret: bytes) -> str:
    """Return what the engine calls the session. Raises WrongId, NotTheirs where a token is needed and not there."""
    # In a pattern $ also admits a line break at the end.
    if len(session_id) > LONGEST_ID or not re.fullmatch(SESSION_ID.strip("^$"), session_id):
        raise WrongId
    if not session_id.startswith(OURS):
        return PROGRAMS + session_id
    given = (token or "").encode("utf-8", "surrogatepass")
    if not hmac.compare_digest(given, token_of(session_id, secret).encode("ascii")):
        raise NotTheirs
    return session_id


def shown_id(session: str) -> str:
    """Return the id by which the caller knows the engine's *session*."""
    return session.removeprefix(PROGRAMS)


def channel_of(session: str) -> str:
    """Return where the resident of the engine's *session* writes: on our pages, or by a program's."""
    return "api" if session.startswith(PROGRAMS) else "web"


_bearer = HTTPBearer(
    scheme_name="sessionToken",
    description="The token that came with the session's id; ids that do not begin with web- need none.",
    auto_error=False,
)


async def _token(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> str | None:
    return credentials.credentials if credentials else None


async def _secret(connection: HTTPConnection) -> bytes:
    secret: bytes = connection.app.state.secret
    return secret


TokenAtHand = Annotated[str | None, Depends(_token)]
SecretAtHand = Annotated[bytes, Depends(_secret)]
