"""What the service counts of itself (指标), for Prometheus: never a text, an address or a session."""

from __future__ import annotations

import platform
import time

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
NO_ROUTE = "none"
"""Pages that are none of ours and files: a label must not be what a caller can invent."""


class Metrics:
    """The service's own counters, each app with its own."""

    def __init__(self, version: str) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.requests = Counter(
            "guide_requests", "Calls, by route and status", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "guide_request_seconds", "How long calls take", ["route"], buckets=_BUCKETS, registry=self.registry
        )
        self.sockets = Gauge("guide_open_sockets", "WebSockets that are open", registry=self.registry)
        self.refused = Counter("guide_refused", "Calls refused by a limit", ["limit"], registry=self.registry)
        self.build = Gauge("guide_build_info", "What runs here", ["version", "python"], registry=self.registry)
        self.build.labels(version, platform.python_version()).set(1)
        self.edition = Gauge("guide_edition_info", "The guide in force", ["edition"], registry=self.registry)

    def as_text(self, edition: str) -> bytes:
        """Return everything in Prometheus' form; *edition* is the guide in force at this moment."""
        self.edition.clear()
        self.edition.labels(edition).set(1)
        return generate_latest(self.registry)


class MeasuredCalls:
    """Counts every call and how long it took."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lead the call and count it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 500
        began = time.perf_counter()

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, sending)
        finally:
            # Routing writes into the scope which template the path fits.
            route = getattr(scope.get("route"), "path", NO_ROUTE)
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._metrics.requests.labels(method, route, str(status)).inc()
            self._metrics.seconds.labels(route).observe(time.perf_counter() - began)
