"""Pages (分页): what is longer than one message may be, cut between facts; the rest comes when it is asked for.

Choices can be tapped: a link brings its text back as the resident's message, with the id that says which choice of
which reply it was. Typed numbers do as well. Where links would cost a page more, numbers alone are shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.wechat.saying.body import Body, Option, Part
from bot.wechat.saying.cutting import cut_line, size

LIMIT = 2048
"""Bytes of a text that the platform sends on; a longer one it drops without a word."""

More = Callable[[int, int], str]
"""Says that a page is not the last: of which page, and of how many."""

_MANY = 99
_FOR_LABELS = str.maketrans("<>", "＜＞")
_FOR_LINKS = str.maketrans('<>"&%#', "＜＞＂＆％＃")
"""Signs that would end a link, or change where it leads."""
_UNSENDABLE = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML can carry."""


@dataclass(frozen=True)
class Pages:
    """The pages of one reply; *offering* are the numbers of those that show choices, *options* the choices of all."""

    texts: tuple[str, ...]
    offering: tuple[int, ...] = ()
    options: tuple[Option, ...] = ()

    def as_json(self) -> str:
        """Return it as it is kept."""
        options = [[option.label, option.value] for option in self.options]
        return json.dumps({"texts": self.texts, "offering": self.offering, "options": options})

    @classmethod
    def from_json(cls, kept: str) -> Pages:
        """Inverse of as_json."""
        data = json.loads(kept)
        options = tuple(Option(label, value) for label, value in data["options"])
        return cls(tuple(data["texts"]), tuple(data["offering"]), options)


@dataclass(frozen=True)
class _Line:
    """What stays together; *gap* is what stands before it where it does not begin a page."""

    text: str
    gap: str
    leads: bool = False
    """A heading: it must not be the last on its page."""
    offers: bool = False


def link(label: str, id_: str, sends: str | None = None) -> str:
    """Return *label* as a link that, tapped, sends *sends* as the resident's message, with the id."""
    content = (label if sends is None else sends).translate(_FOR_LINKS)
    return f'<a href="weixin://bizmsgmenu?msgmenucontent={content}&msgmenuid={id_}">{label.translate(_FOR_LABELS)}</a>'


def compose(body: Body, reply: int, more: More) -> Pages:
    """Return *body* on as few pages as it needs; *reply* is the number by which its links name it."""
    with_links = _compose(body, more, reply)
    if len(with_links.texts) == 1:
        return with_links
    plain = _compose(body, more, None)
    return plain if len(plain.texts) < len(with_links.texts) else with_links


def sendable(text: str) -> str:
    """Return *text* without what no XML can carry."""
    return _UNSENDABLE.sub("", text)


def _compose(body: Body, more: More, reply: int | None) -> Pages:
    options = tuple(option for part in body for option in part.options)
    lines = _lines_of(body, reply)
    whole = _text_of(lines)
    if size(whole) <= LIMIT:
        return Pages((whole,), (1,) if options else (), options)
    room = LIMIT - max(size(more(_MANY - 1, _MANY)), size(more(_MANY, _MANY))) - 2
    packed = _pack([piece for line in lines for piece in _fitting(line, room)], room)
    texts = [_text_of(page) for page in packed]
    last = len(texts)
    shown = [text if number == last else f"{text}\n\n{more(number, last)}" for number, text in enumerate(texts, 1)]
    offering = tuple(number for number, page in enumerate(packed, 1) if any(line.offers for line in page))
    return Pages(tuple(shown), offering, options)


def _lines_of(body: Body, reply: int | None) -> list[_Line]:
    lines: list[_Line] = []
    first_option = 1
    for part in body:
        if part.options:
            lines.append(_Line(_offer(part, reply, first_option), "\n\n", offers=True))
            first_option += len(part.options)
            continue
        texts = sendable(part.text).split("\n")
        for number, text in enumerate(texts):
            leads = number == 0 and len(texts) > 1
            lines.append(_Line(text, "\n" if number else "\n\n", leads))
    return lines


def _offer(part: Part, reply: int | None, first: int) -> str:
    """Return the lines of a choice; without *reply*, without links."""
    lines = sendable(part.text).split("\n")
    if reply is None or len(lines) < len(part.options):
        return "\n".join(lines)
    start = len(lines) - len(part.options)
    for number, option in enumerate(part.options):
        label = sendable(option.label)
        line = lines[start + number]
        if label and line.endswith(label):
            lines[start + number] = line[: -len(label)] + link(label, f"c{reply}-{first + number}")
    return "\n".join(lines)


def _fitting(line: _Line, room: int) -> list[_Line]:
    """Return *line* in pieces that fit on a page."""
    if size(line.text) <= room:
        return [line]
    texts = line.text.split("\n") if line.offers else [line.text]
    pieces: list[_Line] = []
    for text in texts:
        for number, piece in enumerate(cut_line(text, room)):
            gap = "" if number else ("\n" if pieces else line.gap)
            pieces.append(_Line(piece, gap, offers=line.offers))
    return pieces


def _pack(lines: list[_Line], room: int) -> list[list[_Line]]:
    pages: list[list[_Line]] = [[]]
    for line in lines:
        if pages[-1] and _size_of([*pages[-1], line]) > room:
            carried = _trailing_headings(pages[-1])
            if carried and _size_of([*carried, line]) <= room:
                pages[-1] = pages[-1][: -len(carried)]
                pages.append(carried)
            else:
                pages.append([])
        pages[-1].append(line)
    return pages


def _trailing_headings(page: list[_Line]) -> list[_Line]:
    start = len(page)
    while start > 1 and page[start - 1].leads:
        start -= 1
    return page[start:]


def _size_of(page: list[_Line]) -> int:
    return size(_text_of(page))


def _text_of(page: list[_Line]) -> str:
    return "".join((line.gap if number else "") + line.text for number, line in enumerate(page))
