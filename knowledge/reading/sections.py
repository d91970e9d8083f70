"""Titles and labels: which lines belong to which item and which facet. Their inner order is not known here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from knowledge.model import Facet, SourceLines
from knowledge.reading.problems import Problem
from knowledge.reading.source import GuideText
from knowledge.values.phones import has_phone
from knowledge.vocabulary import CatalogueEntry, Vocabulary

MAX_TITLE_LINES = 3
TAIL_GAP = 4
"""So many empty lines stand between the boxes torn off to the end; within a section there are fewer."""


@dataclass(frozen=True)
class ContentLine:
    """A line's content without its label, blanks kept, and its number."""

    number: int
    text: str


@dataclass
class RawSection:
    """A label as spelled, and the content lines under it."""

    facet: Facet
    label: str
    line: int
    content: list[ContentLine] = field(default_factory=list)


@dataclass
class RawItem:
    """An item's title, its sections, and lines of it that stand under no label."""

    entry: CatalogueEntry
    title_lines: SourceLines
    sections: list[RawSection] = field(default_factory=list)
    loose: list[ContentLine] = field(default_factory=list)


@dataclass(frozen=True)
class Layout:
    """The whole guide cut up; *tail* are the lines after the last item's last section."""

    items: tuple[RawItem, ...]
    tail: tuple[ContentLine, ...]
    problems: tuple[Problem, ...]


def cut_sections(text: GuideText, vocabulary: Vocabulary) -> Layout:
    """Cut the guide into items and labelled sections, gathering every problem on the way."""
    cutter = _Cutter(text, vocabulary)
    cutter.run()
    return cutter.layout()


