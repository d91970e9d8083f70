"""Conversations as prose files (tests/conversations/): how a file is read. What the lines mean: README.md there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path

from bot.dates.hours import OfficeHours
from bot.desk.ticket import Reason, TicketState
from bot.query import FACET_NAMES, Decision
from bot.records.outcomes import Outcome
from bot.settings import OFFICE_TIME
from knowledge.vocabulary import OpeningSpan, load_vocabulary
from tests.bot.happenings import (
    AgentCloses,
    AgentSays,
    AgentTakes,
    Conversation,
    Demand,
    Happening,
    NewResident,
    OnTicket,
    OthersWait,
    Receives,
    Says,
    SetClock,
    SetHours,
    Wait,
    WriteShort,
)

MOST_CHOICES = 6


class CaseError(ValueError):
    """A conversation that cannot be read; the message names file and line."""


_HOURS = r"\d{2}:\d{2}-\d{2}:\d{2}"
_UNITS = {"分钟": "minutes", "小时": "hours", "天": "days"}
_LINES: tuple[tuple[str, Callable[[re.Match[str]], Happening]], ...] = (
    (r"居民：(.+)", lambda m: Says(m[1])),
    (r"换一位居民", lambda _: NewResident()),
    (r"时间：(\d{4}-\d{2}-\d{2} \d{2}:\d{2})", lambda m: SetClock(_moment(m[1]))),
    (r"过了\s*(\d+)\s*(分钟|小时|天)", lambda m: Wait(timedelta(**{_UNITS[m[2]]: int(m[1])}))),
    (rf"上班时间：({_HOURS}(?:、{_HOURS})*)", lambda m: SetHours(_hours(m[1]))),
    (r"长辈模式", lambda _: WriteShort()),
    (r"前面还有\s*(\d+)\s*位在等", lambda m: OthersWait(int(m[1]))),
    (r"工作人员 (\S+) 接了单", lambda m: AgentTakes(m[1])),
    (r"工作人员 ([^\s：]+)：(.+)", lambda m: AgentSays(m[1], m[2])),
    (r"工作人员 (\S+) 办结", lambda m: AgentCloses(m[1])),
)
_LOOKS_LIKE_ONE = re.compile(
    r"(?:居民|助手|居民收到|工单|时间|上班时间|已知问题)\s*[:：]|工作人员\s|(?:过了|前面还有)\s*\d"
)
_ANSWERED = re.compile(r"(助手|居民收到|工单)：(.*)")

_EQUALS = ("处置", "结果", "事项", "栏目", "消息", "选项", "状态", "原因", "电话")
_DEMAND = re.compile(rf"({'|'.join(_EQUALS)})=(\S+)|((?:选项)?不?含)“([^”]+)”|(无)$")
_DEMANDED_OF: Mapping[str, frozenset[str]] = {
    "助手": frozenset({"处置", "结果", "事项", "栏目", "消息", "选项", "含", "不含", "选项含", "选项不含"}),
    "居民收到": frozenset({"含", "不含", "无"}),
    "工单": frozenset({"状态", "原因", "电话", "含", "不含", "无"}),
}


def parse_conversation(path: Path) -> Conversation:
    """Read one file. Raises CaseError for anything that looks like a line of the conversation and is none."""
    happenings: list[tuple[int, Happening]] = []
    problem = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        place, text = f"{path.name}:{number}", line.strip()
        answered = _ANSWERED.fullmatch(text)
        if answered:
            _add_demands(happenings, number, answered[1], tuple(_demands(answered[1], answered[2], place)), place)
        elif text.startswith("已知问题："):
            problem = text.partition("：")[2]
        elif (happening := _parse_line(text, place)) is not None:
            if _is_unanswered(happenings):
                raise CaseError(f"{place}: 居民和助手要一人一句，用全角冒号")
            happenings.append((number, happening))
    if _is_unanswered(happenings) or not any(isinstance(what, Says) for _, what in happenings):
        raise CaseError(f"{path.name}: 最后一句居民的话没有助手的回答，或者没有对话")
    return Conversation(tuple(happenings), problem)


def _parse_line(text: str, place: str) -> Happening | None:
    for pattern, happening in _LINES:
        if found := re.fullmatch(pattern, text):
            try:
                return happening(found)
            except ValueError as error:
                raise CaseError(f"{place}: 看不懂“{text}”") from error
    if _LOOKS_LIKE_ONE.match(text):
        raise CaseError(f"{place}: 看不懂“{text}”；冒号要用全角冒号")
    return None


def _add_demands(
    happenings: list[tuple[int, Happening]], number: int, of: str, demands: tuple[Demand, ...], place: str
) -> None:
    if of != "助手":
        happenings.append((number, Receives(demands) if of == "居民收到" else OnTicket(demands)))
        return
    if not _is_unanswered(happenings):
        raise CaseError(f"{place}: 居民和助手要一人一句，用全角冒号")
    line, said = happenings[-1]
    assert isinstance(said, Says)
    happenings[-1] = (line, Says(said.text, demands))


def _is_unanswered(happenings: list[tuple[int, Happening]]) -> bool:
    return bool(happenings) and isinstance(happenings[-1][1], Says) and not happenings[-1][1].demands


def _demands(of: str, text: str, place: str) -> Iterator[Demand]:
    """Yield the demands of a line. Raises CaseError for what is none there, and for unknown names."""
    rest = _DEMAND.sub("", text).strip()
    if rest or not text.strip():
        raise CaseError(f"{place}: 看不懂“{rest}”")
    for match in _DEMAND.finditer(text):
        demand = Demand(match[1] or match[3] or match[5], match[2] or match[4] or "")
        if demand.what not in _DEMANDED_OF[of]:
            raise CaseError(f"{place}: “{of}”后面不能写“{demand.what}”")
        known = _known_values().get(demand.what)
        unknown = set(re.split("[,/]", demand.value)) - known if known else set[str]()
        if unknown:
            raise CaseError(f"{place}: 没有这个{demand.what}：{'、'.join(sorted(unknown))}")
        yield demand


@cache
def _known_values() -> Mapping[str, frozenset[str]]:
    numbers = range(1, MOST_CHOICES + 1)
    items = {entry.id for entry in load_vocabulary().catalogue}
    return {
        "处置": frozenset(decision.value for decision in Decision),
        "结果": frozenset(outcome.value for outcome in Outcome),
        "栏目": frozenset(FACET_NAMES),
        "事项": frozenset(items | {f"选项{number}" for number in numbers}),
        "消息": frozenset({"无"}),
        "选项": frozenset({"无", *map(str, numbers)}),
        "状态": frozenset(state.value for state in TicketState),
        "原因": frozenset(reason.value for reason in Reason),
    }


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OFFICE_TIME)


def _hours(text: str) -> OfficeHours:
    spans = [span.split("-") for span in text.split("、")]
    return OfficeHours(
        tuple(OpeningSpan(time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in spans)
    )
