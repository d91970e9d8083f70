"""`python -m bot understand|chat|desk|erase|train` as a program calls it: results on stdout, nothing else there."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.__main__ import main
from bot.desk.store import TicketStore
from bot.desk.ticket import Author, Reason
from bot.records.conversations import ConversationStore
from bot.records.database import Database
from bot.runtime.training import is_current, training_digest
from bot.settings import OFFICE_TIME, ROOT, load_settings
from knowledge.model import Facet, KnowledgeBase
from knowledge.store import KnowledgeStore
from knowledge.values import Phone

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

Result = subprocess.CompletedProcess[str]
LONGEST = 500


def run(*arguments: str, stdin: str = "", **environment: str) -> Result:
    """Run a command in a process of its own, from the repository root."""
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(
        command,
        cwd=ROOT,
        input=stdin,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=180,
        check=False,
    )


def rows(stdout: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stdout.splitlines()]


# ---------------------------------------------------------------- in a process of their own

MESSAGES = ["工伤认定要多久", "", "谢谢", "字" * (LONGEST + 1), "号码450702199001011234", "转人工", "字" * LONGEST]


@pytest.fixture(scope="module")
def understood() -> Result:
    return run("understand", stdin="\n".join(MESSAGES) + "\n")


def test_understand_gives_one_query_a_line_in_order(understood: Result) -> None:
    assert understood.returncode == 0
    first, empty, thanks, long, masked, person, longest = rows(understood.stdout)
    assert list(first) == ["text", "decision", "items", "facets", "applicant"]
    assert (first["text"], first["decision"], first["facets"]) == ("工伤认定要多久", "answer", ["time_limit"])
    assert first["items"][0]["id"] == "injury_determination"
    assert (empty["text"], empty["decision"]) == ("", "oos")
    assert (thanks["decision"], person["decision"]) == ("chitchat", "handoff")
    assert "error" in long
    assert masked["text"] == "号码〔证件号〕"
    assert longest["text"] == "字" * LONGEST


def test_understand_says_nothing_but_results(understood: Result) -> None:
    assert understood.stderr == ""
    assert "〔" in understood.stdout, "Chinese is written as such"


@pytest.fixture(scope="module")
def other_base(tmp_path_factory: pytest.TempPathFactory, base: KnowledgeBase) -> str:
    """A database whose guide says another time limit for work injuries."""
    items = []
    for item in base:
        facts = tuple(
            dataclasses.replace(fact, text="一千零一天") if fact.facet is Facet.TIME_LIMIT else fact
            for fact in item.facts
        )
        items.append(dataclasses.replace(item, facts=facts) if item.id == "injury_determination" else item)
    url = f"sqlite:///{tmp_path_factory.mktemp('other')}/guide.db"
    KnowledgeStore(url).save(dataclasses.replace(base, items=tuple(items)), "made by a test")
    return url


def test_chat_answers_json_lines_out_of_the_database_that_is_named(other_base: str) -> None:
    turns = [("a", "工伤认定要多久"), ("b", "失业金在哪里领"), ("a", "要什么材料"), ("b", "要什么材料")]
    lines = [json.dumps({"session": session, "text": text}) for session, text in turns]
    result = run("chat", "--jsonl", "--database", other_base, stdin="\n".join([lines[0], "{", *lines[1:]]))
    assert (result.returncode, result.stderr) == (0, "")
    first, bad, *others = rows(result.stdout)
    assert list(first) == ["session", "decision", "items", "facets", "applicant", "messages"]
    assert "一千零一天" in first["messages"][0]["text"]
    assert list(bad) == ["error"]
    assert bad["error"].startswith("line 2: ")
    assert [(turn["session"], turn["items"][0]["id"]) for turn in others] == [
        ("b", "unemployment_benefit_claim"),
        ("a", "injury_determination"),
        ("b", "unemployment_benefit_claim"),
    ]


@pytest.fixture(scope="module")
def own_base(tmp_path_factory: pytest.TempPathFactory, base: KnowledgeBase) -> str:
    """A database of the real guide in which tests may talk."""
    url = f"sqlite:///{tmp_path_factory.mktemp('own')}/guide.db"
    KnowledgeStore(url).save(base, "made by a test")
    return url


def test_chat_greets_and_answers_in_the_terminal(own_base: str) -> None:
    result = run("chat", "--database", own_base, stdin="工伤认定要多久\n\n电话多少\n")
    assert (result.returncode, result.stderr) == (0, "")
    positions = [result.stdout.find(said) for said in ("办事指南助手", "办理时限", "联系电话")]
    assert positions == sorted(positions)
    assert positions[0] >= 0
    assert "{" not in result.stdout


def test_without_a_model_one_line_says_what_to_do(tmp_path: Path) -> None:
    result = run("understand", stdin="你好\n", MODEL_FOLDER=str(tmp_path))
    assert (result.returncode, result.stdout) == (1, "")
    [line] = result.stderr.splitlines()
    assert line.startswith("bot: ")
    assert "python -m bot train" in line


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """A folder with a model that says it was made from just the inputs that lie there now."""
    (tmp_path / "guide.tar.gz").write_bytes(b"a model")
    (tmp_path / "guide.digest").write_text(training_digest(load_settings()), encoding="utf-8")
    return tmp_path


def test_train_does_nothing_when_nothing_changed(trained: Path) -> None:
    result = run("train", MODEL_FOLDER=str(trained))
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "train: up to date\n")
    assert (trained / "guide.tar.gz").read_bytes() == b"a model"


# ---------------------------------------------------------------- what makes a model stale


@pytest.mark.parametrize("changed", ["nlu_data/messages/anna.tsv", "nlu_data/calibration.json"])
def test_a_changed_input_makes_the_model_stale(tmp_path: Path, changed: str) -> None:
    path = tmp_path / changed
    path.parent.mkdir(parents=True)
    path.write_text("one\n", encoding="utf-8")
    settings = dataclasses.replace(load_settings(), nlu_data=tmp_path / "nlu_data", model_folder=tmp_path)
    (tmp_path / "guide.tar.gz").write_bytes(b"a model")
    (tmp_path / "guide.digest").write_text(training_digest(settings), encoding="utf-8")
    assert is_current(settings)
    path.write_text("two\n", encoding="utf-8")
    assert not is_current(settings)


def test_a_model_without_its_stamp_is_stale(trained: Path) -> None:
    settings = dataclasses.replace(load_settings(), model_folder=trained)
    assert is_current(settings)
    (trained / "guide.digest").unlink()
    assert not is_current(settings)


# ---------------------------------------------------------------- in this process, over the suite's engine


@pytest.fixture
def feed(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command over the suite's engine with bytes on stdin; return its exit code."""
    from bot.runtime.engine import Engine as Opened

    def run_here(stdin: bytes, *arguments: str) -> int:
        monkeypatch.setattr(Opened, "open", lambda _settings: engine)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        return main(list(arguments))

    return run_here


