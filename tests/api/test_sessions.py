"""Residents' sessions: ids with tokens that nobody guesses, rooms without a way to another, entries, erasing."""

from __future__ import annotations

import asyncio
import itertools
import re
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from tests.api.service import PATIENCE, Resident, Service, eventually, lead
from tests.api.test_http import assert_problem

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

QUESTION = "工伤认定要多久"
_programs = itertools.count(1)


@pytest.fixture
def resident(client: TestClient) -> Resident:
    return Resident(**client.post("/api/v1/sessions").json())


@pytest.fixture
def program() -> str:
    """An id that a program makes up."""
    return f"program-{next(_programs)}"


def say(client: TestClient, session_id: str, text: str = QUESTION, token: str = "") -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    response = client.post("/api/v1/chat", json={"session_id": session_id, "text": text}, headers=headers)
    assert response.status_code == 200, response.text
    reply: dict[str, Any] = response.json()
    return reply


def entries(client: TestClient, resident: Resident, after: int = 0) -> list[dict[str, Any]]:
    url = f"/api/v1/sessions/{resident.session_id}/entries"
    response = client.get(url, params={"after": after}, headers=resident.headers)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["entries"]
    return found


# ---------------------------------------------------------------- tokens


def test_a_new_session_has_an_id_of_128_random_bits_and_a_token(client: TestClient) -> None:
    response = client.post("/api/v1/sessions")
    assert response.status_code == 201
    assert list(response.json()) == ["session_id", "token"]
    assert re.fullmatch(r"web-[a-z2-7]{26}", response.json()["session_id"])
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", response.json()["token"])


def test_no_two_sessions_are_the_same(client: TestClient) -> None:
    begun = [client.post("/api/v1/sessions").json() for _ in range(5)]
    assert len({new["session_id"] for new in begun} | {new["token"] for new in begun}) == 10


def calls_about(client: TestClient, session_id: str, headers: dict[str, str]) -> list[Response]:
    """Make every call that is about a session."""
    about = {"session_id": session_id}
    return [
        client.post("/api/v1/chat", json={**about, "text": QUESTION}, headers=headers),
        client.get(f"/api/v1/sessions/{session_id}/entries", headers=headers),
        client.delete(f"/api/v1/sessions/{session_id}", headers=headers),
        client.post("/api/v1/feedback", json={**about, "seq": 1, "thumb": "up"}, headers=headers),
    ]


@pytest.mark.parametrize(
    "authorization", [None, "Bearer", "Bearer ", "Bearer wrong", "Bearer \xe9\xff", "Basic {token}", "{token}"]
)
def test_a_session_of_ours_is_closed_to_whoever_lacks_its_token(
    client: TestClient, engine: Engine, resident: Resident, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization.format(token=resident.token)}
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}
    for response in calls_about(client, resident.session_id, encoded):  # type: ignore[arg-type]  # httpx takes bytes
        assert assert_problem(response, 401)["code"] == "wrong_session_token"
        assert response.headers["www-authenticate"].startswith("Bearer")
    assert not engine.transcripts.read(resident.session_id)


def test_the_token_of_one_session_opens_no_other(client: TestClient, resident: Resident) -> None:
    other = Resident(**client.post("/api/v1/sessions").json())
    for response in calls_about(client, resident.session_id, other.headers):
        assert_problem(response, 401)


@pytest.mark.parametrize("session_id", ["web-", "web-x", "web-aaaaaaaaaaaaaaaaaaaaaaaaaa"])
def test_nobody_makes_up_a_session_of_ours(client: TestClient, session_id: str) -> None:
    for response in calls_about(client, session_id, {}):
        assert_problem(response, 401)


# ---------------------------------------------------------------- rooms


def test_a_program_keeps_ids_of_its_own_without_a_token(client: TestClient, program: str) -> None:
    reply = say(client, program)
    response = client.get(f"/api/v1/sessions/{program}/entries")
    assert reply["session_id"] == program
    assert [entry["turn"] for entry in response.json()["entries"]] == [None, reply]


