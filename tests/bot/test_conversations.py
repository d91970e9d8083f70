"""The conversations of tests/conversations/, led with the real engine; how they are written: README.md there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.query import FACET_NAMES, Decision
from knowledge.vocabulary import load_vocabulary
from tests.bot.conftest import Say, Turn

FOLDER = Path(__file__).parent.parent / "conversations"
FILES = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
_DEMAND = re.compile(r"(处置|事项|栏目)=(\S+)|(不?含)“([^”]+)”")


class CaseError(ValueError):
    """A conversation that cannot be read; the message names file and line."""


@dataclass(frozen=True)
class Demand:
    """One thing that must hold of a reply: *what* (处置, 事项, 栏目, 含, 不含) and its *value*."""

    what: str
    value: str


@dataclass(frozen=True)
class Exchange:
    """What the resident says on *line*, and what must hold of the reply."""

    line: int
    said: str
    demands: tuple[Demand, ...]


@dataclass(frozen=True)
class Conversation:
    """The exchanges of one file; *problem* says why it is known to go wrong, if it is."""

    exchanges: tuple[Exchange, ...]
    problem: str | None = None


def parse_conversation(path: Path) -> Conversation:
    """Read one file. Raises CaseError for anything that looks like a line of the conversation and is none."""
    exchanges: list[Exchange] = []
    said: tuple[int, str] | None = None
    problem = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        who, colon, rest = line.strip().partition("：")
        if colon and who == "居民" and rest and said is None:
            said = (number, rest)
        elif colon and who == "助手" and said is not None:
            exchanges.append(Exchange(*said, tuple(_demands(rest, f"{path.name}:{number}"))))
            said = None
        elif colon and who == "已知问题":
            problem = rest
        elif re.match(r"\s*(居民|助手)\s*[:：]", line):
            raise CaseError(f"{path.name}:{number}: 居民和助手要一人一句，用全角冒号")
    if said is not None or not exchanges:
        raise CaseError(f"{path.name}: 最后一句居民的话没有助手的回答，或者没有对话")
    return Conversation(tuple(exchanges), problem)


def _demands(text: str, place: str) -> Iterator[Demand]:
    """Yield the demands of an assistant's line. Raises CaseError for what is none, and for unknown names."""
    rest = _DEMAND.sub("", text).strip()
    if rest or not text.strip():
        raise CaseError(f"{place}: 看不懂“{rest}”")
    known = {
        "处置": {decision.value for decision in Decision},
        "栏目": set(FACET_NAMES),
        "事项": {entry.id for entry in load_vocabulary().catalogue} | {f"选项{number}" for number in range(1, 7)},
    }
    for match in _DEMAND.finditer(text):
        demand = Demand(match[1] or match[3], match[2] or match[4])
        unknown = set(re.split("[,/]", demand.value)) - known.get(demand.what, {demand.value})
        if demand.what in known and unknown:
            raise CaseError(f"{place}: 没有这个{demand.what}：{'、'.join(sorted(unknown))}")
        yield demand


def holds(demand: Demand, turn: Turn, offered: list[str]) -> bool:
    """Tell whether *turn* does what is demanded; *offered* are the choices of the last question back."""
    text = "\n".join(message["text"] for message in turn["messages"])
    ids = [item["id"] for item in turn["items"]]
    if demand.what == "处置":
        return bool(turn["decision"] == demand.value)
    if demand.what == "栏目":
        return set(turn["facets"]) == set(demand.value.split(","))
    if demand.what == "事项":
        wanted = [resolve_choice(name, offered) for name in demand.value.split("/")]
        return bool(set(ids if turn["decision"] == "clarify" else ids[:1]) & set(wanted))
    return (demand.value in text) == (demand.what == "含")


def resolve_choice(name: str, offered: list[str]) -> str:
    """Return the item that 选项2 stands for."""
    number = name.removeprefix("选项")
    return offered[int(number) - 1] if number.isdigit() and int(number) <= len(offered) else name


def cases() -> list[object]:
    """Return the files as test cases, known problems marked as such."""
    return [
        pytest.param(path, id=path.stem, marks=[pytest.mark.xfail(strict=True, reason=problem)] if problem else [])
        for path in FILES
        for problem in [parse_conversation(path).problem]
    ]


@pytest.mark.parametrize("path", cases())
def test_the_conversation_goes_as_written(path: Path, say: Say) -> None:
    offered: list[str] = []
    for exchange in parse_conversation(path).exchanges:
        turn = say(exchange.said)
        wrong = [f"{d.what} {d.value}" for d in exchange.demands if not holds(d, turn, offered)]
        shown = {key: turn[key] for key in ("decision", "items", "facets")}
        texts = [message["text"] for message in turn["messages"]]
        assert not wrong, f"{path.name}:{exchange.line} {exchange.said}: {wrong}; {shown}; {texts}"
        if turn["decision"] == "clarify":
            offered = [item["id"] for item in turn["items"]]


BROKEN = [
    ("居民：你好\n助手：处置=hello", "没有这个处置：hello"),
    ("居民：你好\n助手：事项=nothing", "没有这个事项：nothing"),
    ("居民：你好\n助手：栏目=price", "没有这个栏目：price"),
    ("居民：你好\n助手：说点什么", "看不懂“说点什么”"),
    ("居民：你好\n居民：在吗\n助手：处置=chitchat", "一人一句"),
    ("居民:你好\n助手：处置=chitchat", "全角冒号"),
    ("居民：你好", "没有助手的回答"),
    ("# 只有标题", "没有对话"),
]


@pytest.mark.parametrize(("text", "reason"), BROKEN)
def test_a_case_that_is_written_wrongly_is_refused_with_the_reason(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "case.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CaseError, match=reason):
        parse_conversation(path)
