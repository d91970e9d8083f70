"""What can be tapped in the guide's words: numbers and web addresses, the words themselves unchanged."""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.model import Fact
from knowledge.values import Phone, Place


@dataclass(frozen=True)
class Segment:
    """A stretch of text, and where it leads if it is tapped."""

    text: str
    href: str | None = None


def segments_of(fact: Fact) -> tuple[Segment, ...]:
    """Return the text of *fact* in pieces that joined are the text, a chart's line breaks left out."""
    text = fact.text.replace("\n", "")
    found = _target(fact, text)
    if found is None:
        return (Segment(text),)
    begin, end, href = found
    pieces = (Segment(text[:begin]), Segment(text[begin:end], href), Segment(text[end:]))
    return tuple(piece for piece in pieces if piece.text)


def _target(fact: Fact, text: str) -> tuple[int, int, str] | None:
    """Return where in *text* the number or web address of the fact's value stands, and its link."""
    if isinstance(fact.value, Phone):
        # The guide may write blanks or other dashes than the number in its normal form.
        digits = re.sub(r"\D", "", fact.value.number)
        match = re.search(r"[^\d]{0,3}".join(digits), text)
        return (*match.span(), f"tel:{fact.value.number}") if match else None
    if isinstance(fact.value, Place) and fact.value.url and fact.value.url in text:
        begin = text.index(fact.value.url)
        href = fact.value.url if "://" in fact.value.url else f"https://{fact.value.url}"
        return begin, begin + len(fact.value.url), href
    return None
