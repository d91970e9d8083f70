"""From cut-up items to typed facts: each facet's lines read by the value that knows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from knowledge.model import (
    Document,
    Facet,
    Fact,
    KnowledgeBase,
    LeftOut,
    Section,
    ServiceItem,
    SourceLines,
)
from knowledge.reading.charts import ChartProof, prove_charts
from knowledge.reading.flowchart import read_flowchart
from knowledge.reading.outline import Entry, Role, parse_outline
from knowledge.reading.problems import GuideError, Problem
from knowledge.reading.sections import ContentLine, Layout, RawItem, RawSection, cut_sections, squash
from knowledge.reading.source import GuideText
from knowledge.values import Heading, Note, Value
from knowledge.values import Role as RoleValue
from knowledge.values.fees import parse_fee
from knowledge.values.materials import parse_material
from knowledge.values.phones import PhoneError, parse_phones
from knowledge.values.places import find_channel, parse_place
from knowledge.values.time_limits import parse_time_limits
from knowledge.values.validity import find_validity
from knowledge.vocabulary import Vocabulary

_PICTURE = re.compile(r"\s*\[image:[^\]]*\]")
_INLINE_HEAD = re.compile(
    r"(?!包括|注意|其中)([^：:《》，,。；;（）()]{2,16}?(?:（[^（）]{0,20}）)?)(?:，提供)?[：:](?!\s*(?:如|包括))\s*(?=\S)"
)

PICTURE, NOISE, CAPTION = "图片", "图片识别乱码", "附件图片的说明文字"


def read_guide(text: GuideText, vocabulary: Vocabulary) -> KnowledgeBase:
    """Read the whole guide. Raises GuideError with every problem found; a base is complete or not at all."""
    layout = cut_sections(text, vocabulary)
    problems = list(layout.problems)
    reader = FactReader(vocabulary, problems)
    items = tuple(reader.read_item(raw) for raw in layout.items)
    if problems:
        raise GuideError(text.name, set(problems))
    proof = prove_charts(items, layout.tail, _pictured(layout))
    items = tuple(replace(item, facts=item.facts + proof.steps.get(item.id, ())) for item in items)
    document = Document(text.name, text.sha256, text.sha256[:12], vocabulary.office)
    return KnowledgeBase(document, items, tuple(_left_out(layout, proof)))


class FactReader:
    """Reads items with one vocabulary; adds what cannot be read to *problems*."""

    def __init__(self, vocabulary: Vocabulary, problems: list[Problem]) -> None:
        self._vocabulary = vocabulary
        self._problems = problems

    def read_item(self, raw: RawItem) -> ServiceItem:
        """Return the item with all its facts in the guide's order."""
        entry = raw.entry
        facts = tuple(fact for section in raw.sections for fact in self._read_section(section))
        return ServiceItem(
            entry.id, entry.number, entry.title, entry.category, entry.audience, entry.aliases, raw.title_lines,
            tuple(Section(section.facet, section.label, section.line) for section in raw.sections), facts,
        )  # fmt: skip

    def _read_section(self, section: RawSection) -> Iterator[Fact]:
        lines = [line for line in section.content if not is_picture_or_noise(line.text)]
        if section.facet is Facet.PROCESS:
            yield from read_flowchart(lines)
        elif section.facet is Facet.PHONE:
            for line in lines:
                yield from self._read_phones(line)
        elif section.facet is Facet.DEPARTMENT:
            role = RoleValue(squash(section.label))
            for line in lines:
                yield Fact(Facet.DEPARTMENT, line.text.strip(), _one(line), (), role)
        else:
            entries, _ = parse_outline(lines, self._vocabulary.heading_tails, self._vocabulary.counterparts)
            for entry in entries:
                yield from self._read_entry(section.facet, entry)

    def _read_phones(self, line: ContentLine) -> Iterator[Fact]:
        text = line.text.strip()
        try:
            parts = parse_phones(text)
        except PhoneError as error:
            self._problems.append(Problem(line.number, str(error)))
            return
        if not parts:
            yield Fact(Facet.PHONE, text, _one(line))
        for part in parts:
            yield Fact(
                Facet.PHONE,
                part.text,
                _one(line),
                (part.phone.label,) if part.phone.label else (),
                part.phone,
            )

    def _read_entry(self, facet: Facet, entry: Entry) -> Iterator[Fact]:
        if entry.role is Role.ENTRY and facet is Facet.TIME_LIMIT:
            yield from self._read_time_limits(entry)
            return
        path = entry.path
        value: Value | None = None
        if entry.role is Role.HEADING:
            value = Heading()
        elif entry.role is Role.NOTE:
            value = Note()
        else:
            path, body = self._inline_path(facet, entry)
            value = self._value(facet, body, path)
        yield Fact(facet, entry.text, entry.lines, path, value, find_validity(entry.text))

    def _value(self, facet: Facet, body: str, path: tuple[str, ...]) -> Value | None:
        if facet is Facet.MATERIALS:
            return parse_material(body)
        if facet in (Facet.LOCATION, Facet.METHODS):
            if self._names_no_place(facet, body):
                return None
            channels = self._vocabulary.channels
            inherited = next((kind for label in reversed(path) if (kind := find_channel(label, channels))), None)
            return parse_place(body, channels, inherited, self._vocabulary.bare_counter)
        if facet is Facet.FEE:
            return parse_fee(body)
        return None

    def _inline_path(self, facet: Facet, entry: Entry) -> tuple[tuple[str, ...], str]:
        """Return the path with the head that an entry carries on its own line ("灵活就业人员：…"), and the rest."""
        match = _INLINE_HEAD.match(entry.body)
        if not match:
            return entry.path, entry.body
        path = (*entry.path, match.group(1).strip())
        if facet is Facet.FEE:
            return entry.path, entry.body
        if facet in (Facet.LOCATION, Facet.METHODS):
            # A head may also be the name of an address ("网报地址：") or of a web site (line 3052); one that names
            # a way of applying tells the channel, so it stays in what is read.
            is_way = re.search(self._vocabulary.way_heads, match.group(1))
            return (path if is_way else entry.path), entry.body
        return path, entry.body[match.end() :]

    def _names_no_place(self, facet: Facet, body: str) -> bool:
        """Tell whether a line is an explanation (line 9) or an unfilled template (line 1406) rather than a way."""
        explains = facet is Facet.METHODS and len(body) > 60
        return explains or any(re.search(pattern, body) for pattern, _ in self._vocabulary.template_leftovers)

    def _read_time_limits(self, entry: Entry) -> Iterator[Fact]:
        parts = parse_time_limits(entry.body, self._vocabulary.clock_starts)
        if not parts:
            yield Fact(Facet.TIME_LIMIT, entry.text, entry.lines, entry.path)
            return
        number = entry.text[: len(entry.text) - len(entry.body)] if entry.text.endswith(entry.body) else ""
        for index, part in enumerate(parts):
            path = (*entry.path, part.branch) if part.branch else entry.path
            text = (number if index == 0 else "") + part.text
            yield Fact(Facet.TIME_LIMIT, text.strip(), entry.lines, path, part.limit, find_validity(part.text))


