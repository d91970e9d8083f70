"""An office for tests: its people in a database of their own, a clock that a test turns, browsers to log in with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response

from api.access.audit import AuditEntry
from api.access.passwords import Passwords
from api.access.role import Role
from api.access.staff import StaffAccess
from bot.records.database import Database
from bot.settings import OFFICE_TIME, load_settings

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

PASSWORD = "坭兴陶壶泡六堡茶2024"
NEW_PASSWORD = "跳岭头要穿新衣裳2025"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Clock:
    """What time it is at the office."""

    now: datetime = datetime(2024, 3, 4, 9, 0, tzinfo=OFFICE_TIME)

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class Browser:
    """Somebody's browser, on a page of ours."""

    client: TestClient
    csrf: str = ""

    def log_in(self, name: str, password: str = PASSWORD) -> Response:
        response = self.client.post("/api/v1/staff/login", json={"name": name, "password": password})
        if response.status_code == 200:
            self.csrf = response.json()["csrf"]
        return response

    def get(self, path: str) -> Response:
        return self.client.get(f"/api/v1/staff/{path}")

    def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Response:
        headers = {"X-CSRF-Token": self.csrf}
        return self.client.request(method, f"/api/v1/staff/{path}", json=body, headers=headers)

    @property
    def is_in(self) -> bool:
        return self.get("me").status_code == 200


@dataclass
class Office:
    """The service with accounts of its own."""

    app: FastAPI
    access: StaffAccess
    clock: Clock
    url: str

    def add(self, name: str, role: Role = Role.CLERK) -> None:
        self.access.add_account(name, role, PASSWORD)

    def browser(self, address: str = "203.0.113.5", url: str = "http://testserver") -> Browser:
        client = TestClient(self.app, base_url=url, raise_server_exceptions=False, client=(address, 50000))
        return Browser(client)

    def logged_in(self, name: str) -> Browser:
        browser = self.browser()
        assert browser.log_in(name).status_code == 200
        return browser

    @property
    def log(self) -> list[AuditEntry]:
        return self.access.audit.read()


def new_app(engine: Engine, folder: Path, environment: Mapping[str, str] | None = None) -> FastAPI:
    """Return the service with settings of its own, its secret in *folder*."""
    from api.app import create_app

    return create_app(engine, load_settings({"SECRET_FILE": str(folder / "service.secret"), **(environment or {})}))


@contextmanager
def opened_office(app: FastAPI, folder: Path) -> Iterator[Office]:
    """Give the service an office with people, log and clock of its own, in *folder*."""
    url = f"sqlite:///{folder}/office.db"
    database = Database.open(url)
    clock = Clock()
    app.state.access = StaffAccess(database, app.state.settings, clock, Passwords(QUICK))
    try:
        yield Office(app, app.state.access, clock, url)
    finally:
        database.close()
