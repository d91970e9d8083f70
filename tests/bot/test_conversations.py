"""The conversations of tests/conversations/, led with the real engine; how they are written: README.md there."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.settings import ROOT
from tests.bot.engines import new_url, opened
from tests.bot.prose import CaseError, parse_conversation
from tests.bot.stage import BEGIN, Clock, Performance

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

FOLDER = ROOT / "tests" / "conversations"
FILES = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def on_stage(clock: Clock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine with a database of its own, which goes by the clock of the conversations."""
    with opened(new_url(tmp_path_factory.mktemp("conversations"))) as engine:
        engine.services = dataclasses.replace(engine.services, now=clock)
        yield engine


@pytest.fixture
def performance(on_stage: Engine, clock: Clock) -> Iterator[Performance]:
    """A conversation that begins at the usual hour, in an office as it is set, with nobody in the queue."""
    usual, clock.now = on_stage.services, BEGIN
    begun = Performance(on_stage, clock)
    yield begun
    begun.forget()
    on_stage.services = usual


def cases() -> list[object]:
    """Return the files as test cases, known problems marked as such."""
    return [
        pytest.param(path, id=path.stem, marks=[pytest.mark.xfail(strict=True, reason=problem)] if problem else [])
        for path in FILES
        for problem in [parse_conversation(path).problem]
    ]


@pytest.mark.parametrize("path", cases())
def test_the_conversation_goes_as_written(path: Path, performance: Performance) -> None:
    faults = list(performance.faults(parse_conversation(path)))
    assert not faults, "\n".join([path.name, *faults])


BROKEN = [
    ("居民：你好\n助手：处置=hello", "没有这个处置：hello"),
    ("居民：你好\n助手：事项=nothing", "没有这个事项：nothing"),
    ("居民：你好\n助手：栏目=price", "没有这个栏目：price"),
    ("居民：你好\n助手：结果=done", "没有这个结果：done"),
    ("居民：你好\n助手：消息=一条", "没有这个消息：一条"),
    ("居民：你好\n助手：说点什么", "看不懂“说点什么”"),
    ("居民：你好\n居民：在吗\n助手：处置=chitchat", "一人一句"),
    ("居民：你好\n过了5分钟\n助手：处置=chitchat", "一人一句"),
    ("助手：处置=chitchat", "一人一句"),
    ("居民:你好\n助手：处置=chitchat", "全角冒号"),
    ("居民：你好", "没有助手的回答"),
    ("# 只有标题", "没有对话"),
    ("时间：明天早上\n居民：你好\n助手：处置=chitchat", "看不懂“时间：明天早上”"),
    ("时间：2026-02-31 09:00\n居民：你好\n助手：处置=chitchat", "看不懂“时间：2026-02-31 09:00”"),
    ("过了 5 星期\n居民：你好\n助手：处置=chitchat", "看不懂“过了 5 星期”"),
    ("工作人员 李姐 走了\n居民：你好\n助手：处置=chitchat", "看不懂“工作人员 李姐 走了”"),
    ("居民：你好\n助手：状态=waiting", "“助手”后面不能写“状态”"),
    ("居民：你好\n助手：处置=chitchat\n工单：处置=handoff", "“工单”后面不能写“处置”"),
]


@pytest.mark.parametrize(("text", "reason"), BROKEN)
def test_a_case_that_is_written_wrongly_is_refused_with_the_reason(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "case.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CaseError, match=reason):
        parse_conversation(path)


def test_a_line_that_is_for_people_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "case.md"
    path.write_text("# 过了期的政策\n\n居民没有说时间。\n\n居民：你好\n助手：处置=chitchat", encoding="utf-8")
    assert [line for line, _ in parse_conversation(path).happenings] == [5]


FALSE = [
    "处置=answer",
    "结果=answered",
    "事项=card_apply",
    "消息=无",
    "选项=2",
    "选项含“挂失”",
    "含“挂失”",
    "不含“您好”",
]


@pytest.mark.parametrize("demand", FALSE)
def test_what_does_not_hold_is_found_with_its_line(tmp_path: Path, performance: Performance, demand: str) -> None:
    path = tmp_path / "case.md"
    path.write_text(f"居民：你好\n助手：{demand}", encoding="utf-8")
    [fault] = performance.faults(parse_conversation(path))
    assert fault.startswith("第 1 行")


def test_what_agents_see_and_residents_receive_is_looked_at_too(tmp_path: Path, performance: Performance) -> None:
    path = tmp_path / "case.md"
    path.write_text("居民：你好\n助手：处置=chitchat\n居民收到：含“您好”\n工单：状态=waiting", encoding="utf-8")
    assert [fault.partition("：")[0] for fault in performance.faults(parse_conversation(path))] == [
        "第 3 行",
        "第 4 行",
    ]
