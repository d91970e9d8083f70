"""What pages need of the service around them: static files, errors as pages, answers packed for slow links."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from api.pages.errors import ErrorPages
from api.pages.in_force import InForceSince
from api.pages.static import FOLDER, PREFIX, HashedFiles
from knowledge.store import KnowledgeStore

SMALLEST_PACKED = 1000
"""Bytes below which packing costs more than it saves."""


def install_pages(app: FastAPI) -> None:
    """Add static files and error pages to *app*, which has its settings by now.

    Limits and the catch-all are to be added before, what adds headers after.
    """
    app.state.in_force_since = InForceSince(KnowledgeStore(app.state.settings.database_url))
    app.mount(PREFIX, HashedFiles(directory=FOLDER), name="static")
    app.add_middleware(ErrorPages)
    app.add_middleware(GZipMiddleware, minimum_size=SMALLEST_PACKED, compresslevel=6)
