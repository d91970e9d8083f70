"""The loose text boxes at the guide's end (lines 3316–4735): where each begins, what it says, what charts they make.

Which item a chart belongs to is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import combinations, product

from knowledge.model import SourceLines
from knowledge.reading.sections import ContentLine, squash
from knowledge.values import TimeLimit
from knowledge.values.time_limits import parse_time_limits

_PARAGRAPH_GAP = 3
"""Paragraphs of one box stand three lines apart (3340, 3343), two boxes at least six (3343, 3349)."""

_TIME = r"即时办结|即办办结|即时|及时|当场|\d+个?工作日|\d+个自然日"
_DURATION = re.compile(
    rf"[（(]((?:{_TIME})内?(?:[，,]不计入办结时限)?|[^（）()]*：[^（）()]*；[^（）()]*：[^（）()]*)[）)]"
)
_SAID_IN_WORDS = re.compile(r"[，,]?(?:即时办结|即时)?[，,]?$")
"""A name can say its time once more: "初审材料，即时办结（当场）" (4342), "银行网点流转，（10个工作日）" (4543)."""

_TOPICS = re.compile(r"失业保险|失业补助金|工伤|职业年金|转移接续|特殊工种|欠费|制卡|领(?=卡)|激活|挂失|查询")
"""What a box can be about; the title of its item or of its column must be about it too."""

_EXCLUDED = (
    (re.compile("免申"), re.compile("接收申报|申报材料")),
    (re.compile("线上"), re.compile("村级|乡镇|窗口|现场")),
    (re.compile("线下|现场"), re.compile("手机|网报|网办")),
)
"""Variants, and the words of a box that cannot stand in their chart: who need not apply hands nothing in."""

_ORDINAL = re.compile(r"^\s*(?:\d+[.、．]|方式[一二三四])\s*")


class Stage(IntEnum):
    """What kind of step a box is, in the order that the words themselves and the guide's charts in place keep."""

    TAKE_IN = 0
    EXAMINE = 1
    ASSESS = 2
    RECHECK = 3
    PUBLISH = 4
    DECIDE = 5
    COLLECT = 6
    HAND_OVER = 7


_STAGES: tuple[tuple[Stage, re.Pattern[str]], ...] = (
    (Stage.HAND_OVER, re.compile(r"反馈|领取|领卡")),
    (Stage.TAKE_IN, re.compile(r"^接收|受理|^通过.*(?:申报|提交)|^参保单位申请|^申请制卡|^查询$|^筛选")),
    (Stage.PUBLISH, re.compile(r"公示")),
    (Stage.DECIDE, re.compile(r"审批|联审|书面决定")),
    (Stage.COLLECT, re.compile(r"征收")),
    (Stage.EXAMINE, re.compile(r"条件核准")),
    (Stage.ASSESS, re.compile(r"(?:待遇|权益)(?:初审|核定)")),
    (Stage.EXAMINE, re.compile(r"初审|初步审核|审核|核实")),
    (Stage.RECHECK, re.compile(r"复核")),
)


@dataclass(frozen=True)
class Box:
    """One text box (文本框): its lines, and what they say.

    *amounts* are the working days it states, several where it contradicts itself (3742), none where it is silent;
    *branches* are set instead where it states one time for each kind of applicant (3910).
    """

    lines: tuple[ContentLine, ...]
    name: str
    stage: Stage | None
    duration: str | None
    amounts: tuple[int, ...]
    branches: tuple[tuple[str | None, TimeLimit], ...] = ()
    in_calendar_days: bool = False

    @property
    def text(self) -> str:
        """The box's own words, one paragraph a line."""
        return "\n".join(line.text.strip() for line in self.lines)

    @property
    def source(self) -> SourceLines:
        """Where it stands."""
        return SourceLines(self.lines[0].number, self.lines[-1].number)

    @property
    def is_silent(self) -> bool:
        """Neither a stage nor a time: a column's title (4471), or a step that says too little (4090)."""
        return self.stage is None and self.duration is None

    @property
    def contradicts_itself(self) -> bool:
        """Whether it states more than one time (3742), be it one that does not count."""
        numbers = re.findall(r"\d+", self.duration or "")
        return len(self.amounts) > 1 or (not self.branches and len(set(numbers)) > 1)

    @property
    def is_first_review(self) -> bool:
        """Whether it is a 初审 that must have its 复核 in another box."""
        return "初审" in self.name and "复核" not in self.name

    @property
    def is_second_review(self) -> bool:
        """Whether it is a 复核 that must have its 初审 in another box."""
        return "复核" in self.name and "初审" not in self.name

    @property
    def says(self) -> tuple[str, tuple[int, ...], str]:
        """Return what two boxes must share to be interchangeable: name and days, however the days are worded."""
        beyond = re.match(r"\d+", self.duration) if self.duration and "不计入" in self.duration else None
        return self.name, self.amounts, beyond.group() if beyond else ""


