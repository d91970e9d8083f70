"""The pages' scripts and styles: served under a hash of them all, so that browsers keep them and never mix two."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent.parent / "static"
PREFIX = "/static"
_FOREVER = "public, max-age=31536000, immutable"


@cache
def tree_hash() -> str:
    """Return the hash of all static files with their names, as they are when it is first asked for."""
    digest = hashlib.sha256()
    for path in sorted(path for path in FOLDER.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(FOLDER).as_posix()}\n".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def static(path: str) -> str:
    """Return the address of a static file ("shared/base.css"). Raises FileNotFoundError where there is none."""
    if not (FOLDER / path).is_file():
        raise FileNotFoundError(f"api/static/{path}")
    return f"{PREFIX}/{tree_hash()}/{path}"


class HashedFiles(StaticFiles):
    """Static files behind a hash; under any other than today's the same file, to be asked for again next time."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file that stands behind the first part of *path*."""
        version, _, name = path.partition("/")
        if "\0" in name:
            # The file system would raise where Starlette expects to be told that there is no such file.
            raise HTTPException(404)
        response = await super().get_response(name, scope)
        response.headers["Cache-Control"] = _FOREVER if version == tree_hash() else "no-cache"
        return response