@pytest.mark.parametrize("name", ["telegram:{}", "wechat:{}", "api:{}", "WEB-{}", "{}"])
def test_no_id_reaches_a_session_of_another_channel(
    client: TestClient, engine: Engine, program: str, name: str
) -> None:
    session_id = name.format(program)
    asyncio.run(engine.turn(session_id, "我退休要带什么材料", channel="telegram"))
    assert client.get(f"/api/v1/sessions/{session_id}/entries").json()["entries"] == []
    assert say(client, session_id, "那要多久")["decision"] == "clarify"
    assert client.delete(f"/api/v1/sessions/{session_id}").status_code == 204
    assert engine.transcripts.read(session_id)[0].text == "我退休要带什么材料"


@pytest.mark.parametrize("session_id", ["a%0A", "a%20b", "%E4%B8%AD", "a" * 65])
def test_what_is_no_id_is_a_problem(client: TestClient, session_id: str) -> None:
    assert_problem(client.get(f"/api/v1/sessions/{session_id}/entries"), 422)


# ---------------------------------------------------------------- entries


def test_entries_hold_what_was_said_in_order(client: TestClient, resident: Resident) -> None:
    replies = [say(client, resident.session_id, text, resident.token) for text in (QUESTION, "要什么材料")]
    found = entries(client, resident)
    assert [entry["author"] for entry in found] == ["resident", "bot", "resident", "bot"]
    assert [entry["text"] for entry in found[::2]] == [QUESTION, "要什么材料"]
    assert [entry["turn"] for entry in found[1::2]] == replies
    assert [entry["seq"] for entry in found[1::2]] == [reply["seq"] for reply in replies]


def test_an_entry_has_the_members_of_the_protocol(client: TestClient, resident: Resident) -> None:
    say(client, resident.session_id, token=resident.token)
    for entry in entries(client, resident):
        assert list(entry) == ["seq", "at", "author", "name", "message_id", "text", "turn"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+\+00:00", entry["at"])


def test_entries_behind_a_number_are_those_that_are_new(client: TestClient, resident: Resident) -> None:
    seq = say(client, resident.session_id, token=resident.token)["seq"]
    say(client, resident.session_id, "要什么材料", resident.token)
    assert entries(client, resident, after=seq)[0]["text"] == "要什么材料"


def test_personal_numbers_are_in_no_entry(client: TestClient, resident: Resident) -> None:
    say(client, resident.session_id, "我的身份证是450702199001011234", resident.token)
    assert "450702199001011234" not in str(entries(client, resident))


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", f"after={2**63}", "wait=-1", "wait=26", "wait=x", "wait=nan", "after=1.5"]
)
def test_a_number_that_makes_no_sense_is_a_problem(client: TestClient, program: str, query: str) -> None:
    assert_problem(client.get(f"/api/v1/sessions/{program}/entries?{query}"), 422)


def test_nobody_has_a_new_session(client: TestClient, resident: Resident) -> None:
    page = client.get(f"/api/v1/sessions/{resident.session_id}/entries", headers=resident.headers).json()
    nobody = {"state": "none", "ticket": None, "place": None, "agent": None, "typing": False}
    assert page == {"entries": [], "desk": nobody}


# ---------------------------------------------------------------- erasing


def test_erasing_leaves_nothing(client: TestClient, engine: Engine, resident: Resident) -> None:
    reply = say(client, resident.session_id, "转人工", resident.token)
    given = {"session_id": resident.session_id, "seq": reply["seq"], "thumb": "up"}
    assert client.post("/api/v1/feedback", json=given, headers=resident.headers).status_code == 204
    response = client.delete(f"/api/v1/sessions/{resident.session_id}", headers=resident.headers)
    assert (response.status_code, response.content) == (204, b"")
    assert entries(client, resident) == []
    assert engine.desk.open_ticket_of(resident.session_id) is None
    assert say(client, resident.session_id, "那要多久", resident.token)["decision"] == "clarify"


def test_erasing_nothing_is_no_error(client: TestClient, resident: Resident) -> None:
    url = f"/api/v1/sessions/{resident.session_id}"
    assert [client.delete(url, headers=resident.headers).status_code for _ in range(2)] == [204, 204]


