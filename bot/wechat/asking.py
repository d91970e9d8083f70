"""What is wanted (所求): a page of an earlier reply, a choice that was tapped, or words for the engine.

A typed number means what was shown last that has numbers: the pages of a reply, where the page seen last says
"回复 2 看第 2 页"; else a choice of the engine's. "第2页", "下一页" and the link of a page always mean the page,
whatever was asked in between.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from bot.wechat.arriving.incoming import Incoming
from bot.wechat.kept.people import Numbers, Shown
from bot.wechat.saying.pages import Pages

_LINK = re.compile(r"(?P<what>[pc])(?P<reply>[0-9]{1,18})-(?P<number>[0-9]{1,3})")
_PAGE = re.compile(
    r"(?:请?回复\S{1,2})?(?:我?要?看|翻到?|看一下)?第?(?P<number>[0-9]{1,2}|[一二三四五六七八九十])页[。.!]?"
)
_NEXT = re.compile(r"(?:看|翻到?)?下一?[页頁][。.!]?|翻[页頁]")
_NUMBER = re.compile(r"[0-9]{1,2}")
_DIGITS = {sign: number for number, sign in enumerate("一二三四五六七八九十", 1)}


@dataclass(frozen=True)
class PageWanted:
    """A page of the reply of that number."""

    reply: int
    number: int
    is_tapped: bool = False


@dataclass(frozen=True)
class Words:
    """Something for the engine."""

    text: str


FindPages = Callable[[int], Pages | None]


def page_link(reply: int, number: int) -> str:
    """Return the id by which a link asks for a page."""
    return f"p{reply}-{number}"


def find_wanted(incoming: Incoming, text: str, shown: Shown) -> PageWanted | tuple[int, int] | Words:
    """Return what is wanted; a choice that was tapped as the reply's number and its own."""
    tapped = _LINK.fullmatch(incoming.menu or "")
    if tapped and tapped["what"] == "p":
        return PageWanted(int(tapped["reply"]), int(tapped["number"]), is_tapped=True)
    if tapped:
        return int(tapped["reply"]), int(tapped["number"])
    if shown.paged is None:
        return Words(text)
    said = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    if page := _PAGE.fullmatch(said):
        number = page["number"]
        return PageWanted(shown.paged, _DIGITS.get(number) or int(number))
    if _NEXT.fullmatch(said):
        return PageWanted(shown.paged, (shown.page or 1) + 1)
    if shown.numbers is Numbers.PAGE and _NUMBER.fullmatch(said):
        return PageWanted(shown.paged, int(said))
    return Words(text)


def words_of_choice(text: str, reply: int, number: int, pages: Pages | None, shown: Shown) -> Words:
    """Return what a tapped choice says: what it stands for, or its own words where others were offered since."""
    options = pages.options if pages else ()
    if not 1 <= number <= len(options):
        return Words(text)
    option = options[number - 1]
    return Words(option.value if shown.offered == reply else option.label)


def after_page(reply: int, number: int, pages: Pages, before: Shown) -> Shown:
    """Return what the resident sees once a page is shown."""
    is_last = number == len(pages.texts)
    offers = number in pages.offering
    offered = reply if offers else before.offered
    if len(pages.texts) == 1:
        numbers = Numbers.CHOICE if offers else before.numbers
        return Shown(before.paged, before.page, offered, numbers)
    return Shown(reply, number, offered, Numbers.CHOICE if offers and is_last else Numbers.PAGE)
