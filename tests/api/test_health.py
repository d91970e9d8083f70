"""How the service tells how it is: alive, ready, and in figures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.api.office import new_app
from tests.api.test_http import assert_problem
from tests.bot.engines import new_url, opened

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

TOKEN = "0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module")
def app(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    yield new_app(engine, tmp_path_factory.mktemp("service"), {"METRICS_TOKEN": TOKEN})


def caller(app: FastAPI, address: str = "127.0.0.1") -> TestClient:
    return TestClient(app, raise_server_exceptions=False, client=(address, 50000))


def figures(app: FastAPI) -> dict[str, float]:
    """Return the service's figures by name and labels."""
    text = caller(app).get("/metrics").text
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_a_service_that_can_answer_is_ready(app: FastAPI, engine: Engine) -> None:
    response = caller(app).get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"status": "ready", "edition": engine.services.base.document.edition}


def test_without_its_database_it_is_alive_but_not_ready(tmp_path: Path) -> None:
    with opened(new_url(tmp_path)) as engine:
        app = new_app(engine, tmp_path)
        engine.database.engine.dispose()
        engine.database.engine = _unreachable(tmp_path)
        assert_problem(caller(app).get("/readyz"), 503)
        assert caller(app).get("/healthz").status_code == 200


def _unreachable(folder: Path):  # type: ignore[no-untyped-def]  # SQLAlchemy 1.4 ships no types
    import sqlalchemy as sa

    return sa.create_engine(f"sqlite:///{folder}/no/such/folder/service.db", future=True)


# ---------------------------------------------------------------- figures


def test_calls_are_counted_by_route_not_by_what_was_typed(app: FastAPI) -> None:
    name = 'guide_requests_total{method="GET",route="/api/v1/items/{item_id}",status="404"}'
    before = figures(app).get(name, 0)
    for item_id in ("one", "two"):
        caller(app).get(f"/api/v1/items/{item_id}")
    assert figures(app)[name] == before + 2
    assert not any("one" in figure for figure in figures(app))


def test_paths_and_methods_that_are_none_share_one_label(app: FastAPI) -> None:
    for path in ("/a", "/b", "/c"):
        caller(app).request("BREW", path)
    names = [name for name in figures(app) if name.startswith("guide_requests_total") and "other" in name]
    assert len(names) == 1
    assert 'route="none"' in names[0]


def test_how_long_calls_take_is_in_buckets(app: FastAPI) -> None:
    caller(app).get("/healthz")
    assert figures(app)['guide_request_seconds_count{route="/healthz"}'] >= 1


def test_the_figures_say_what_runs(app: FastAPI, engine: Engine) -> None:
    assert f'guide_edition_info{{edition="{engine.services.base.document.edition}"}}' in figures(app)
    assert any(name.startswith("guide_build_info") for name in figures(app))


def test_two_services_in_one_process_count_apart(app: FastAPI, engine: Engine, tmp_path: Path) -> None:
    caller(app).get("/healthz")
    other = figures(new_app(engine, tmp_path))
    assert not any('route="/healthz"' in name for name in other)


def test_figures_are_for_the_machine_itself(engine: Engine, tmp_path: Path) -> None:
    app = new_app(engine, tmp_path)
    assert caller(app, "::1").get("/metrics").status_code == 200
    assert_problem(caller(app, "203.0.113.5").get("/metrics"), 403)


def test_a_proxy_on_the_machine_does_not_open_them_to_the_world(engine: Engine, tmp_path: Path) -> None:
    forwarded = {"x-forwarded-for": "203.0.113.5"}
    app = new_app(engine, tmp_path)
    assert_problem(caller(app).get("/metrics", headers=forwarded), 403)
    named = new_app(engine, tmp_path, {"TRUSTED_PROXIES": "127.0.0.1"})
    assert_problem(caller(named).get("/metrics", headers=forwarded), 403)
    assert caller(named).get("/metrics").status_code == 200


@pytest.mark.parametrize("given", ["", "Bearer", f"Bearer {TOKEN}x", TOKEN, f"Basic {TOKEN}"])
def test_from_elsewhere_the_token_is_needed(app: FastAPI, given: str) -> None:
    assert_problem(caller(app, "203.0.113.5").get("/metrics", headers={"authorization": given}), 401)


def test_with_the_token_they_are_read_from_anywhere(app: FastAPI) -> None:
    response = caller(app, "203.0.113.5").get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert response.status_code == 200