def turn_line(text: str, session: str = "json") -> bytes:
    return json.dumps({"session": session, "text": text}).encode()


GOOD = turn_line("谢谢", "good")
BAD = {
    "no json": b"nonsense",
    "half an object": b'{"session": "a", "text": ',
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "no text": b'{"session": "a"}',
    "no session": b'{"text": "a"}',
    "session is a number": b'{"session": 1, "text": "a"}',
    "text is null": b'{"session": "a", "text": null}',
    "empty session": b'{"session": "", "text": "a"}',
    "empty text": turn_line(""),
    "blank text": turn_line(" \n"),
    "too long": turn_line("字" * (LONGEST + 1)),
    "not utf-8": b"\xff\xfe",
    "deep": b"[" * 100_000,
    "half a character": b'{"session": "\\ud800", "text": "a"}',
    "a command of Rasa's": turn_line("/restart"),
}


@pytest.mark.parametrize("line", BAD.values(), ids=BAD)
def test_a_line_that_is_no_turn_gives_an_error_or_a_turn_and_the_rest_goes_on(
    feed: Any, capsys: pytest.CaptureFixture[str], line: bytes
) -> None:
    assert feed(b"\n".join([GOOD, line, b"", GOOD]), "chat", "--jsonl") == 0
    first, middle, last = rows(capsys.readouterr().out)
    assert first["session"] == last["session"] == "good"
    assert list(middle) == ["error"] or middle["decision"]
    if "error" in middle:
        assert middle["error"].startswith("line 2: ")