def cut_boxes(tail: Sequence[ContentLine]) -> tuple[Box, ...]:
    """Cut the tail into boxes at its wide gaps; every line is in exactly one of them."""
    groups: list[list[ContentLine]] = []
    for line in tail:
        if groups and line.number - groups[-1][-1].number <= _PARAGRAPH_GAP:
            groups[-1].append(line)
        else:
            groups.append([line])
    return tuple(parse_box_lines(group) for group in groups)


def parse_box_lines(lines: Sequence[ContentLine]) -> Box:
    """Read the paragraphs of one box."""
    text = _undouble([squash(line.text) for line in lines])
    durations = list(dict.fromkeys(match.group(1) for match in _DURATION.finditer(text)))
    name = _SAID_IN_WORDS.sub("", _balanced(_DURATION.sub("", text)))
    branches = _branches(durations)
    times = [] if branches else [*durations, *re.findall(r"\d+个?工作日", name)]
    return Box(
        lines=tuple(lines),
        name=name,
        stage=next((stage for stage, pattern in _STAGES if pattern.search(name)), None),
        duration="、".join(durations) or None,
        amounts=tuple(dict.fromkeys(map(_workdays, times))),
        branches=branches,
        in_calendar_days=any("自然日" in duration for duration in durations),
    )


def _undouble(paragraphs: list[str]) -> str:
    """Join the paragraphs, once where the box holds them all twice (4294–4303)."""
    half = len(paragraphs) // 2
    twice = half > 0 and paragraphs == paragraphs[:half] * 2
    return "".join(paragraphs[:half] if twice else paragraphs)


def _balanced(name: str) -> str:
    """Drop a closing parenthesis that nothing opened (3838)."""
    return name.rstrip("）") if name.count("）") > name.count("（") else name


def _workdays(duration: str) -> int:
    """Return the working days that count towards the time limit."""
    amount = re.match(r"\d+", duration)
    return int(amount.group()) if amount and "不计入" not in duration else 0


def _branches(durations: Sequence[str]) -> tuple[tuple[str | None, TimeLimit], ...]:
    """Return the time of each branch where the box's one duration lists several."""
    if len(durations) != 1 or "：" not in durations[0]:
        return ()
    return tuple((part.branch, part.limit) for part in parse_time_limits(durations[0], ()))


@dataclass(frozen=True)
class Slot:
    """A chart that an item lacks: for which variant, and the working days it must add up to (None: no such number)."""

    variant: str | None
    days: int | None


@dataclass(frozen=True)
class Vacancy:
    """What an item lacks: its slots, and all its time limits by branch.

    *in_columns* are slots whose titles stand side by side in one line of text (line 110): the charts under them
    were drawn alike, so they were torn off together or not at all.
    """

    slots: tuple[Slot, ...]
    limits: frozenset[tuple[str | None, TimeLimit]]
    in_columns: bool = False

    @property
    def chart_counts(self) -> range:
        """How many charts of it can be in the tail."""
        return range(len(self.slots) if self.in_columns else 1, len(self.slots) + 1)