def is_picture_or_noise(text: str) -> bool:
    """Tell whether a line is a picture's place holder or what a scanner made of a picture."""
    return _PICTURE.match(text) is not None or not re.search(r"[\u4e00-\u9fff\d]|https?:", text)


def _pictured(layout: Layout) -> set[str]:
    """Return the ids of items whose process section shows a picture."""
    return {
        raw.entry.id
        for raw in layout.items
        for section in raw.sections
        if section.facet is Facet.PROCESS and any(_PICTURE.match(line.text) for line in section.content)
    }


def _left_out(layout: Layout, proof: ChartProof) -> Iterator[LeftOut]:
    for raw in layout.items:
        pictures = [line for section in raw.sections for line in section.content if is_picture_or_noise(line.text)]
        for line in sorted([*pictures, *raw.loose], key=lambda line: line.number):
            yield LeftOut(line.number, line.text.strip(), raw.entry.id, _reason(line.text))
    for line, reason in proof.unproved:
        yield LeftOut(line.number, line.text.strip(), None, reason)


def _reason(text: str) -> str:
    if re.fullmatch(r"\s*\[image:[^\]]*\]\s*", text):
        return PICTURE
    han = len(re.findall(r"[\u4e00-\u9fff]", text))
    return CAPTION if han >= 2 else NOISE


def _one(line: ContentLine) -> SourceLines:
    return SourceLines(line.number, line.number)
