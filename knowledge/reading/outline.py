"""The inner order of a section: numbers, headings, notes and what stands under what (层级).

The guide numbers in four ways, （一） 1. （1） ①, nests them in any order, counts wrongly and mixes in
unnumbered lines. A number of a kind that is already open closes everything below it; of another kind it
opens a level. Nothing here knows what a facet means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import pairwise

from knowledge.model import SourceLines
from knowledge.reading.sections import ContentLine

_HAN = "一二三四五六七八九十"
_MARKERS = (
    ("han_paren", re.compile(rf"[（(]([{_HAN}]+)[）)]")),
    ("han", re.compile(rf"([{_HAN}]+)、")),
    ("paren", re.compile(r"[（(](\d{1,2})[）)]")),
    ("dot", re.compile(r"(\d{1,2})\s*[.．、]")),
    ("circle", re.compile(r"([①-⑳])")),
)
_END = re.compile(r"[。；;：:，,、.？！]$")
_NOTE = re.compile(r"注[：:]|\*|以上材料")
_CONDITIONAL = re.compile(r"[^，,；;。：:《]{4,60}的[，,：:]")
_ONE_CONDITION = re.compile(r"([^，,；;。：:《]{4,60}的)[，,](?:(?!的[，,]?(?:还需)?提供).)+", re.S)
_INLINE_NEXT = re.compile(r"(?<=[；;。])\s*(?=(?:\d{1,2}[.．、]|[（(]\d{1,2}[）)]|[②-⑳]))")
_INLINE_FIRST = re.compile(r"(?<=[：:])\s*(?=(?:1[.．、]|[（(]1[）)]|①))")


class Role(Enum):
    """What a line is for in its list."""

    ENTRY = "entry"
    HEADING = "heading"
    NOTE = "note"


@dataclass(frozen=True)
class Marker:
    """A number before a statement: its way of writing (*kind*), its count, and itself as written."""

    kind: str
    ordinal: int
    text: str


@dataclass(frozen=True)
class Entry:
    """One statement of a section: *text* as written, *body* without its number, headings above it (*path*)."""

    text: str
    body: str
    lines: SourceLines
    path: tuple[str, ...]
    role: Role
    marker: Marker | None


@dataclass(frozen=True)
class Miscount:
    """A number that does not follow the one before it (序号错乱)."""

    line: int
    found: str
    expected: int


@dataclass
class _Piece:
    number: int
    last: int
    text: str
    markers: list[Marker]
    body: str
    is_line_start: bool


@dataclass
class _Level:
    kind: str
    ordinal: int
    label: str | None = None


@dataclass
class _State:
    levels: list[_Level] = field(default_factory=list)
    top: str | None = None

    def path(self, upto: int | None = None) -> tuple[str, ...]:
        labels = [self.top, *(level.label for level in self.levels[:upto])]
        return tuple(label for label in labels if label)


def parse_outline(
    lines: Sequence[ContentLine], heading_tails: Sequence[str], counterparts: Sequence[Sequence[str]]
) -> tuple[list[Entry], list[Miscount]]:
    """Return a section's statements in order with their paths, and its miscounts.

    Joined, the texts of the statements are the lines' contents, less blanks around each.
    """
    pieces = _merge_continuations([piece for line in lines for piece in _cut(line)])
    reader = _Reader(pieces, tuple(heading_tails), tuple(tuple(pair) for pair in counterparts))
    return reader.run(), reader.miscounts


class _Reader:
    """Walks the pieces with the stack of open levels."""

    def __init__(
        self, pieces: list[_Piece], heading_tails: tuple[str, ...], counterparts: tuple[tuple[str, ...], ...]
    ) -> None:
        self._pieces = pieces
        self._tails = heading_tails
        self._counterparts = counterparts
        self._state = _State()
        self._note_ordinal = 0
        self.miscounts: list[Miscount] = []

    def run(self) -> list[Entry]:
        return _with_inline_branches([self._read(index, piece) for index, piece in enumerate(self._pieces)])

    def _read(self, index: int, piece: _Piece) -> Entry:
        if self._continues_note(piece):
            self._note_ordinal += 1
            return self._entry(piece, (), Role.NOTE)
        if not piece.markers:
            return self._read_unnumbered(index, piece)
        self._note_ordinal = 0
        for marker in piece.markers:
            self._open(marker, piece.number)
        path = self._state.path(len(self._state.levels) - 1)
        if self._is_heading(index, piece):
            self._state.levels[-1].label = self._label(piece.body)
            return self._entry(piece, path, Role.HEADING)
        return self._entry(piece, path, Role.ENTRY)

    def _read_unnumbered(self, index: int, piece: _Piece) -> Entry:
        if _NOTE.match(piece.body):
            first = re.match(r"注[：:]\s*(\d+)[.．、]", piece.body)
            self._note_ordinal = int(first.group(1)) if first else 0
            return self._entry(piece, self._note_path(index, piece), Role.NOTE)
        following = self._pieces[index + 1] if index + 1 < len(self._pieces) else None
        if piece.body.endswith(("：", ":")) and following and _starts_list(following):
            # A lead-in of the whole list narrows nothing; one of several divides it.
            self._state = _State()
            if index > 0 or self._another_lead_in(index):
                self._state.top = self._label(piece.body)
            return self._entry(piece, (), Role.HEADING)
        return self._entry(piece, self._state.path(self._unnumbered_depth(following)), Role.ENTRY)

    def _unnumbered_depth(self, following: _Piece | None) -> int:
        """Return how many levels an unnumbered statement stands under.

        Right below a heading it is the heading's; among numbered statements it is their sibling; behind the
        last of a branch it may speak of more than the branch ("医疗费用发票为增值税发票的…", line 2004) and is
        put under what goes on after it, so that it is never narrowed away.
        """
        levels = self._state.levels
        if levels and levels[-1].label:
            return len(levels)
        kinds = [level.kind for level in levels]
        if following and following.markers and following.markers[0].kind in kinds:
            return kinds.index(following.markers[0].kind)
        return max(len(levels) - 1, 0)

    def _open(self, marker: Marker, line: int) -> None:
        levels = self._state.levels
        open_kinds = [level.kind for level in levels]
        if marker.kind in open_kinds:
            del levels[open_kinds.index(marker.kind) + 1 :]
            expected = levels[-1].ordinal + 1
            levels[-1] = _Level(marker.kind, marker.ordinal)
        else:
            expected = 1
            levels.append(_Level(marker.kind, marker.ordinal))
        if marker.ordinal != expected:
            self.miscounts.append(Miscount(line, marker.text, expected))

    def _is_heading(self, index: int, piece: _Piece) -> bool:
        body = piece.body
        if body.endswith(("：", ":")) or re.search(r"[，,的]还?需?提供$", body):
            return True
        following = self._pieces[index + 1] if index + 1 < len(self._pieces) else None
        if following is None:
            return False
        if following.markers:
            kinds = [level.kind for level in self._state.levels]
            return (
                len(piece.markers) == 1 and following.markers[0].kind not in kinds and following.markers[0].ordinal == 1
            )
        short = len(body) <= 20 and not _END.search(body) and not re.search(r"[：:]", body)
        return short and not _NOTE.match(following.body) and not re.match(r"[^：:]{2,8}[：:]", following.body)

    def _continues_note(self, piece: _Piece) -> bool:
        return bool(
            self._note_ordinal
            and piece.markers
            and piece.markers[0].kind == "dot"
            and piece.markers[0].ordinal == self._note_ordinal + 1
        )

    def _note_path(self, index: int, piece: _Piece) -> tuple[str, ...]:
        """A note that ends its section holds for all of it, unless it opens with the name of the last branch.

        One in the middle holds for the branch it stands in ("注：单位申请五人以上…" behind 单位申请, line 412).
        """
        path = self._open_branch()
        names_branch = path and piece.body[2:].lstrip().startswith(path[-1])
        if piece.body.startswith("注") and not self._list_goes_on(index) and not names_branch:
            return ()
        for pair in self._counterparts:
            for word in pair:
                others = [other for other in pair if other != word]
                if path and word in path[-1] and any(other in piece.body for other in others):
                    return path[:-1]
        return path

    def _open_branch(self) -> tuple[str, ...]:
        labels = [index for index, level in enumerate(self._state.levels) if level.label]
        return self._state.path(labels[-1] + 1) if labels else self._state.path(0)

    def _list_goes_on(self, index: int) -> bool:
        first = re.match(r"注[：:]\s*1[.．、]", self._pieces[index].body)
        return any(later.markers for later in self._pieces[index + 1 :]) and not first

    def _another_lead_in(self, index: int) -> bool:
        return any(
            not later.markers and later.body.endswith(("：", ":")) and _starts_list(following)
            for later, following in zip(self._pieces[index + 1 :], self._pieces[index + 2 :], strict=False)
        )

    def _label(self, body: str) -> str:
        """Return what a heading is about: "灵活就业人员，提供：" is about 灵活就业人员."""
        label = body.strip().rstrip("：:。 ")
        for tail in self._tails:
            label = re.sub(tail, "", label)
        head = re.split(r"[：:]", label)[0]
        return head.strip("，,、； ") or label

    def _entry(self, piece: _Piece, path: tuple[str, ...], role: Role) -> Entry:
        return Entry(
            piece.text, piece.body, SourceLines(piece.number, piece.last), path, role,
            piece.markers[-1] if piece.markers else None,
        )  # fmt: skip


def _with_inline_branches(entries: list[Entry]) -> list[Entry]:
    """Give a branch that fits on its own line the path that its neighbours' headings give theirs.

    "1.企业养老保险待遇停发的，提供：" (line 1145) heads a branch; "2.机关事业单位养老保险待遇停发的，提供《…》"
    (line 1148) beside it is one as well.
    """
    siblings: dict[tuple[tuple[str, ...], str], list[int]] = {}
    for index, entry in enumerate(entries):
        if entry.marker and entry.role is not Role.NOTE:
            siblings.setdefault((entry.path, entry.marker.kind), []).append(index)
    result = list(entries)
    for indices in siblings.values():
        run: list[int] = []
        for index in [*indices, -1]:
            if index >= 0 and _CONDITIONAL.match(entries[index].body):
                run.append(index)
                continue
            if any(entries[i].role is Role.HEADING for i in run):
                for i in run:
                    condition = _ONE_CONDITION.fullmatch(entries[i].body)
                    if entries[i].role is Role.ENTRY and condition:
                        result[i] = replace(entries[i], path=(*entries[i].path, condition.group(1)))
            run = []
    return result


def _cut(line: ContentLine) -> Iterator[_Piece]:
    """Cut a line that counts several statements ("1.网上办理；2.现场办理") into those statements."""
    text = line.text.strip()
    cuts = {0, *(match.end() for match in _inline_starts(text)), len(text)}
    edges = sorted(cuts)
    for begin, end in pairwise(edges):
        stretch = text[begin:end].strip()
        if stretch:
            markers, body = split_markers(stretch)
            yield _Piece(line.number, line.number, stretch, markers, body, begin == 0)


def _inline_starts(text: str) -> Iterator[re.Match[str]]:
    """Yield where the next statement of a counted line begins, if its numbers go up one by one."""
    if _NOTE.match(text):
        return
    kind, ordinal = None, 0
    markers, _ = split_markers(text)
    if markers:
        kind, ordinal = markers[-1].kind, markers[-1].ordinal
    for match in sorted([*_INLINE_FIRST.finditer(text), *_INLINE_NEXT.finditer(text)], key=lambda m: m.end()):
        found, _ = split_markers(text[match.end() :])
        if not found:
            continue
        first = found[0]
        if (first.kind == kind and first.ordinal == ordinal + 1) or (first.ordinal == 1 and first.kind != kind):
            kind, ordinal = first.kind, first.ordinal
            yield match


def split_markers(text: str) -> tuple[list[Marker], str]:
    """Split the numbers off a statement: "2.（1）在工作时间…" has two."""
    markers: list[Marker] = []
    rest = text.lstrip()
    while len(markers) < 2:
        for kind, pattern in _MARKERS:
            match = pattern.match(rest)
            if match and (not markers or kind != markers[0].kind):
                markers.append(Marker(kind, _ordinal(match.group(1)), match.group().strip()))
                rest = rest[match.end() :].lstrip()
                break
        else:
            break
    return markers, rest


def _ordinal(text: str) -> int:
    if text.isdecimal():
        return int(text)
    if "①" <= text <= "⑳":
        return ord(text) - ord("①") + 1
    tens, _, ones = text.rpartition("十")
    if "十" not in text:
        return _HAN.index(text) + 1
    return (_HAN.index(tens) + 1 if tens else 1) * 10 + (_HAN.index(ones) + 1 if ones else 0)


def _merge_continuations(pieces: list[_Piece]) -> list[_Piece]:
    """Join an unnumbered line to the unfinished unnumbered one before it ("…和电子版" + "各一份。", line 3155)."""
    merged: list[_Piece] = []
    for piece in pieces:
        previous = merged[-1] if merged else None
        if previous and _is_continuation(previous, piece):
            previous.text += "\n" + piece.text
            previous.body += piece.text
            previous.last = piece.last
        else:
            merged.append(piece)
    return merged


def _is_continuation(previous: _Piece, piece: _Piece) -> bool:
    if (
        piece.markers
        or not piece.is_line_start
        or _NOTE.match(piece.body)
        or re.match(r"[^：:，]{2,8}[：:]", piece.body)
    ):
        return False
    if re.search(r"[，,、]$", previous.body):
        return True
    if _END.search(previous.body) or previous.last + 2 < piece.number:
        return False
    return not previous.markers or len(previous.body) > 20


def _starts_list(piece: _Piece) -> bool:
    return bool(piece.markers) and piece.markers[0].ordinal == 1
