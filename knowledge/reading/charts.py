"""Flow charts torn off to the guide's end (lines 3316–4735): given back to an item only where that is proved.

Here is the search over all ways to share the boxes out among the items, and the verdict; docs/flow-charts.md says
why it is a proof. What the boxes say and which charts they make is read in boxes.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from knowledge.model import Facet, Fact, ServiceItem
from knowledge.reading.boxes import Box, Reading, Slot, Stage, Stretch, Vacancy, cut_boxes, same_title
from knowledge.reading.sections import ContentLine
from knowledge.values import Heading, Step, TimeLimit

_LONGEST_BLOCK = 12
"""The longest process in the guide has two charts with eleven boxes between them (4069–4150)."""

_LOST_BOX, _BESIDE_PICTURE = 1000, 1
"""A box without an item is worse than any number of charts for items whose chart is a picture already."""


@dataclass(frozen=True)
class ChartProof:
    """What the tail gave back: steps by item id, and every other line with the reason why it was left out."""

    steps: Mapping[str, tuple[Fact, ...]]
    unproved: tuple[tuple[ContentLine, str], ...]


@dataclass(frozen=True)
class _Block:
    """Boxes from *start* up to *end* (not included), read as the charts of the item at *place*."""

    place: int
    start: int
    end: int
    cost: int
    readings: tuple[Reading, ...]


def prove_charts(items: Sequence[ServiceItem], tail: Sequence[ContentLine], pictured: Collection[str]) -> ChartProof:
    """Give each chart of *tail* back to its item where no admissible sharing-out says otherwise.

    *items* stand in the guide's order; *pictured* are the ids of those whose process section shows a picture.
    Each line of *tail* is in exactly one of the two parts of the result.
    """
    boxes = cut_boxes(tail)
    search = _Search(len(items), len(boxes), list(_blocks(items, boxes, pictured)))
    path = search.best_path()
    torn = _beside_fragments(path, boxes)
    steps: dict[str, tuple[Fact, ...]] = {}
    doubts: dict[int, str] = {}
    for block in path:
        item = items[block.place]
        doubt = _shown_otherwise(item, pictured) or search.doubt(block)
        if doubt is None and block.place in torn:
            doubt = "旁边有不成图的碎片，图的起止未能证明"
        if doubt is None:
            among = " among items without a picture" if search.leans_on_pictures(block) else ""
            steps[item.id] = _facts(block.readings[0], f"unique in order{among}")
        doubts.update(dict.fromkeys(range(block.start, block.end), doubt or ""))
    unproved = [
        (line, _reason([items[claim.place].title for claim in search.claims(index)], _sums(index, path), doubt))
        for index, box in enumerate(boxes)
        for doubt in [doubts.get(index)]
        if doubt != ""
        for line in box.lines
    ]
    return ChartProof(steps, tuple(unproved))


def _shown_otherwise(item: ServiceItem, pictured: Collection[str]) -> str | None:
    """Tell why an item that fits gets nothing all the same: it shows its process already, as a picture or in place."""
    if item.id in pictured:
        return "该事项的流程已经是图片"
    if any(isinstance(fact.value, Step) for fact in item.facts_on(Facet.PROCESS)):
        return "该事项的流程已经写在事项里"
    return None


def _beside_fragments(path: Sequence[_Block], boxes: Sequence[Box]) -> set[int]:
    """Return the places of blocks that touch lost boxes which are no chart, be it through other blocks.

    Where one chart is torn, all charts up to the next clean gap may have been cut one box too early or too late.
    """
    chains: list[list[_Block]] = []
    for block in path:
        if chains and chains[-1][-1].end == block.start:
            chains[-1].append(block)
        else:
            chains.append([block])
    ends = [0, *(chain[-1].end for chain in chains)]
    starts = [*(chain[0].start for chain in chains), len(boxes)]
    torn = [_is_fragment(boxes[end:start]) for end, start in zip(ends, starts, strict=True)]
    return {block.place for chain, sides in zip(chains, pairwise(torn), strict=True) if any(sides) for block in chain}


def _is_fragment(lost: Sequence[Box]) -> bool:
    stages = {box.stage for box in lost}
    return bool(lost) and not {Stage.TAKE_IN, Stage.HAND_OVER} <= stages


def _blocks(items: Sequence[ServiceItem], boxes: Sequence[Box], pictured: Collection[str]) -> Iterator[_Block]:
    """Yield each stretch of boxes that can be the charts of an item, with all the ways to read it."""
    lacking: dict[Vacancy, list[tuple[int, ServiceItem]]] = {}
    for place, item in enumerate(items):
        lacking.setdefault(find_vacancy(item), []).append((place, item))
    for start in range(len(boxes)):
        for end in range(start + 1, min(start + _LONGEST_BLOCK, len(boxes)) + 1):
            stretch = Stretch(boxes[start:end])
            for vacancy, takers in lacking.items() if stretch.is_whole else ():
                readings = stretch.read(vacancy)
                for place, item in takers if readings else ():
                    if stretch.is_about(item.title, vacancy):
                        price = _BESIDE_PICTURE if item.id in pictured else 0
                        yield _Block(place, start, end, price, readings)


def find_vacancy(item: ServiceItem) -> Vacancy:
    """Return the charts that *item* lacks: for each column title of its process, else for each of its time limits."""
    limits = [
        (fact.applies_to[-1] if fact.applies_to else None, fact.value)
        for fact in item.facts_on(Facet.TIME_LIMIT)
        if isinstance(fact.value, TimeLimit)
    ]
    headings = [fact for fact in item.facts_on(Facet.PROCESS) if isinstance(fact.value, Heading)]
    drawn = {fact.value.variant for fact in item.facts_on(Facet.PROCESS) if isinstance(fact.value, Step)}
    titled = _titled_slots([fact.text.replace("\n", "") for fact in headings], limits)
    slots = titled or [Slot(branch, _days(limit)) for branch, limit in limits]
    missing = tuple(slot for slot in slots if not _is_drawn(slot, drawn))
    side_by_side = len({fact.lines.first for fact in headings}) == 1
    return Vacancy(missing, frozenset(limits), bool(titled) and side_by_side)


def _titled_slots(headings: Sequence[str], limits: Sequence[tuple[str | None, TimeLimit]]) -> list[Slot]:
    """Match column titles to the branches of the time limit; a limit without branches holds for all of them."""
    if len(limits) not in (1, len(headings)):
        return []
    slots = []
    for heading in headings:
        fitting = [limit for branch, limit in limits if branch is None or same_title(heading, branch)]
        if len(fitting) != 1:
            return []
        slots.append(Slot(heading, _days(fitting[0])))
    return slots


def _is_drawn(slot: Slot, drawn: set[str | None]) -> bool:
    return any(variant is None or slot.variant is None or same_title(variant, slot.variant) for variant in drawn)


def _days(limit: TimeLimit) -> int | None:
    if limit.immediate:
        return 0
    return limit.amount if limit.unit == "workday" else None


class _Search:
    """All ways to share the boxes out: in order, each item one block or none, boxes in no block lost at a price.

    Costs from both ends tell for each block the cost of the best way that uses it, so that every way is weighed
    without being listed.
    """

    def __init__(self, places: int, boxes: int, blocks: Sequence[_Block]) -> None:
        self._boxes = boxes
        self._by_place: list[list[_Block]] = [[] for _ in range(places)]
        for block in blocks:
            self._by_place[block.place].append(block)
        self._before = [[index * _LOST_BOX for index in range(boxes + 1)]]
        for place in range(places):
            self._before.append(self._forward(self._before[-1], self._by_place[place]))
        self._after = [[(boxes - index) * _LOST_BOX for index in range(boxes + 1)]]
        for place in reversed(range(places)):
            self._after.append(self._backward(self._after[-1], self._by_place[place]))
        self._after.reverse()
        self._best = self._after[0][0]
        self._claims = [block for block in blocks if self._cost(block) == self._best]

    def _forward(self, costs: list[int], blocks: Sequence[_Block]) -> list[int]:
        row = list(costs)
        for block in blocks:
            row[block.end] = min(row[block.end], costs[block.start] + block.cost)
        for index in range(self._boxes):
            row[index + 1] = min(row[index + 1], row[index] + _LOST_BOX)
        return row

    def _backward(self, costs: list[int], blocks: Sequence[_Block]) -> list[int]:
        row = list(costs)
        for block in blocks:
            row[block.start] = min(row[block.start], costs[block.end] + block.cost)
        for index in reversed(range(self._boxes)):
            row[index] = min(row[index], row[index + 1] + _LOST_BOX)
        return row

    def _cost(self, block: _Block) -> int:
        return self._before[block.place][block.start] + block.cost + self._after[block.place + 1][block.end]

    def _has_rival(self, block: _Block, slack: int) -> bool:
        """Tell whether a way within *slack* of the best gives the item of *block* another chart, or none."""
        worst = self._best + slack
        rivals = (rival for rival in self._by_place[block.place] if self._cost(rival) <= worst)
        without = zip(self._before[block.place], self._after[block.place + 1], strict=True)
        says = block.readings[0].says
        return any(reading.says != says for rival in rivals for reading in rival.readings) or any(
            before + after <= worst for before, after in without
        )

    def best_path(self) -> list[_Block]:
        """Return the blocks of one best way, always the same one."""
        path: list[_Block] = []
        index = 0
        for blocks in self._by_place:
            usable = [block for block in blocks if block.start >= index and self._follows(block, path, index)]
            if usable:
                path.append(usable[0])
                index = usable[0].end
        return path

    def _follows(self, block: _Block, path: Sequence[_Block], index: int) -> bool:
        """Tell whether a best way goes on from *path* at box *index* with *block*."""
        done = self._path_cost(path) + (block.start - index) * _LOST_BOX + block.cost
        return done + self._after[block.place + 1][block.end] == self._best

    @staticmethod
    def _path_cost(path: Sequence[_Block]) -> int:
        gaps = sum(later.start - earlier.end for earlier, later in pairwise(path))
        return sum(block.cost for block in path) + _LOST_BOX * (gaps + (path[0].start if path else 0))

    def claims(self, index: int) -> list[_Block]:
        """Return the blocks of best ways that box *index* is in, one for each item."""
        found = {block.place: block for block in self._claims if block.start <= index < block.end}
        return [found[place] for place in sorted(found)]

    def doubt(self, block: _Block) -> str | None:
        """Return why the item of *block* does not get its charts back, or None where that is proved."""
        if block.readings[0].doubt:
            return block.readings[0].doubt
        if len(block.readings) > 1:
            return "哪些框属于哪一种情形未能证明"
        return "图和事项另有别的对法" if self._has_rival(block, 0) else None

    def leans_on_pictures(self, block: _Block) -> bool:
        """Tell whether a rival of a proved block is beaten only by the rule that a picture is the item's chart."""
        return self._has_rival(block, _LOST_BOX - 1)


