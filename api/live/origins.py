"""Which pages' scripts may open a live socket: our own, and those that the settings name.

CORS does not hold for WebSockets: a browser opens one from any page and says from which in Origin. Programs that are
no browsers send none; they have no resident's session to misuse.
"""

from __future__ import annotations

from starlette.requests import HTTPConnection

from api.edge.problems import Refusal
from bot.settings import Settings


class ForeignPage(Refusal):
    """A page of somebody else's."""

    def __init__(self) -> None:
        super().__init__(403, "foreign_origin", "pages of this origin may not connect: see ALLOWED_ORIGINS")


def check_origin(connection: HTTPConnection, settings: Settings) -> None:
    """Raise ForeignPage where the page that connects is none of those that may."""
    origin = connection.headers.get("origin", "").lower()
    if not origin or origin in settings.allowed_origins:
        return
    _, _, place = origin.partition("://")
    if place and place == connection.headers.get("host", "").lower():
        return
    if not any(_is_at(origin, place, host) for host in settings.widget_hosts):
        raise ForeignPage


def _is_at(origin: str, place: str, host: str) -> bool:
    """Tell whether an origin is of *host*: an origin itself, a host's name, or *.name for all hosts under a name."""
    if "://" in host:
        return origin == host
    name = place.rpartition(":")[0] if place.rpartition(":")[2].isdigit() else place
    return name.endswith(host[1:]) if host.startswith("*.") else name == host
