"""That the load run sees what a service could do wrong: a measure that never fails measures nothing."""

from __future__ import annotations

import random
from itertools import islice
from typing import Any

import pytest

from tests.load.clerk import keystrokes
from tests.load.conversation import Conversation, Said, faults_of, gist
from tests.load.figures import Figures

SESSION = "web-a"


def reply_of(number: int) -> dict[str, Any]:
    items = [{"id": "card_replace"}]
    said = {"decision": "answer", "items": items, "facets": ["phone"], "applicant": None, "messages": []}
    return {"session_id": SESSION, **said, "seq": 2 * number}


def entries_of(number: int) -> list[dict[str, Any]]:
    """Return the entries of one message and its reply."""
    about = {"message_id": f"message-{number}"}
    return [
        {"seq": 2 * number - 1, "author": "resident", "turn": None, **about},
        {"seq": 2 * number, "author": "bot", "turn": reply_of(number), **about},
    ]


@pytest.fixture
def conversation() -> Conversation:
    """Two messages with their replies."""
    said = [Said(f"message-{number}", "在哪里办", reply_of(number)) for number in (1, 2)]
    return Conversation(SESSION, "token", said)


@pytest.fixture
def entries() -> list[dict[str, Any]]:
    return entries_of(1) + entries_of(2)


def test_what_is_kept_as_it_was_said_has_no_faults(conversation: Conversation, entries: list[dict[str, Any]]) -> None:
    assert faults_of(conversation, entries) == []


@pytest.mark.parametrize("lost", range(4))
def test_an_entry_that_is_not_kept_is_a_fault(
    conversation: Conversation, entries: list[dict[str, Any]], lost: int
) -> None:
    assert faults_of(conversation, entries[:lost] + entries[lost + 1 :])


def test_an_entry_that_is_kept_twice_is_a_fault(conversation: Conversation, entries: list[dict[str, Any]]) -> None:
    assert faults_of(conversation, [*entries, entries[-1]])


def test_somebody_elses_entry_is_a_fault(conversation: Conversation, entries: list[dict[str, Any]]) -> None:
    assert faults_of(conversation, entries + entries_of(3))


def test_messages_in_another_order_are_a_fault(conversation: Conversation) -> None:
    assert faults_of(conversation, entries_of(2) + entries_of(1))


def test_replies_that_changed_places_are_a_fault(conversation: Conversation, entries: list[dict[str, Any]]) -> None:
    entries[1], entries[3] = {**entries[1], "turn": reply_of(2)}, {**entries[3], "turn": reply_of(1)}
    assert faults_of(conversation, entries)


def test_a_reply_of_another_session_is_a_fault(conversation: Conversation) -> None:
    reply = {**reply_of(1), "session_id": "web-b"}
    conversation.said = [Said("message-1", "在哪里办", reply)]
    said, answered = entries_of(1)
    assert faults_of(conversation, [said, {**answered, "turn": reply}])


def test_a_socket_that_told_less_is_a_fault(conversation: Conversation, entries: list[dict[str, Any]]) -> None:
    conversation.told = entries[:-1]
    assert faults_of(conversation, entries)


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_message_without_a_reply_may_be_kept_or_not(
    conversation: Conversation, entries: list[dict[str, Any]], is_kept: bool
) -> None:
    conversation.said.append(Said("message-3", "在哪里办", None))
    assert faults_of(conversation, entries + (entries_of(3)[:1] if is_kept else [])) == []


@pytest.mark.parametrize("changed", [{"decision": "oos"}, {"items": []}, {"facets": []}, {"applicant": "个人"}])
def test_the_gist_of_a_reply_is_what_it_is_about(changed: dict[str, Any]) -> None:
    assert gist({**reply_of(1), **changed}) != gist(reply_of(1))
    assert gist(reply_of(1)) == gist(reply_of(2))


def test_percentiles_are_of_those_that_were_answered() -> None:
    figures = Figures()
    for number in range(1, 101):
        figures.took(number / 1000)
    figures.failed("500")
    assert (figures.sent, figures.failures) == (101, 1)
    assert figures.percentiles() == "p50_ms 50 p95_ms 95"


def test_a_clerk_types_letter_by_letter() -> None:
    assert list(islice(keystrokes(["补卡"], random.Random(1)), 5)) == ["补", "补卡", "补", "补卡", "补"]