@dataclass(frozen=True)
class Chart:
    """Boxes as the chart of a variant, in the order of their stages."""

    variant: str | None
    boxes: tuple[Box, ...]
    days: int | None

    @property
    def total(self) -> str:
        """What its times add up to, for a clerk."""
        if self.days is None:
            return "分情形的时长"
        return f"{self.days}个工作日" if self.days else "即时"

    @property
    def proof(self) -> str:
        """What of it agrees with the item."""
        return "limit of each branch" if self.days is None else f"sum {self.days} workdays"

    @property
    def spread(self) -> int:
        """Over how many lines of the tail its boxes lie."""
        numbers = [box.lines[0].number for box in self.boxes]
        return max(numbers) - min(numbers)

    @property
    def is_ordered(self) -> bool:
        """Whether each box is of a stage of its own, so that their order is known."""
        stages = [box.stage for box in self.boxes]
        return None not in stages and len(set(stages)) == len(stages)


Says = frozenset[tuple[str | None, tuple[tuple[str, tuple[int, ...], str], ...]]]
"""What charts tell a resident: for each variant, its boxes."""


@dataclass(frozen=True)
class Reading:
    """One way to read a block: its charts, the column titles among its boxes, and what stays doubtful in it."""

    charts: tuple[Chart, ...]
    titles: tuple[Box, ...]
    doubt: str | None

    @property
    def says(self) -> Says:
        """Return what two readings must share to tell a resident the same."""
        return frozenset((chart.variant, tuple(sorted(box.says for box in chart.boxes))) for chart in self.charts)


def same_title(one: str, other: str) -> bool:
    """Tell whether two titles name the same: one is the other with words left out ("单位批量激活", line 4510)."""
    short, long = sorted((_ORDINAL.sub("", one), _ORDINAL.sub("", other)), key=len)
    rest = iter(long)
    return bool(short) and all(char in rest for char in short)


class Stretch:
    """Boxes that stand together, with what can be told of them before any item is known."""

    def __init__(self, boxes: Sequence[Box]) -> None:
        self.boxes = boxes
        self.told = [box for box in boxes if not box.is_silent]
        self.silent = [box for box in boxes if box.is_silent]
        self.charts = sum(box.stage is Stage.TAKE_IN for box in boxes)
        self.is_whole = (
            self.charts > 0
            and self.charts == sum(box.stage is Stage.HAND_OVER for box in boxes)
            and not any(box.in_calendar_days for box in boxes)
            and not boxes[0].is_silent
        )
        self.least_days = sum(map(_least, boxes))
        self.most_days = sum(max(box.amounts, default=0) for box in boxes)
        self.topics = {topic for box in boxes for topic in _TOPICS.findall(box.name)}

    def is_about(self, title: str, vacancy: Vacancy) -> bool:
        """Tell whether the item's *title* or its variants name each matter that the boxes name."""
        return all(
            topic in title or any(topic in (slot.variant or "") for slot in vacancy.slots) for topic in self.topics
        )

    def read(self, vacancy: Vacancy) -> tuple[Reading, ...]:
        """Return every way in which these boxes, all of them, are charts that the item lacks.

        Of ways that say the same, the one counts whose charts lie closest together.
        """
        if self.charts not in vacancy.chart_counts:
            return ()
        titles = [box for box in self.silent if _is_title(box, vacancy)]
        if self.boxes[-1].is_silent and self.boxes[-1] not in titles:
            return ()
        strays = [box for box in self.silent if box not in titles]
        found: dict[Says, tuple[int, Reading]] = {}
        for charts in self._charts(vacancy):
            complete = len(charts) == len(vacancy.slots) or charts[0].days is None
            reading = Reading(charts, tuple(titles), _doubt(charts, strays, complete=complete))
            spread = sum(chart.spread for chart in charts)
            if reading.says not in found or spread < found[reading.says][0]:
                found[reading.says] = (spread, reading)
        return tuple(reading for _, reading in found.values())

    def _charts(self, vacancy: Vacancy) -> Iterator[tuple[Chart, ...]]:
        if any(box.branches for box in self.told):
            chart = _chart(self.told, Slot(None, None))
            if chart and self.charts == 1 and self._states_all_limits(vacancy):
                yield (chart,)
            return
        for slots in combinations(vacancy.slots, self.charts):
            days = [slot.days for slot in slots if slot.days is not None]
            if len(days) < len(slots) or not self.least_days <= sum(days) <= self.most_days:
                continue
            for hands in _deals(self.told, slots, [[] for _ in slots]):
                charts = [_chart(hand, slot) for hand, slot in zip(hands, slots, strict=True)]
                whole = tuple(chart for chart in charts if chart)
                if len(whole) == len(charts):
                    yield whole

    def _states_all_limits(self, vacancy: Vacancy) -> bool:
        """Tell whether one box lists the limits of all branches, as the item does, and the others take no time."""
        stating = [box for box in self.told if box.branches]
        return len(stating) == 1 and frozenset(stating[0].branches) == vacancy.limits and not self.least_days