def test_a_tab_that_knows_more_than_is_kept_is_told_that_it_was_erased(client: TestClient, resident: Resident) -> None:
    seq = say(client, resident.session_id, token=resident.token)["seq"]
    client.delete(f"/api/v1/sessions/{resident.session_id}", headers=resident.headers)
    url = f"/api/v1/sessions/{resident.session_id}/entries?after={seq}&wait=25"
    assert assert_problem(client.get(url, headers=resident.headers), 410)["code"] == "session_erased"


# ---------------------------------------------------------------- the long poll


def test_a_poll_wakes_as_soon_as_something_is_said(engine: Engine) -> None:
    async def story(service: Service) -> None:
        resident = await service.resident()
        polling = asyncio.create_task(service.poll(resident, wait=25))
        await service.until_waiting(resident)
        reply = await service.say(resident, QUESTION)
        page = await asyncio.wait_for(polling, PATIENCE)
        assert page["entries"][-1]["turn"] == reply

    lead(engine, story)


def test_a_poll_does_not_wake_of_what_it_knows(engine: Engine) -> None:
    async def story(service: Service) -> None:
        resident = await service.resident()
        seq = (await service.say(resident, QUESTION))["seq"]
        page = await service.poll(resident, after=seq, wait=1)
        assert page["entries"] == []

    lead(engine, story)


def test_what_is_there_already_is_not_waited_for(engine: Engine) -> None:
    async def story(service: Service) -> None:
        resident = await service.resident()
        await service.say(resident, QUESTION)
        page = await asyncio.wait_for(service.poll(resident, wait=25), PATIENCE)
        assert len(page["entries"]) == 2

    lead(engine, story)


def test_a_poll_wakes_when_the_session_is_erased(engine: Engine) -> None:
    async def story(service: Service) -> None:
        resident = await service.resident()
        url = f"/api/v1/sessions/{resident.session_id}"
        polling = asyncio.create_task(service.http.get(f"{url}/entries?wait=25", headers=resident.headers))
        await service.until_waiting(resident)
        await service.http.delete(url, headers=resident.headers)
        assert_problem(await asyncio.wait_for(polling, PATIENCE), 410)

    lead(engine, story)


def test_a_poll_ends_when_its_tab_goes_away(engine: Engine) -> None:
    async def story(service: Service) -> None:
        resident = await service.resident()
        polling = asyncio.create_task(service.poll(resident, wait=25))
        await service.until_waiting(resident)
        room = service.hub._rooms[resident.session_id]
        await eventually(lambda: bool(room.listeners))
        polling.cancel()
        await eventually(lambda: not room.listeners)

    lead(engine, story)


# ---------------------------------------------------------------- described


@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        ("post", "/api/v1/sessions", {"201", "429"}),
        ("get", "/api/v1/sessions/{session_id}/entries", {"200", "401", "410", "422", "429", "503"}),
        ("delete", "/api/v1/sessions/{session_id}", {"204", "401", "422", "429", "503"}),
        ("post", "/api/v1/feedback", {"204", "401", "404", "422", "429", "503"}),
        ("post", "/api/v1/chat", {"200", "401", "422", "429"}),
        ("post", "/api/v1/understand", {"200", "422", "429"}),
    ],
)
def test_every_answer_is_described(client: TestClient, method: str, path: str, statuses: set[str]) -> None:
    described = client.get("/openapi.json").json()["paths"][path][method]
    assert statuses <= set(described["responses"])
    for status, answer in described["responses"].items():
        if status not in {"200", "201", "204"}:
            assert list(answer["content"]) == ["application/problem+json"]


@pytest.mark.parametrize(("method", "path"), [("post", "/api/v1/chat"), ("delete", "/api/v1/sessions/{session_id}")])
def test_a_token_is_described_as_needed_by_some(client: TestClient, method: str, path: str) -> None:
    described = client.get("/openapi.json").json()["paths"][path][method]
    assert described["security"] == [{"sessionToken": []}, {}]