class _Cutter:
    """One pass over the lines; what it has seen so far decides what the next line can be."""

    def __init__(self, text: GuideText, vocabulary: Vocabulary) -> None:
        self._text = text
        self._vocabulary = vocabulary
        self._items: list[RawItem] = []
        self._section: RawSection | None = None
        self._problems: list[Problem] = []
        self._in_untitled_item = False

    def run(self) -> None:
        number = 1
        while number <= len(self._text.lines):
            if not self._text.line(number).strip():
                number += 1
                continue
            titled = self._match_title(number)
            if titled:
                entry, lines = titled
                self._open_item(entry, lines)
                number = lines.last + 1
                continue
            self._take(number, self._text.line(number))
            number += 1

    def layout(self) -> Layout:
        tail: list[ContentLine] = []
        if self._items:
            tail, self._items[-1].loose = self._items[-1].loose, []
        self._check_catalogue()
        return Layout(tuple(self._items), tuple(tail), tuple(sorted(set(self._problems))))

    def _match_title(self, number: int) -> tuple[CatalogueEntry, SourceLines] | None:
        """Match a title of one to three lines at *number*; a label must follow, else it is a mention."""
        joined, last = "", number
        for _ in range(MAX_TITLE_LINES):
            joined += squash(self._text.line(last))
            entry = self._vocabulary.title(joined)
            following = self._next_content(last)
            if entry and following and self._label(self._text.line(following)):
                return entry, SourceLines(number, last)
            if following is None or following - last > 2 or not self._vocabulary.is_title_start(joined):
                return None
            last = following
        return None

    def _next_content(self, number: int) -> int | None:
        for later in range(number + 1, len(self._text.lines) + 1):
            if self._text.line(later).strip():
                return later
        return None

    def _label(self, line: str) -> tuple[Facet, str, str] | None:
        """Return facet, label as written and the rest of the line, if it begins with a known label."""
        match = re.match(r"\s*([^：:]{2,16})[：:]", line)
        if not match:
            return None
        facet = self._vocabulary.facet_of_label(squash(match.group(1)))
        return (facet, match.group(1).strip(), line[match.end() :]) if facet else None

    def _open_item(self, entry: CatalogueEntry, lines: SourceLines) -> None:
        seen = {item.entry.id: item for item in self._items}
        if entry.id in seen:
            self._problem(lines.first, f"事项“{entry.title}”重复出现（第 {seen[entry.id].title_lines} 行已有）")
        elif self._items and entry.number < self._items[-1].entry.number:
            self._problem(
                lines.first,
                f"事项“{entry.title}”的序号 {entry.number} 排在序号 {self._items[-1].entry.number} 之后，顺序不对",
            )
        self._items.append(RawItem(entry, lines))
        self._section = None
        self._in_untitled_item = False

    def _take(self, number: int, line: str) -> None:
        label = self._label(line)
        if not self._items:
            self._problem(number, f"第一个事项标题之前有内容，或标题不在目录中：{_short(line)}")
            # One such problem says it all; the rest of a preamble adds nothing.
            if label is None or len(self._problems) > 20:
                return
        item = self._items[-1] if self._items else None
        if label:
            facet, spelling, rest = label
            if item is None:
                return
            if self._begins_untitled_item(item, spelling) and not self._in_untitled_item:
                self._in_untitled_item = True
                self._problem(
                    number,
                    f"“{squash(spelling)}”在事项“{item.entry.title}”里重复：前面缺少标题，或标题不在目录中（{self._before(number)}）",
                )
            self._section = RawSection(facet, spelling, number)
            item.sections.append(self._section)
            if rest.strip():
                self._section.content.append(ContentLine(number, rest))
            return
        unknown = self._unknown_label(line)
        if unknown:
            self._problem(number, f"不认识的栏目名“{unknown}”：请加入 labels.yml，或确认它是内容")
        if item is None:
            return
        if self._section is None:
            if item.sections or self._vocabulary.is_title_start(squash(line)):
                item.loose.append(ContentLine(number, line))
            else:
                self._problem(number, f"标题“{item.entry.title}”和第一个栏目之间有不属于任何栏目的内容：{_short(line)}")
            return
        if self._section.facet is Facet.PHONE and self._section.content and not has_phone(line):
            # A phone section ends with its number: captions, pictures and loose boxes come after it.
            self._section = None
            item.loose.append(ContentLine(number, line))
            return
        if self._is_behind_guide(number):
            self._section = None
            item.loose.append(ContentLine(number, line))
            return
        self._section.content.append(ContentLine(number, line))

    def _is_behind_guide(self, number: int) -> bool:
        """Tell whether the last item has all its labels and a wide gap lies before the line: boxes torn off follow."""
        assert self._section is not None
        return number > self._last_label and bool(self._section.content) and self._gap(number) >= TAIL_GAP

    def _gap(self, number: int) -> int:
        """Return how many empty lines stand right before *number* or right behind it."""
        before = next((i for i in range(number - 1) if self._text.line(number - 1 - i).strip()), number - 1)
        following = self._next_content(number)
        behind = (following or len(self._text.lines)) - number - 1
        return max(before, behind)

    @cached_property
    def _last_label(self) -> int:
        return max((n for n, line in enumerate(self._text.lines, 1) if self._label(line)), default=0)

    def _begins_untitled_item(self, item: RawItem, spelling: str) -> bool:
        return any(squash(section.label) == squash(spelling) for section in item.sections)

    def _before(self, number: int) -> str:
        for earlier in range(number - 1, 0, -1):
            if self._text.line(earlier).strip():
                return f"上一行是第 {earlier} 行“{_short(self._text.line(earlier))}”"
        return "之前没有内容"

    def _unknown_label(self, line: str) -> str | None:
        match = re.match(r"\s*([\u4e00-\u9fff \u3000]{2,12})[：:]", line)
        if not match:
            return None
        word = squash(match.group(1))
        if word in self._vocabulary.content_heads or not any(m in word for m in self._vocabulary.label_marks):
            return None
        return word

    def _check_catalogue(self) -> None:
        found = {item.entry.id for item in self._items}
        if not found:
            self._problems = [Problem(1, "没有找到目录中的任何事项标题，不像办事指南")]
            return
        for entry in self._vocabulary.catalogue:
            if entry.id not in found:
                self._problem(len(self._text.lines), f"目录中的事项“{entry.title}”在指南里没有找到")
        for item in self._items:
            if not item.sections:
                self._problem(item.title_lines.first, f"事项“{item.entry.title}”没有任何栏目")

    def _problem(self, line: int, message: str) -> None:
        self._problems.append(Problem(line, message))


def squash(text: str) -> str:
    """Drop all blanks: the guide breaks and pads titles and labels at will."""
    return re.sub(r"\s+", "", text)


def _short(line: str) -> str:
    line = line.strip()
    return line if len(line) <= 24 else line[:24] + "…"
