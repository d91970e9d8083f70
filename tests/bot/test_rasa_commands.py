"""Rasa's own commands from the repository root, as a developer who knows Rasa would type them."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa_sdk.executor import ActionExecutor

from bot.door import install, open_services, services
from bot.query import Decision
from bot.settings import ROOT, load_settings
from bot.understanding.messages import load_messages
from knowledge.vocabulary import load_vocabulary
from tests.bot.making import query

FOLDER = ROOT / "tests" / "rasa"
MESSAGES = FOLDER / "nlu.yml"
STORIES = FOLDER / "test_stories.yml"
Result = subprocess.CompletedProcess[str]


def rasa(*arguments: str) -> Result:
    """Run Rasa's command of this environment."""
    command = [str(Path(sys.executable).parent / "rasa"), *arguments]
    quiet = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}
    return subprocess.run(
        command, cwd=ROOT, env=quiet, capture_output=True, text=True, encoding="utf-8", timeout=180, check=False
    )


@pytest.fixture(scope="module")
def validated() -> Result:
    return rasa("data", "validate", "--data", "nlu_data")


def test_rasa_finds_nothing_in_the_data_that_it_must_refuse(validated: Result) -> None:
    assert validated.returncode == 0, validated.stderr
    assert "No story structure conflicts found" in validated.stdout + validated.stderr


def test_the_rules_name_only_intents_that_there_are(validated: Result) -> None:
    assert "which is not part of the domain" not in validated.stdout + validated.stderr


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of reports of `rasa test` on our stories and messages; loading the model costs seconds, so once."""
    folder = tmp_path_factory.mktemp("rasa")
    model = str(load_settings().model_folder)
    result = rasa(
        "test", "--stories", str(FOLDER), "--nlu", str(MESSAGES), "--model", model, "--out", str(folder), "--no-plot"
    )
    assert result.returncode == 0, result.stderr
    return folder


def test_rasa_measures_the_model_on_messages_in_its_own_format(measured: Path) -> None:
    report = json.loads((measured / "intent_report.json").read_text(encoding="utf-8"))
    assert report["weighted avg"]["support"] == len(in_nlu_file())
    assert report["accuracy"] >= 0.9, [path.read_text() for path in measured.glob("*_errors.json")]


def test_every_story_takes_the_route_that_it_tells(measured: Path) -> None:
    told = json.loads((measured / "story_report.json").read_text(encoding="utf-8"))["conversation_accuracy"]
    failed = (measured / "failed_test_stories.yml").read_text(encoding="utf-8")
    assert (told["correct"], told["total"]) == (len(stories()), len(stories())), failed


def in_nlu_file() -> list[str]:
    """Return the messages of our file in Rasa's format."""
    document = yaml.safe_load(MESSAGES.read_text(encoding="utf-8"))
    return [line.removeprefix("- ") for part in document["nlu"] for line in part["examples"].splitlines()]


def stories() -> list[dict[str, Any]]:
    """Return our stories, as they stand in their file."""
    told: list[dict[str, Any]] = yaml.safe_load(STORIES.read_text(encoding="utf-8"))["stories"]
    return told


def in_stories() -> list[str]:
    """Return what residents say in the stories."""
    return [step["user"].strip() for story in stories() for step in story["steps"] if "user" in step]


def test_the_messages_in_rasas_format_are_none_that_the_model_was_trained_on() -> None:
    known = load_messages(load_settings().nlu_data, frozenset(entry.id for entry in load_vocabulary().catalogue))
    assert not {*in_nlu_file(), *in_stories()} & {message.text for message in known}


# ---------------------------------------------------------------- rasa shell, whose action server has no desk


@pytest.fixture
def call() -> Iterator[Callable[[str, dict[str, Any]], dict[str, Any]]]:
    """Call an action as `rasa shell` calls the action server: by its name, with the tracker's state."""
    before = services()
    install(open_services(load_settings().database_url))
    executor = ActionExecutor()
    executor.register_package("actions")

    def run(action: str, tracker: dict[str, Any]) -> dict[str, Any]:
        wanted = {"next_action": action, "sender_id": "shell", "tracker": tracker, "domain": {}}
        answer: dict[str, Any] = asyncio.run(executor.run(wanted))
        return answer

    yield run
    install(before)


def tracker_of(text: str, decision: Decision, items: list[str]) -> dict[str, Any]:
    """Return what Rasa sends of a conversation of one message; nobody has given the message metadata."""
    parsed = {"text": text, "query": query(text, decision, items).as_record(), "metadata": {}}
    return {"sender_id": "shell", "slots": {"thread": None}, "latest_message": parsed, "events": []}


def test_an_action_called_by_rasa_answers_and_keeps_the_thread_in_its_slot(
    call: Callable[[str, dict[str, Any]], dict[str, Any]],
) -> None:
    answered = call("action_answer", tracker_of("工伤认定要多久", Decision.ANSWER, ["injury_determination"]))
    assert "answer" in [response["custom"].get("type") for response in answered["responses"]]
    [kept] = answered["events"]
    assert (kept["event"], kept["name"], kept["value"]["item"]) == ("slot", "thread", "injury_determination")


def test_without_a_desk_a_wish_for_a_person_names_the_hotline_and_no_ticket(
    call: Callable[[str, dict[str, Any]], dict[str, Any]],
) -> None:
    told = call("action_handoff", tracker_of("转人工", Decision.HANDOFF, []))["responses"]
    assert [response["custom"].get("type") for response in told] == [None, "text", "phone"]
    assert told[-1]["text"] == "12333"
