"""The whole API as its own description has it: no call breaks it, and every answer is one that stands there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.access.role import Role
from tests.api.office import PASSWORD, new_app, opened_office
from tests.bot.engines import new_url, opened

CHECKED = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
TRAINING = r"^POST /api/v1/office/trainings"
"""Calls that train for minutes, or put another model in the place of the suite's."""
ADMIN = "梁主任"
LIMITS = ("CALLS_A_MINUTE", "SESSIONS_AN_HOUR", "MESSAGES_A_MINUTE", "WRONG_PASSWORDS", "WRONG_PASSWORDS_AN_ADDRESS")
UNLIMITED = dict.fromkeys(LIMITS, "1000000")
LONGEST_WAIT = 25


@dataclass
class Admin:
    """Somebody who may do everything, logged in again whenever a call has ended the session."""

    client: TestClient
    headers: dict[str, str]

    def log_in(self) -> None:
        response = self.client.post("/api/v1/staff/login", json={"name": ADMIN, "password": PASSWORD})
        assert response.status_code == 200, response.text
        cookie = SimpleCookie(response.headers["set-cookie"])
        self.client.cookies.clear()
        self.headers = {"Cookie": f"staff={cookie['staff'].value}", "X-CSRF-Token": response.json()["csrf"]}

    def send(self, case: schemathesis.Case[Any]) -> Any:
        if not self.headers or self.client.get("/api/v1/staff/me", headers=self.headers).status_code != 200:
            self.log_in()
        wait = str((case.query or {}).get("wait", ""))
        if wait.isdecimal() and 0 < int(wait) <= LONGEST_WAIT:
            case.query["wait"] = 0  # nothing comes while only this test calls
        request = case.as_transport_kwargs(base_url="http://testserver")
        request["headers"] = {**request.get("headers", {}), **self.headers}
        if request.get("files"):
            request["files"] = [(name, sendable(part)) for name, part in request["files"]]
        response = self.client.request(**request)
        # The checks look at what was sent, and httpx does not keep what it streamed.
        response.request.read()
        return response


def sendable(part: Any) -> Any:
    """Return a part of a form as bytes go out: a number that was made up for it is written as its digits."""
    if isinstance(part, tuple):
        return (part[0], sendable(part[1]), *part[2:])
    return part if part is None or isinstance(part, str | bytes) else str(part)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    folder = tmp_path_factory.mktemp("contract")
    url = new_url(folder)
    with opened(url) as engine:
        yield new_app(engine, folder, {**UNLIMITED, "DATABASE_URL": url, "REVIEW_FOLDER": str(folder)})


@pytest.fixture(scope="module")
def admin(app: FastAPI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Admin]:
    with opened_office(app, tmp_path_factory.mktemp("office")) as office:
        office.add(ADMIN, Role.ADMIN)
        with TestClient(app, raise_server_exceptions=False) as client:
            yield Admin(client, {})


@pytest.fixture(scope="module")
def document(app: FastAPI) -> Any:
    described = schemathesis.openapi.from_dict(app.openapi())
    # Who calls is our part here: what happens without a cookie or token, other files say.
    described.config.generation.update(with_security_parameters=False)
    return described


contract = schemathesis.pytest.from_fixture("document")


@contract.exclude(name_regex=TRAINING).parametrize()
@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_answer_stands_in_the_description(case: schemathesis.Case[Any], admin: Admin) -> None:
    case.validate_response(admin.send(case), checks=CHECKED)


def test_the_description_says_what_may_be_null(app: FastAPI) -> None:
    members = app.openapi()["components"]["schemas"]["Turn"]["properties"]
    assert members["applicant"]["anyOf"] == [{"type": "string"}, {"type": "null"}]
    assert members["decision"].get("anyOf") is None
