"""Editions of the guide over HTTP: an admin uploads one, looks at it and switches while residents talk."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from api.access.audit import Act
from api.access.role import Role
from api.access.staff import StaffAccess
from bot.settings import load_settings
from knowledge.building import GUIDE
from knowledge.publishing import MAX_UPLOAD
from knowledge.store import KnowledgeStore
from tests.bot.engines import new_url, newcomer, opened, texts_of

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

EDITIONS = "/api/v1/office/editions"
PASSWORD = "坭兴陶壶泡六堡茶了没有"
PAPER = 3099
"""The line of the first paper of card_replace."""
PHONE = 3110
"""The line of its telephone number."""
QUESTION = "社保卡丢了怎么补，要什么材料"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return new_url(tmp_path_factory.mktemp("editions"))


@pytest.fixture(scope="module")
def own_engine(url: str) -> Iterator[Engine]:
    """An engine on a database of these tests."""
    with opened(url) as engine:
        yield engine


@pytest.fixture(scope="module")
def service(own_engine: Engine, url: str) -> Iterator[Callable[[], TestClient]]:
    """Open browsers, each with cookies of its own, at the service."""
    from api.app import create_app

    settings = dataclasses.replace(load_settings({}), database_url=url, service_secret="s" * 40)
    app = create_app(own_engine, settings)
    with ExitStack() as open_ones:
        yield lambda: open_ones.enter_context(TestClient(app, raise_server_exceptions=False))


@pytest.fixture(scope="module")
def access(own_engine: Engine, url: str) -> StaffAccess:
    from bot.door import office_now

    return StaffAccess(own_engine.database, dataclasses.replace(load_settings({}), database_url=url), office_now)


@pytest.fixture(scope="module")
def log_in(service: Callable[[], TestClient], access: StaffAccess) -> Callable[[Role], TestClient]:
    """Return the browser of somebody of a role, who is logged in and sends what pages send."""

    def open_browser(role: Role) -> TestClient:
        name = f"{role}-莫小雨"
        if access.store.find(name) is None:
            access.add_account(name, role, PASSWORD)
        browser = service()
        answer = browser.post("/api/v1/staff/login", json={"name": name, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        browser.headers["X-CSRF-Token"] = answer.json()["csrf"]
        return browser

    return open_browser


@pytest.fixture(scope="module")
def browser(log_in: Callable[[Role], TestClient]) -> TestClient:
    """The browser of an admin."""
    return log_in(Role.ADMIN)


@pytest.fixture
def admin(browser: TestClient, url: str) -> Iterator[TestClient]:
    """The admin's browser; afterwards the first edition is in force again and there is no draft."""
    yield browser
    store = KnowledgeStore(url)
    store.switch(1, "")
    for edition in store.shelf():
        if edition.state == "draft":
            store.discard(edition.id, "")


def guide(changes: dict[int, tuple[str, str]]) -> bytes:
    """Return the real guide with other words on some lines."""
    lines = GUIDE.read_text(encoding="utf-8").split("\n")
    for number, (old, new) in changes.items():
        assert old in lines[number - 1]
        lines[number - 1] = lines[number - 1].replace(old, new)
    return "\n".join(lines).encode()


NEW_WORDS = "复印件9份"
NEW_PAPER = {PAPER: ("证件原件（", f"证件原件及{NEW_WORDS}（")}


def upload(admin: TestClient, data: bytes, name: str = "新版.txt") -> Response:
    return admin.post(EDITIONS, params={"name": name}, content=data, headers={"content-type": "text/plain"})


def uploaded(admin: TestClient, data: bytes, name: str = "新版.txt") -> dict[str, Any]:
    """Upload a guide that can be read; return what is said of it."""
    response = upload(admin, data, name)
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()
    return found


