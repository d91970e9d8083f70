"""Chat exactly once: a message that comes again gets the reply that it got, and never a second turn."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient

from tests.api.service import Resident, Service, lead
from tests.api.test_http import assert_problem

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

QUESTION = "我退休要带什么材料"


@pytest.fixture
def resident(client: TestClient) -> Resident:
    return Resident(**client.post("/api/v1/sessions").json())


@pytest.fixture
def message_id() -> str:
    return str(uuid.uuid4())


def post(client: TestClient, resident: Resident, **body: Any) -> Any:
    body = {"session_id": resident.session_id, "text": QUESTION, **body}
    return client.post("/api/v1/chat", json=body, headers=resident.headers)


def test_a_repeat_gets_the_very_same_reply(
    client: TestClient, engine: Engine, resident: Resident, message_id: str
) -> None:
    first, again = (post(client, resident, message_id=message_id) for _ in range(2))
    assert first.content == again.content
    assert len(engine.transcripts.read(resident.session_id)) == 2


def test_a_repeat_gets_its_reply_after_other_messages_as_well(
    client: TestClient, resident: Resident, message_id: str
) -> None:
    first = post(client, resident, message_id=message_id)
    post(client, resident, text="失业金在哪里领", message_id=str(uuid.uuid4()))
    assert post(client, resident, message_id=message_id).content == first.content


def test_messages_without_an_id_are_turns_of_their_own(client: TestClient, engine: Engine, resident: Resident) -> None:
    assert post(client, resident).json()["seq"] < post(client, resident).json()["seq"]
    assert len(engine.transcripts.read(resident.session_id)) == 4


def test_an_id_counts_in_its_session_alone(client: TestClient, resident: Resident, message_id: str) -> None:
    post(client, resident, message_id=message_id)
    other = Resident(**client.post("/api/v1/sessions").json())
    reply = post(client, other, text="失业金在哪里领", message_id=message_id).json()
    assert reply["items"][0]["id"] == "unemployment_benefit_claim"


def test_the_same_message_from_two_tabs_at_once_is_one_turn(engine: Engine, message_id: str) -> None:
    async def story(service: Service) -> None:
        resident = await service.resident()
        saying = [service.say(resident, QUESTION, message_id=message_id) for _ in range(5)]
        replies = await asyncio.gather(*saying)
        assert replies == [replies[0]] * 5
        assert len((await service.poll(resident))["entries"]) == 2

    lead(engine, story)


def test_the_reply_names_its_entry(client: TestClient, engine: Engine, resident: Resident, message_id: str) -> None:
    reply = post(client, resident, message_id=message_id).json()
    assert list(reply)[-1] == "seq"
    said, answered = engine.transcripts.read(resident.session_id)
    assert (answered.seq, said.message_id, answered.message_id) == (reply["seq"], message_id, message_id)


def test_elder_wishes_for_short_sentences(client: TestClient) -> None:
    short, usual = (
        post(client, Resident(**client.post("/api/v1/sessions").json()), text="你好", elder=elder).json()
        for elder in (True, False)
    )
    assert [message["text"] for message in short["messages"]] != [message["text"] for message in usual["messages"]]


@pytest.mark.parametrize("message_id", ["", "a" * 65, "a b", "ü", "a\n", "a_b", 7, {}, []])
def test_a_message_id_that_is_none_is_a_problem(
    client: TestClient, engine: Engine, resident: Resident, message_id: object
) -> None:
    data = assert_problem(post(client, resident, message_id=message_id), 422)
    assert data["errors"][0]["where"] == "body.message_id"
    assert not engine.transcripts.read(resident.session_id)


@pytest.mark.parametrize("elder", ["yes", 1, [], "true"])
def test_elder_is_yes_or_no(client: TestClient, resident: Resident, elder: object) -> None:
    assert_problem(post(client, resident, elder=elder), 422)


def test_a_text_that_is_too_long_is_not_stored_in_a_room_of_ours(
    client: TestClient, engine: Engine, resident: Resident
) -> None:
    assert_problem(post(client, resident, text="字" * 501), 422)
    assert not engine.transcripts.read(resident.session_id)
