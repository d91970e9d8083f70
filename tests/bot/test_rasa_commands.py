"""Rasa's own commands from the repository root, as a developer who knows Rasa would type them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bot.settings import ROOT, load_settings
from bot.understanding.messages import load_messages
from knowledge.vocabulary import load_vocabulary

MESSAGES = ROOT / "tests" / "rasa" / "nlu.yml"
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


def test_rasa_measures_the_model_on_messages_in_its_own_format(tmp_path: Path) -> None:
    model = load_settings().model_folder
    result = rasa("test", "nlu", "--nlu", str(MESSAGES), "--model", str(model), "--out", str(tmp_path), "--no-plot")
    assert result.returncode == 0, result.stderr
    report = json.loads((tmp_path / "intent_report.json").read_text(encoding="utf-8"))
    assert report["weighted avg"]["support"] == len(written())
    assert report["accuracy"] >= 0.9, [path.read_text() for path in tmp_path.glob("*_errors.json")]


def written() -> list[str]:
    """Return the messages of our file in Rasa's format."""
    document = yaml.safe_load(MESSAGES.read_text(encoding="utf-8"))
    return [line.removeprefix("- ") for part in document["nlu"] for line in part["examples"].splitlines()]


def test_the_messages_in_rasas_format_are_none_that_the_model_was_trained_on() -> None:
    known = load_messages(load_settings().nlu_data, frozenset(entry.id for entry in load_vocabulary().catalogue))
    assert not set(written()) & {message.text for message in known}
