"""What protects every answer: security headers, CORS by allow-list, host names, and the order of all that guards."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.edge.addresses import CallerAddresses
from api.edge.bodies import LimitedBodies
from api.edge.limits import CallLimits, LimitedCalls, LimitedSockets
from api.edge.metrics import MeasuredCalls, Metrics
from api.edge.problems import Failures, problem
from bot.settings import Settings

_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors "
)
EMBEDDED = "/embed"
_FOR_OTHER_SITES = (EMBEDDED, "/widget.js", "/demo")
_NEVER_STORED = tuple(f"/api/v1/{part}" for part in ("staff", "console", "office", "sessions", "chat"))
_FOR_OTHER_SCRIPTS = tuple(f"/api/v1/{part}" for part in ("chat", "sessions", "suggest", "items", "search"))
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_HTTPS_ONLY = "max-age=31536000"
# Monitors and load balancers call by address.
_BY_ANY_NAME = ("/healthz", "/readyz", "/metrics")


def limit(app: FastAPI, settings: Settings) -> None:
    """Put the catch-all and the limits around *app*, and what routes need of them into its state.

    Pages of their own for errors are to be added after this, and protect() after those: the last one added is the
    first one that a call meets.
    """
    metrics = Metrics(app.version)
    limits = CallLimits(settings.limits, metrics)
    app.state.metrics = metrics
    app.state.call_limits = limits
    app.add_middleware(Failures)
    app.add_middleware(LimitedBodies, limits=settings.limits, metrics=metrics)
    app.add_middleware(LimitedSockets, limits=settings.limits, metrics=metrics)
    app.add_middleware(LimitedCalls, limits=limits)


def protect(app: FastAPI, settings: Settings) -> None:
    """Put around *app* what every call and every answer goes through first and last."""
    if settings.allowed_origins:
        app.add_middleware(OtherOrigins, origins=settings.allowed_origins)
    if settings.allowed_hosts:
        app.add_middleware(AllowedHosts, hosts=settings.allowed_hosts)
    app.add_middleware(SecurityHeaders, widget_hosts=settings.widget_hosts)
    app.add_middleware(CallerAddresses, trusted=settings.trusted_proxies)
    app.add_middleware(MeasuredCalls, metrics=app.state.metrics)


def is_under(path: str, places: tuple[str, ...]) -> bool:
    """Tell whether *path* is one of *places* or lies below one."""
    return any(path == place or path.startswith(f"{place}/") for place in places)


class SecurityHeaders:
    """Tells browsers what they must not do with our answers, errors included."""

    def __init__(self, app: ASGIApp, widget_hosts: tuple[str, ...]) -> None:
        self.app = app
        self._hosts = " ".join(("'self'", *widget_hosts))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lead the call; its answer gets the headers."""

        async def sending(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                self._dress(MutableHeaders(scope=message), scope)
            await send(message)

        await self.app(scope, receive, sending)

    def _dress(self, headers: MutableHeaders, scope: Scope) -> None:
        path = scope["path"]
        is_embedded = is_under(path, (EMBEDDED,))
        for name, value in _ALWAYS.items():
            headers.setdefault(name, value)
        headers.setdefault("Content-Security-Policy", _POLICY + (self._hosts if is_embedded else "'none'"))
        if not is_embedded:
            headers.setdefault("X-Frame-Options", "DENY")
        is_for_others = is_under(path, _FOR_OTHER_SITES)
        headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin" if is_for_others else "same-origin")
        if scope["scheme"] in {"https", "wss"}:
            headers.setdefault("Strict-Transport-Security", _HTTPS_ONLY)
        if is_under(path, _NEVER_STORED):
            headers["Cache-Control"] = "no-store"


class OtherOrigins:
    """CORS for pages elsewhere that may chat and look up; the office's own calls stay with our pages."""

    def __init__(self, app: ASGIApp, origins: tuple[str, ...]) -> None:
        self.app = app
        self._open = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=("GET", "POST", "DELETE"),
            allow_headers=("Authorization", "Content-Type"),
            expose_headers=("Retry-After",),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lead the call, by way of CORS where other pages may call."""
        is_open = scope["type"] == "http" and is_under(scope["path"], _FOR_OTHER_SCRIPTS)
        await (self._open if is_open else self.app)(scope, receive, send)


@dataclass(frozen=True)
class _Names:
    """Names of hosts; "*.example.org" is every name below example.org."""

    names: tuple[str, ...]

    def has(self, host: str) -> bool:
        return any(host == name or (name.startswith("*.") and host.endswith(name[1:])) for name in self.names)


class AllowedHosts:
    """Refuses calls by a name that is not ours: what trusts a name must not be lent to another."""

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...]) -> None:
        self.app = app
        self._names = _Names(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lead the call, or refuse it."""
        if scope["type"] == "lifespan" or scope["path"] in _BY_ANY_NAME or self._names.has(host_of(scope)):
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await problem(421, detail="this service has another name", code="wrong_host")(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})


def host_of(scope: Scope) -> str:
    """Return the name by which the service was called, without its port."""
    host = Headers(scope=scope).get("host", "").lower()
    return host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
