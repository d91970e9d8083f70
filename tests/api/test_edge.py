"""What the edge itself costs a call."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, APIWebSocketRoute
from fastapi.testclient import TestClient


def dependencies_of(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    """Yield everything that FastAPI calls before a route."""
    for dependency in dependant.dependencies:
        if dependency.call is not None:
            yield dependency.call
        yield from dependencies_of(dependency)


def is_asynchronous(call: Callable[..., Any]) -> bool:
    return inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(getattr(call, "__call__", None))  # noqa: B004


def test_what_a_call_has_at_hand_costs_no_thread(client: TestClient) -> None:
    """FastAPI calls plain functions in threads; under load each waits its turn there and back."""
    app = client.app
    assert isinstance(app, FastAPI)
    routes = [route for route in app.routes if isinstance(route, APIRoute | APIWebSocketRoute)]
    calls = {call for route in routes for call in dependencies_of(route.dependant)}
    waiting = {f"{call.__module__}.{call}" for call in calls if not is_asynchronous(call)}
    assert calls
    assert waiting == set()