def listed(admin: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = admin.get(EDITIONS).json()
    return found


def in_force(admin: TestClient) -> int:
    (id_,) = (edition["id"] for edition in listed(admin)["editions"] if edition["state"] == "current")
    return int(id_)


def assert_problem(response: Response, status: int, code: str) -> dict[str, Any]:
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    found: dict[str, Any] = response.json()
    assert found["code"] == code
    return found


# ---------------------------------------------------------------- who may

CALLS = [
    ("GET", ""), ("POST", ""), ("GET", "/1/comparison"), ("GET", "/1/lint"), ("GET", "/1/text"), ("POST", "/1/switch"),
    ("POST", "/roll-back"), ("DELETE", "/1"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_nobody_may_who_is_not_logged_in(service: Callable[[], TestClient], method: str, path: str) -> None:
    assert_problem(service().request(method, EDITIONS + path), 401, "login_needed")


@pytest.mark.parametrize("role", [Role.CLERK, Role.AGENT, Role.EDITOR])
def test_only_an_admin_may(log_in: Callable[[Role], TestClient], role: Role) -> None:
    browser = log_in(role)
    for method, path in CALLS:
        assert_problem(browser.request(method, EDITIONS + path), 403, "role_needed")


@pytest.mark.parametrize(("method", "path"), [call for call in CALLS if call[0] != "GET"])
def test_another_sites_page_cannot_do_it_for_an_admin(admin: TestClient, method: str, path: str) -> None:
    before = in_force(admin)
    assert_problem(admin.request(method, EDITIONS + path, headers={"X-CSRF-Token": "guessed"}), 403, "csrf")
    assert in_force(admin) == before


# ---------------------------------------------------------------- uploads


def test_a_guide_that_is_uploaded_is_a_draft_with_its_doubts_and_differences(
    admin: TestClient, own_engine: Engine
) -> None:
    before = own_engine.services.base
    found = uploaded(admin, guide(NEW_PAPER))
    edition = found["edition"]
    assert (edition["state"], edition["origin"], edition["name"]) == ("draft", "uploaded", "新版.txt")
    assert edition["built_by"] == "admin-莫小雨"
    assert (2239, "电话可疑") in {(doubt["line"], doubt["what"]) for doubt in found["doubts"]}
    assert found["comparison"]["counts"]["materials"] == {"added": 0, "gone": 0, "changed": 1}
    assert own_engine.services.base is before
    assert in_force(admin) == 1


def test_a_file_comes_from_a_form_as_well(admin: TestClient) -> None:
    file = ("办事指南（修订）.txt", guide({PHONE: ("2825653", "2825654")}).decode().encode("gb18030"), "text/plain")
    response = admin.post(EDITIONS, files={"file": file})
    assert response.status_code == 201, response.text
    assert response.json()["edition"]["name"] == "办事指南（修订）.txt"
    (item,) = response.json()["comparison"]["changed"]
    (facet,) = item["facets"]
    assert (item["id"], facet["facet"]) == ("card_replace", "phone")
    assert [part["text"] for part in facet["changed"][0]["words"]] == ["0777-2825653", "0777-2825654"]


def test_a_broken_guide_is_refused_with_every_line_and_nothing_is_kept(admin: TestClient) -> None:
    before = listed(admin)
    lines = GUIDE.read_text(encoding="utf-8").split("\n")
    broken = [*lines[:PHONE], "没有这样的收费标准：", *lines[PHONE:]]
    broken[3080] = lines[3080].replace("责任单位", "责任人单位")
    response = upload(admin, "\n".join(broken[30:]).encode())
    found = assert_problem(response, 422, "guide_refused")
    assert len(found["errors"]) >= 2
    assert all(isinstance(error["line"], int) and error["what"] for error in found["errors"])
    assert [error["line"] for error in found["errors"]] == sorted(error["line"] for error in found["errors"])
    assert listed(admin) == before


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        ({"content": b"x" * (MAX_UPLOAD + 1), "headers": {"content-type": "text/plain"}}, 413, "body_too_large"),
        ({"files": {"file": ("x.txt", b"x" * (MAX_UPLOAD + 1))}}, 413, "body_too_large"),
        ({"files": {"other": ("x.txt", b"x")}}, 400, "no_file"),
        ({"json": {"text": "x"}}, 415, "not_a_text"),
        ({"content": b"", "headers": {"content-type": "text/plain"}}, 422, "guide_refused"),
        ({"content": b"\xff\xff", "headers": {"content-type": "text/plain"}}, 422, "guide_refused"),
    ],
    ids=["too large", "too large in a form", "no file", "no text", "empty", "binary"],
)
def test_what_is_no_guide_is_refused(admin: TestClient, arguments: dict[str, Any], status: int, code: str) -> None:
    assert_problem(admin.post(EDITIONS, **arguments), status, code)


def test_a_guides_words_come_back_as_text_never_as_a_page(admin: TestClient) -> None:
    data = guide({PAPER: ("证件原件（", "证件<script>alert(1)</script>原件（")}).decode().encode("gb18030")
    response = admin.get(f"{EDITIONS}/{uploaded(admin, data, '指南.html')['edition']['id']}/text")
    assert response.content == data
    assert response.headers["content-type"] == "text/plain; charset=gb18030"
    assert response.headers["content-disposition"].startswith("attachment; ")
    assert response.headers["x-content-type-options"] == "nosniff"


# ---------------------------------------------------------------- looking at one


def test_an_edition_is_compared_with_another_of_ones_choice(admin: TestClient) -> None:
    one, other = (
        uploaded(admin, guide({PHONE: ("2825653", number)}), f"{number}.txt")["edition"]["id"]
        for number in ("2825651", "2825652")
    )
    found = admin.get(f"{EDITIONS}/{other}/comparison", params={"with": one}).json()
    assert (found["old"]["name"], found["new"]["name"]) == ("2825651.txt", "2825652.txt")


def test_the_doubts_of_one_edition_are_listed(admin: TestClient) -> None:
    id_ = uploaded(admin, guide({PAPER: ("（居民", "居民")}))["edition"]["id"]
    doubts = admin.get(f"{EDITIONS}/{id_}/lint").json()["doubts"]
    assert (PAPER, "括号不配对") in {(doubt["line"], doubt["what"]) for doubt in doubts}


@pytest.mark.parametrize(
    ("method", "path"), [(method, path.replace("1", "999")) for method, path in CALLS if "1" in path]
)
def test_an_edition_that_is_not_there_is_not_found(admin: TestClient, method: str, path: str) -> None:
    assert_problem(admin.request(method, EDITIONS + path), 404, "no_such_edition")


# ---------------------------------------------------------------- in force and back


def test_a_switch_and_a_roll_back_reach_who_is_in_the_middle_of_a_conversation(
    admin: TestClient, own_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.runtime.engine.EDITION_CHECK", 0.0)
    resident = newcomer(own_engine)
    assert NEW_WORDS not in texts_of(resident.say(QUESTION))
    id_ = uploaded(admin, guide(NEW_PAPER))["edition"]["id"]
    assert NEW_WORDS not in texts_of(resident.say("要什么材料"))
    switched = admin.post(f"{EDITIONS}/{id_}/switch").json()
    assert (switched["id"], switched["state"], switched["in_force_by"]) == (id_, "current", "admin-莫小雨")
    assert NEW_WORDS in texts_of(resident.say("要什么材料"))
    assert listed(admin)["back"] == 1
    assert admin.post(f"{EDITIONS}/roll-back").json()["id"] == 1
    assert NEW_WORDS not in texts_of(resident.say("要什么材料"))


def test_a_second_click_on_roll_back_does_nothing(admin: TestClient) -> None:
    id_ = uploaded(admin, guide(NEW_PAPER))["edition"]["id"]
    admin.post(f"{EDITIONS}/{id_}/switch")
    assert admin.post(f"{EDITIONS}/roll-back", params={"leaving": id_}).status_code == 200
    assert_problem(admin.post(f"{EDITIONS}/roll-back", params={"leaving": id_}), 409, "moved_on")
    assert in_force(admin) == 1


def test_a_draft_is_deleted_and_an_edition_in_force_is_not(admin: TestClient) -> None:
    id_ = uploaded(admin, guide(NEW_PAPER))["edition"]["id"]
    assert admin.delete(f"{EDITIONS}/{id_}").status_code == 204
    assert id_ not in {edition["id"] for edition in listed(admin)["editions"]}
    assert_problem(admin.delete(f"{EDITIONS}/1"), 409, "not_a_draft")


def test_who_did_what_stands_in_the_history_and_in_the_audit_log(admin: TestClient, access: StaffAccess) -> None:
    id_ = uploaded(admin, guide(NEW_PAPER))["edition"]["id"]
    admin.post(f"{EDITIONS}/{id_}/switch")
    admin.post(f"{EDITIONS}/roll-back")
    done = [(change["deed"], change["by"], change["edition"]) for change in listed(admin)["history"][:3]]
    by = "admin-莫小雨"
    assert done == [("rolled_back", by, 1), ("switched", by, id_), ("uploaded", by, id_)]
    logged = [(entry.what, entry.who, entry.about) for entry in access.audit.read(limit=3)]
    assert logged == [
        (Act.GUIDE_ROLLED_BACK, by, f"1 {GUIDE.name}"),
        (Act.GUIDE_SWITCHED, by, f"{id_} 新版.txt"),
        (Act.GUIDE_UPLOADED, by, f"{id_} 新版.txt"),
    ]


def test_the_calls_are_described(admin: TestClient) -> None:
    paths = admin.get("/openapi.json").json()["paths"]
    described = {(method.upper(), path) for path in paths for method in paths[path] if path.startswith(EDITIONS)}
    assert described == {(method, EDITIONS + path.replace("1", "{id}")) for method, path in CALLS}


def test_files_outside_are_never_touched_by_a_files_name(admin: TestClient, tmp_path: Path) -> None:
    name = f"../../..{tmp_path}/evil.txt"
    assert uploaded(admin, guide(NEW_PAPER), name)["edition"]["name"] == "evil.txt"
    assert not list(tmp_path.iterdir())