def _facts(reading: Reading, verdict: str) -> tuple[Fact, ...]:
    """Return the steps of each chart in turn, and the column titles that stood among the boxes."""
    titles = tuple(Fact(Facet.PROCESS, box.text, box.source, (), Heading()) for box in reading.titles)
    steps = tuple(
        Fact(
            Facet.PROCESS, box.text, box.source, (chart.variant,) if chart.variant else (),
            Step(number, box.name, chart.variant, box.duration, f"proof: {chart.proof}, {verdict}"),
        )
        for chart in reading.charts
        for number, box in enumerate(chart.boxes, 1)
    )  # fmt: skip
    return titles + steps


def _sums(index: int, chosen: Collection[_Block]) -> str:
    """Return what the times of the chart around box *index* add up to, in words."""
    for block in chosen:
        if block.start <= index < block.end:
            return "、".join(dict.fromkeys(chart.total for chart in block.readings[0].charts))
    return ""


def _reason(titles: Sequence[str], sums: str, doubt: str | None) -> str:
    if not titles:
        return "流程图碎片：所在的图与顺序相合的事项的时限都对不上，未能证明属于哪个事项"
    names = "、".join(f"“{title}”" for title in titles)
    total = f"合计{sums}，" if sums else ""
    if len(titles) > 1:
        return f"流程图碎片：{total}可能属于{names}，未能证明"
    return f"流程图碎片：{total}与{names}的时限相合，但{doubt or '图和事项另有别的对法'}，未收录"
