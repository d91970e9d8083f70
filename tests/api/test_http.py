"""The HTTP edge as its callers see it: the contract's calls, and every error as a problem document."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from knowledge.export import export_base, export_item

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

_sessions = itertools.count(1)


@pytest.fixture
def session() -> str:
    return f"http-{next(_sessions)}"


def chat(client: TestClient, session: str, text: str) -> dict[str, Any]:
    response = client.post("/api/v1/chat", json={"session_id": session, "text": text})
    assert response.status_code == 200, response.text
    data: dict[str, Any] = response.json()
    return data


def is_stored(engine: Engine, session: str) -> bool:
    return bool(engine.transcripts.read(session) or engine.transcripts.read(f"api:{session}"))


def assert_problem(response: Response, status: int) -> dict[str, Any]:
    """Check that a response is an RFC 9457 problem document, and return it."""
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    data: dict[str, Any] = response.json()
    assert data["status"] == status
    assert data["title"]
    return data


# ---------------------------------------------------------------- alive, and what it says of itself


def test_the_process_is_alive(client: TestClient) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_the_service_describes_itself(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.")
    assert {"/healthz", "/api/v1/chat", "/api/v1/understand", "/api/v1/items", "/api/v1/items/{item_id}"} <= set(
        document["paths"]
    )


# ---------------------------------------------------------------- items


def test_the_items_are_the_whole_base(client: TestClient, engine: Engine) -> None:
    data = client.get("/api/v1/items").json()
    assert data == export_base(engine.services.base)
    assert len(data["items"]) == 105


def test_one_item_comes_with_its_facts(client: TestClient, engine: Engine) -> None:
    data = client.get("/api/v1/items/card_replace").json()
    assert data == export_item(engine.services.base.by_id["card_replace"])
    assert data["facts"][0]["lines"]


@pytest.mark.parametrize("item_id", ["nothing", "CARD_REPLACE", "%20", "..%2f..%2fetc"])
def test_an_unknown_item_is_a_problem(client: TestClient, item_id: str) -> None:
    assert_problem(client.get(f"/api/v1/items/{item_id}"), 404)


# ---------------------------------------------------------------- chat

QUESTIONS = [
    ("我退休要带什么材料", "retirement_normal", "materials"),
    ("工伤认定要多久", "injury_determination", "time_limit"),
    ("失业金在哪里领", "unemployment_benefit_claim", "location"),
    ("公司注销社保要交什么材料", "deregister_employer", "materials"),
    ("社保卡丢了怎么补", "card_replace", "conditions"),
]


@pytest.mark.parametrize(("text", "item_id", "facet"), QUESTIONS)
def test_the_five_commonest_questions_are_answered(
    client: TestClient, session: str, text: str, item_id: str, facet: str
) -> None:
    turn = chat(client, session, text)
    assert (turn["decision"], turn["items"][0]["id"]) == ("answer", item_id)
    first = turn["messages"][0]
    assert (first["type"], first["item"]["id"], first["facet"]) == ("answer", item_id, facet)
    assert first["facts"]
    assert "出处" in first["text"]


def test_a_turn_has_the_contracts_members(client: TestClient, session: str) -> None:
    turn = chat(client, session, "工伤认定要多久")
    assert list(turn) == ["session_id", "decision", "items", "facets", "applicant", "messages", "seq"]
    assert turn["session_id"] == session


def test_a_follow_up_stays_with_its_item(client: TestClient, session: str) -> None:
    chat(client, session, "我退休要带什么材料")
    turn = chat(client, session, "那要多久")
    assert (turn["items"][0]["id"], turn["facets"]) == ("retirement_normal", ["time_limit"])


def test_another_session_knows_nothing_of_it(client: TestClient, session: str) -> None:
    chat(client, session, "我退休要带什么材料")
    assert chat(client, f"{session}-other", "那要多久")["decision"] == "clarify"


def test_a_message_of_500_characters_is_answered(client: TestClient, session: str) -> None:
    assert chat(client, session, "社保卡丢了" * 100)["decision"]


def test_understanding_touches_no_session(client: TestClient, session: str) -> None:
    chat(client, session, "失业金在哪里领")
    data = client.post("/api/v1/understand", json={"text": "工伤认定要多久"}).json()
    assert list(data) == ["text", "decision", "items", "facets", "applicant"]
    assert (data["items"][0]["id"], data["facets"]) == ("injury_determination", ["time_limit"])
    assert chat(client, session, "要什么材料")["items"][0]["id"] == "unemployment_benefit_claim"


# ---------------------------------------------------------------- what is refused

TEXT = "失业金在哪里领"
INVALID: dict[str, dict[str, Any]] = {
    "empty text": {"text": ""},
    "blank text": {"text": " \n\u3000"},
    "501 characters": {"text": "字" * 501},
    "no text": {"text": ...},
    "text is null": {"text": None},
    "text is a list": {"text": [TEXT]},
    "text is an object": {"text": {"a": 1}},
    "no session": {"text": TEXT, "session_id": ...},
    "empty session": {"text": TEXT, "session_id": ""},
    "session of 65 characters": {"text": TEXT, "session_id": "s" * 65},
    "session with blanks": {"text": TEXT, "session_id": "a b"},
    "session is an object": {"text": TEXT, "session_id": {}},
}


@pytest.mark.parametrize("name", INVALID)
def test_an_invalid_message_is_a_problem_and_nothing_is_stored(
    client: TestClient, engine: Engine, session: str, name: str
) -> None:
    body = {key: value for key, value in ({"session_id": session} | INVALID[name]).items() if value is not ...}
    data = assert_problem(client.post("/api/v1/chat", json=body), 422)
    assert data["errors"][0]["where"].startswith("body")
    assert data["errors"][0]["what"]
    assert not is_stored(engine, session)


@pytest.mark.parametrize("body", [b"", b"{", b"nonsense", b"[]", b"null", b'"text"', b"\xff\xfe", b"{'text': 1}"])
def test_what_is_no_json_object_is_a_problem(client: TestClient, body: bytes) -> None:
    response = client.post("/api/v1/chat", content=body, headers={"content-type": "application/json"})
    assert response.status_code in (400, 422)
    assert_problem(response, response.status_code)


def test_a_problem_does_not_repeat_what_was_sent(client: TestClient, session: str) -> None:
    secret = "450702199001011234"
    response = client.post("/api/v1/chat", json={"session_id": session, "text": secret * 30})
    assert_problem(response, 422)
    assert secret not in response.text


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/api/v1/chat", 405), ("GET", "/nowhere", 404)])
def test_other_errors_are_problems_too(client: TestClient, method: str, path: str, status: int) -> None:
    assert_problem(client.request(method, path), status)


@pytest.mark.parametrize("text", [" 失业金在哪里领", "\n失业金在哪里领", "\u3000失业金在哪里领"])
def test_a_blank_before_the_message_does_no_harm(client: TestClient, session: str, text: str) -> None:
    assert chat(client, session, text)["items"][0]["id"] == "unemployment_benefit_claim"


def test_a_line_break_is_no_part_of_a_session(client: TestClient, session: str) -> None:
    response = client.post("/api/v1/chat", json={"session_id": f"{session}\n", "text": TEXT})
    assert_problem(response, 422)


@pytest.mark.parametrize("text", ["/restart", "/session_start"])
def test_a_slash_is_no_command(client: TestClient, session: str, text: str) -> None:
    assert chat(client, session, text)["messages"]
