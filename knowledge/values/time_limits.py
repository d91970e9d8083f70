"""Time limits (办理时限): what the office promises, split by channel, applicant and matter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Unit = Literal["workday", "day"]

_AMOUNT = re.compile(r"(\d+)\s*(个工作日|工作日|个自然日|日|天)")
# "逐步实现“立等可取”" (line 3079) is a hope, not a promise, so that wording is not here.
_IMMEDIATE = re.compile(r"即时办结|即时办理|当场办结|即办|即时")
_NOTHING = re.compile(r"(?:：|:|^)\s*无\s*$")
_PARENTHESES = re.compile(r"（[^（）]*）|\([^()]*\)")


@dataclass(frozen=True)
class TimeLimit:
    """How long the office takes: at once, or *amount* working or calendar days; all empty means none is set."""

    immediate: bool
    amount: int | None = None
    unit: Unit | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form."""
        return {"immediate": self.immediate, "amount": self.amount, "unit": self.unit}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> TimeLimit:
        """Inverse of as_json."""
        return cls(data["immediate"], data["amount"], data["unit"])


@dataclass(frozen=True)
class TimeLimitPart:
    """A stretch of a time-limit line with one promise and the branch it holds for, if it names one."""

    text: str
    branch: str | None
    limit: TimeLimit


def parse_time_limits(text: str, starts: Sequence[str]) -> list[TimeLimitPart]:
    """Split a time-limit text into parts with one promise each; their texts joined are *text*.

    *starts* are patterns of phrases that tell when the clock starts ("受理次月1日起"), not for whom.
    A text without a promise gives an empty list.
    """
    parts: list[TimeLimitPart] = []
    waiting = ""
    for clause in _clauses(text):
        limit = _parse_limit(clause)
        if limit is not None:
            stretch = waiting + clause
            parts.append(TimeLimitPart(stretch, _branch(stretch, starts), limit))
            waiting = ""
        elif parts and not waiting and not _is_opening(clause):
            last = parts.pop()
            parts.append(TimeLimitPart(last.text + clause, last.branch, last.limit))
        else:
            waiting += clause
    if waiting and parts:
        last = parts.pop()
        parts.append(TimeLimitPart(last.text + waiting, last.branch, last.limit))
    return parts


def _clauses(text: str) -> Iterator[str]:
    """Cut *text* behind each comma or semicolon outside parentheses."""
    depth, begin = 0, 0
    for index, char in enumerate(text):
        depth += (char in "（(") - (char in "）)")
        if char in "；;，," and depth == 0:
            yield text[begin : index + 1]
            begin = index + 1
    if begin < len(text):
        yield text[begin:]


def _is_opening(clause: str) -> bool:
    """Tell whether *clause* opens the next promise: "个人办理，", "涉及职业年金的，" rather than closes one."""
    return clause.rstrip("，, ").endswith(("办理", "的", "人员", "单位"))


def _parse_limit(clause: str) -> TimeLimit | None:
    bare = _PARENTHESES.sub("", clause)
    amounts = _AMOUNT.findall(re.sub(r"\d+月\d+日", "", bare))
    if amounts:
        number, unit = amounts[-1]
        return TimeLimit(immediate=False, amount=int(number), unit="workday" if "工作" in unit else "day")
    if _IMMEDIATE.search(bare):
        return TimeLimit(immediate=True)
    if _NOTHING.search(bare.strip("；;，,。 ")):
        return TimeLimit(immediate=False)
    return None


def _branch(stretch: str, starts: Sequence[str]) -> str | None:
    """Return for whom or what the promise holds: the words before its duration, less the start of the clock."""
    bare = _PARENTHESES.sub("", stretch)
    head = re.split(r"[：:]", bare, maxsplit=1)
    if len(head) == 2:
        return head[0].strip() or None
    end = min((m.start() for m in (_AMOUNT.search(_without_dates(bare)), _IMMEDIATE.search(bare)) if m), default=0)
    branch = bare[:end]
    for start in starts:
        branch = re.sub(start, "", branch)
    branch = re.split(r"[，,]", branch)[0]
    return branch.strip(" ，,：:") or None


def _without_dates(text: str) -> str:
    """Blank out dates ("1月1日") so that their 日 is not taken for an amount, keeping every position."""
    return re.sub(r"\d+月\d+日", lambda m: "〇" * len(m.group()), text)