def test_a_message_of_just_500_characters_is_answered_as_a_turn(feed: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert feed(turn_line("字" * LONGEST), "chat", "--jsonl") == 0
    [turn] = rows(capsys.readouterr().out)
    assert turn["decision"]


def test_a_message_of_just_500_characters_is_answered_in_the_terminal(
    feed: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert feed(("字" * LONGEST + "\n").encode(), "chat") == 0
    assert "太长" not in capsys.readouterr().out


def test_a_conversation_in_the_terminal_is_the_sessions_that_is_named(
    feed: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    for session, text in (("anna", "工伤认定要多久"), ("bo", "失业金在哪里领")):
        assert feed(f"{text}\n".encode(), "chat", "--session", session) == 0
    capsys.readouterr()
    feed("要什么材料\n".encode(), "chat", "--session", "anna")
    assert "【工伤认定" in capsys.readouterr().out


def test_the_terminal_does_not_repeat_what_elsewhere_can_be_tapped(
    feed: Any, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    item = engine.services.base.by_id["injury_determination"]
    [number, *_] = [fact.value.number for fact in item.facts_on(Facet.PHONE) if isinstance(fact.value, Phone)]
    feed("工伤认定打什么电话\n".encode(), "chat", "--session", "carl")
    assert capsys.readouterr().out.count(number) == 1


def test_what_an_agent_said_is_shown_in_the_terminal_once(
    feed: Any, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    feed("转人工\n".encode(), "chat", "--session", "dora")
    ticket = engine.desk.open_ticket_of("dora")
    assert ticket is not None
    engine.desk.take(ticket.number, "李姐", engine.services.now())
    engine.desk.say(ticket.number, Author.AGENT, "李姐", "您好，我来帮您。", engine.services.now())
    capsys.readouterr()
    for _ in range(2):
        feed(b"\n", "chat", "--session", "dora")
    assert capsys.readouterr().out.count("李姐：您好，我来帮您。") == 1


# ---------------------------------------------------------------- over a database without a base


def test_erase_forgets_a_session_and_no_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path}/service.db"
    database = Database.open(url)
    store = ConversationStore(database)
    for session in ("anna", "bo"):
        store.save(session, {"item": "card_apply"}, datetime.now(OFFICE_TIME))
    assert main(["erase", "anna", "--database", url]) == 0
    assert (store.load("anna"), store.load("bo")) == (None, {"item": "card_apply"})
    assert capsys.readouterr().err == ""
    database.close()


def test_desk_shows_clerks_the_tickets_of_the_database_that_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path}/service.db"
    database = Database.open(url)
    now = datetime.now(OFFICE_TIME)
    ticket = TicketStore(database, OFFICE_TIME).open("anna", "wechat", Reason.WISH, ("补卡要什么",), now)
    assert main(["desk", "--database", url, "list"]) == 0
    assert main(["desk", "list", "--database", url]) == 0
    assert capsys.readouterr().out.count(ticket.number) == 2
    assert main(["desk", "--database", url, "take", "0000-000", "--agent", "李姐"]) == 1
    assert capsys.readouterr().err
    database.close()


def test_a_warning_of_rasas_does_not_stand_among_the_results() -> None:
    result = run("understand", stdin="/\n谢谢\n")
    assert len(rows(result.stdout)) == 2


@pytest.mark.parametrize(
    ("arguments", "code"), [(["nothing"], 2), ([], 2), (["chat", "--nothing"], 2), (["evaluate", "nothing"], 2)]
)
def test_a_bad_argument_is_named_on_stderr(arguments: list[str], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        assert main(arguments) == code
    except SystemExit as stop:
        assert stop.code == code
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err


@pytest.mark.parametrize("name", ["KEEP_CONVERSATIONS_DAYS", "KEEP_OUTCOMES_DAYS", "KEEP_TICKETS_DAYS"])
@pytest.mark.parametrize("value", ["many", "0", "-1", "1.5"])
def test_a_bad_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert main(["understand"]) == 1
    assert capsys.readouterr().err == f"bot: {name}={value}: a positive whole number is expected\n"
