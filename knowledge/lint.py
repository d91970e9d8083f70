"""What is doubtful in the guide itself: each doubt with its line, item, what it is and why, for a clerk to act on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from knowledge.model import Facet, Fact, KnowledgeBase, ServiceItem
from knowledge.reading.outline import parse_outline
from knowledge.reading.sections import cut_sections
from knowledge.reading.source import GuideText
from knowledge.values import Heading, Material, Phone, Step, TimeLimit
from knowledge.values.steps import workdays
from knowledge.vocabulary import Vocabulary

_COMMON_PHONE = 5
"""A number given this often is taken to be right when another differs from it in one digit."""


@dataclass(frozen=True, order=True)
class Doubt:
    """Something to look at: the guide's line, the item's title or '', what, and why."""

    line: int
    item: str
    what: str
    why: str


def find_doubts(base: KnowledgeBase, text: GuideText, vocabulary: Vocabulary, today: date) -> list[Doubt]:
    """Return all doubts in the order of their lines."""
    doubts = [
        *_left_out(base),
        *_phones(base),
        *_missing(base, vocabulary),
        *_expired(base, today),
        *_durations(base),
        *_conflicts(base),
        *_wording(base, text, vocabulary),
        *_numbering(text, vocabulary),
        *_unread(base, vocabulary),
    ]
    return sorted(set(doubts))


def _left_out(base: KnowledgeBase) -> Iterator[Doubt]:
    for line in base.left_out:
        item = base.by_id.get(line.item_id or "")
        yield Doubt(line.line, item.title if item else "", "未收录", f"{line.reason}：{line.text[:40]}")


def _phones(base: KnowledgeBase) -> Iterator[Doubt]:
    found = [
        (item, fact, fact.value.number)
        for item in base
        for fact in item.facts_on(Facet.PHONE)
        if isinstance(fact.value, Phone)
    ]
    counts = Counter(number for _, _, number in found)
    for item, fact, number in found:
        for other, count in counts.items():
            if counts[number] < _COMMON_PHONE <= count and _differ_in_one(number, other):
                why = f"{number} 只出现 {counts[number]} 次，与出现 {count} 次的 {other} 只差一个数字"
                yield Doubt(fact.lines.first, item.title, "电话可疑", why)


def _differ_in_one(one: str, other: str) -> bool:
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1


def _missing(base: KnowledgeBase, vocabulary: Vocabulary) -> Iterator[Doubt]:
    for item in base:
        labelled = {section.facet: section.line for section in item.sections}
        for facet in Facet:
            label = vocabulary.label_of_facet(facet)
            stated = [fact for fact in item.facts_on(facet) if not isinstance(fact.value, Heading)]
            if stated:
                continue
            line = labelled.get(facet)
            why = "栏目下没有文字内容（可能只有图片）" if line else "指南没有写这个栏目"
            yield Doubt(line or item.title_lines.first, item.title, f"缺少{label}", why)


def _expired(base: KnowledgeBase, today: date) -> Iterator[Doubt]:
    for item in base:
        for fact in item.facts:
            if fact.validity and fact.validity.valid_to and fact.validity.valid_to < today:
                yield Doubt(
                    fact.lines.first,
                    item.title,
                    "政策已过期",
                    f"写明到 {fact.validity.valid_to.isoformat()} 为止",
                )


def _durations(base: KnowledgeBase) -> Iterator[Doubt]:
    for item in base:
        limits = {
            0 if fact.value.immediate else fact.value.amount
            for fact in item.facts_on(Facet.TIME_LIMIT)
            if isinstance(fact.value, TimeLimit)
        }
        variants: dict[str | None, list[tuple[int, int | None]]] = {}
        for fact in item.facts_on(Facet.PROCESS):
            if isinstance(fact.value, Step):
                variants.setdefault(fact.value.variant, []).append((fact.lines.first, workdays(fact.value.duration)))
        for variant, steps in variants.items():
            known = [days for _, days in steps if days is not None]
            if len(known) == len(steps) and sum(known) not in limits:
                name = f"“{variant}”" if variant else ""
                yield Doubt(
                    steps[0][0],
                    item.title,
                    "流程时长与时限不符",
                    f"流程{name}各步合计 {sum(known)} 个工作日，时限里没有这个数",
                )


def _conflicts(base: KnowledgeBase) -> Iterator[Doubt]:
    for item in base:
        yield from _online_conflict(item)
        seen: dict[tuple[Facet, tuple[str, ...], str], Fact] = {}
        for fact in item.facts:
            if not isinstance(fact.value, Material):
                continue
            key = (fact.facet, fact.applies_to, fact.value.name)
            if key in seen:
                why = f"与第 {seen[key].lines} 行重复：{fact.value.name[:30]}"
                yield Doubt(fact.lines.first, item.title, "材料重复", why)
            seen[key] = fact


def _online_conflict(item: ServiceItem) -> Iterator[Doubt]:
    def kinds(facet: Facet) -> dict[str, Fact]:
        return {getattr(fact.value, "kind", ""): fact for fact in item.facts_on(facet)}

    methods, places = kinds(Facet.METHODS), kinds(Facet.LOCATION)
    if methods and "online" in places and set(methods) == {"onsite"}:
        why = "办理方式只写了现场办理，办理地点却给了网报地址"
        yield Doubt(places["online"].lines.first, item.title, "前后矛盾", why)


def _wording(base: KnowledgeBase, text: GuideText, vocabulary: Vocabulary) -> Iterator[Doubt]:
    skipped = {line.line for line in base.left_out}
    titles = _titles_by_line(base)
    for number, line in enumerate(text.lines, 1):
        if number in skipped or not line.strip():
            continue
        item = titles(number)
        for pattern, why in vocabulary.template_leftovers:
            if re.search(pattern, line):
                yield Doubt(number, item, "模板残留", why)
        for word, why in vocabulary.foreign_words:
            if word in line:
                yield Doubt(number, item, "别处的说法", f"“{word}”：{why}")
        for match in re.finditer(r"([\u4e00-\u9fff]{2,6})\1|的的|了了", line):
            yield Doubt(number, item, "文字重复", f"“{match.group()}”")
        for opening, closing in ("（）", "《》", "“”", "()"):
            if line.count(opening) != line.count(closing):
                yield Doubt(
                    number,
                    item,
                    "括号不配对",
                    f"{opening}{line.count(opening)} 个，{closing}{line.count(closing)} 个",
                )


def _titles_by_line(base: KnowledgeBase) -> Callable[[int], str]:
    """Return a function from a line to the title of the item that it stands in."""
    starts = [(item.title_lines.first, item.title) for item in base]

    def title(number: int) -> str:
        found = [name for first, name in starts if first <= number]
        return found[-1] if found else ""

    return title


def _numbering(text: GuideText, vocabulary: Vocabulary) -> Iterator[Doubt]:
    for raw in cut_sections(text, vocabulary).items:
        for section in raw.sections:
            if section.facet in (Facet.PROCESS, Facet.PHONE, Facet.DEPARTMENT):
                continue
            _, miscounts = parse_outline(section.content, vocabulary.heading_tails, vocabulary.counterparts)
            for miscount in miscounts:
                why = f"序号写的是“{miscount.found}”，按顺序应是第 {miscount.expected} 个"
                yield Doubt(miscount.line, raw.entry.title, "序号错乱", why)


def _unread(base: KnowledgeBase, vocabulary: Vocabulary) -> Iterator[Doubt]:
    for item in base:
        for facet in (Facet.TIME_LIMIT, Facet.FEE, Facet.PHONE):
            for fact in item.facts_on(facet):
                if fact.value is None:
                    yield Doubt(
                        fact.lines.first, item.title, f"看不懂{vocabulary.label_of_facet(facet)}", fact.text[:40]
                    )