def _is_title(box: Box, vacancy: Vacancy) -> bool:
    """Tell whether a silent box is the title of one variant's column."""
    return sum(slot.variant is not None and same_title(box.name, slot.variant) for slot in vacancy.slots) == 1


def _least(box: Box) -> int:
    return min(box.amounts, default=0)


def _deals(told: Sequence[Box], slots: Sequence[Slot], hands: list[list[Box]]) -> Iterator[tuple[list[Box], ...]]:
    """Yield the ways to deal the boxes out to the slots that overrun no slot's days and repeat no box in a chart."""
    if not told:
        yield tuple(list(hand) for hand in hands)
        return
    for slot, hand in zip(slots, hands, strict=True):
        if _may_join(told[0], hand, slot):
            hand.append(told[0])
            yield from _deals(told[1:], slots, hands)
            hand.pop()


def _may_join(box: Box, hand: Sequence[Box], slot: Slot) -> bool:
    if any(other.name == box.name for other in hand):
        return False
    if box.stage in (Stage.TAKE_IN, Stage.HAND_OVER) and any(other.stage is box.stage for other in hand):
        return False
    if any(variant.search(slot.variant or "") and words.search(box.name) for variant, words in _EXCLUDED):
        return False
    return sum(map(_least, hand)) + _least(box) <= (slot.days or 0)


def _chart(boxes: Sequence[Box], slot: Slot) -> Chart | None:
    """Return *boxes* as the chart of *slot*, or None where they are not a whole one or its days do not come out."""
    stages = [box.stage for box in boxes]
    if Stage.TAKE_IN not in stages or Stage.HAND_OVER not in stages:
        return None
    if any(box.is_first_review for box in boxes) != any(box.is_second_review for box in boxes):
        return None
    if any(box.name == "审核" for box in boxes) and any(box.is_first_review for box in boxes):
        return None
    if len(boxes) == 2 and slot.days == 0 and all(box.name != "查询" for box in boxes):
        return None  # taken in and handed back at once with nothing between: a box is missing
    sums = {sum(amounts) for amounts in product(*(box.amounts or (0,) for box in boxes))}
    if slot.days is not None and slot.days not in sums:
        return None
    ordered = sorted(boxes, key=lambda box: Stage.DECIDE if box.stage is None else box.stage)
    return Chart(slot.variant, tuple(ordered), slot.days)


def _doubt(charts: Sequence[Chart], strays: Sequence[Box], *, complete: bool) -> str | None:
    """Return what keeps the charts from being shown although they fit, or None."""
    unsure = [box for chart in charts for box in chart.boxes if box.contradicts_itself]
    if unsure:
        return f"“{unsure[0].name}”写了互相矛盾的时长（{unsure[0].duration}）"
    if strays:
        return f"“{strays[0].name}”属于哪一种情形、排在哪一步未能证明"
    if not complete:
        return "不是每一种情形都有对得上的图"
    if not all(chart.is_ordered for chart in charts):
        return "各步的先后未能证明"
    return None
