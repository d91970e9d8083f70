"""Pages: every answer of the guide within the platform's limit, nothing lost when pages are joined."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answering.compose import Composer
from bot.wechat.saying.body import Body, Option, Part, body_as_json, body_from_json, body_of
from bot.wechat.saying.cutting import cut_line, size
from bot.wechat.saying.pages import LIMIT, Pages, compose
from bot.wording import load_wording
from knowledge.model import Facet, KnowledgeBase
from tests.wechat.conftest import links_in, seen
from tests.wechat.platform import check_text

MORE = "〔{page}/{pages}〕"
_MORE = re.compile(r"〔\d+/\d+〕")


def more(page: int, pages: int) -> str:
    return MORE.format(page=page, pages=pages)


def joined(pages: Pages) -> str:
    """Return all that is on the pages, as it looks, without gaps."""
    return "".join("".join(_MORE.sub("", seen(text)).split()) for text in pages.texts)


def words(text: str) -> str:
    return "".join(text.split())


def body_with_choices(text: str, count: int = 3) -> Body:
    labels = [f"第{number}种情况" for number in range(1, count + 1)]
    lines = [f"{number}. {label}" for number, label in enumerate(labels, 1)]
    options = tuple(Option(label, str(number)) for number, label in enumerate(labels, 1))
    return (Part(text), Part("\n".join(["是哪一种？", *lines]), options))


@pytest.mark.parametrize("facet", Facet, ids=str)
def test_every_facet_of_every_item_keeps_within_the_limit_and_loses_nothing(base: KnowledgeBase, facet: Facet) -> None:
    composer = Composer(load_wording(), date(2026, 1, 1))
    for item in base:
        messages = [message.as_json() for message in composer.answer(item, (facet.value,))]
        pages = compose(body_of(messages), 123456789, more)
        for text in pages.texts:
            check_text(text)
        assert joined(pages) == words("".join(message["text"] for message in messages)), item.id


def test_the_choices_among_all_items_keep_within_the_limit(base: KnowledgeBase) -> None:
    composer = Composer(load_wording(), date(2026, 1, 1))
    longest = sorted(base, key=lambda item: len(item.title))[-6:]
    messages = [message.as_json() for message in composer.choices(longest, None)]
    pages = compose(body_of(messages), 123456789, more)
    check_text(pages.texts[0])
    assert len(links_in(pages.texts[0])) == 6
    assert joined(pages) == words(messages[0]["text"])


def test_a_short_answer_is_one_page_that_says_nothing_of_pages() -> None:
    assert compose((Part("不收费"),), 1, more) == Pages(("不收费",))


def test_a_page_ends_where_a_fact_ends() -> None:
    facts = [f"{number}.{'材料' * 40}；" for number in range(1, 30)]
    pages = compose((Part("\n".join(facts)),), 1, more)
    assert len(pages.texts) > 1
    assert all(_MORE.sub("", text).strip().endswith("；") for text in pages.texts)


def test_a_heading_goes_with_what_is_below_it() -> None:
    filler = "\n".join("甲" * 60 for _ in range(10))
    for count in range(1, 70):
        pages = compose((Part(filler + "乙" * count), Part("【事项】办理材料\n" + "丙" * 100)), 1, more)
        for text in pages.texts[:-1]:
            assert not _MORE.sub("", text).strip().endswith("办理材料")


def test_choices_stay_together_and_carry_links_that_name_the_reply() -> None:
    pages = compose(body_with_choices("甲" * 680), 77, more)
    assert len(pages.texts) == 2
    assert pages.offering == (2,)
    assert links_in(pages.texts[1]) == [(f"第{number}种情况", f"c77-{number}") for number in (1, 2, 3)]


def test_links_that_would_cost_a_page_are_left_out() -> None:
    pages = compose(body_with_choices("甲" * 610), 77, more)
    plain = size("".join(part.text for part in body_with_choices("甲" * 610)))
    assert plain < LIMIT
    assert len(pages.texts) == 1
    assert not links_in(pages.texts[0])
    assert pages.offering == (1,)


def test_signs_that_would_break_a_link_are_written_otherwise_in_it() -> None:
    part = Part('哪一种？\n1. <"A&B">', (Option('<"A&B">', "1"),))
    assert links_in(compose((part,), 1, more).texts[0]) == [("＜＂A＆B＂＞", "c1-1")]


SIGNS = ["👨‍👩‍👧‍👦", "👍🏽", "🇨🇳", "❤️", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "e\u0301", "𠮷"]


@pytest.mark.parametrize("sign", SIGNS)
def test_what_is_one_sign_to_the_eye_is_never_cut(sign: str) -> None:
    for shift in range(12):
        pieces = cut_line("x" * shift + sign * 60, 90)
        assert "".join(pieces) == "x" * shift + sign * 60
        assert all(size(piece) <= 90 for piece in pieces)
        assert all(len(piece.lstrip("x")) % len(sign) == 0 for piece in pieces)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=900), min_size=1, max_size=6))
def test_any_text_is_cut_within_the_limit_and_joined_again(texts: list[str]) -> None:
    pages = compose(tuple(Part(text.replace("<", "").replace("〔", "")) for text in texts), 1, more)
    assert all(size(text) <= LIMIT for text in pages.texts)
    control = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
    assert joined(pages) == words(control.sub("", "".join(texts).replace("<", "").replace("〔", "")))


def test_pages_and_bodies_come_back_as_they_were_kept() -> None:
    body = body_with_choices("甲" * 900)
    assert body_from_json(body_as_json(body)) == body
    pages = compose(body, 5, more)
    assert Pages.from_json(pages.as_json()) == pages


def test_a_number_or_an_address_that_the_answer_spells_out_is_not_said_twice() -> None:
    messages = [
        {"type": "answer", "text": "电话：12345678；网址：https://a.example.org"},
        {"type": "phone", "text": "咨询：12345678", "label": "咨询", "number": "12345678"},
        {"type": "link", "text": "网上办：https://a.example.org", "label": "网上办", "url": "https://a.example.org"},
        {"type": "link", "text": "看地图：https://m.example.org", "label": "看地图", "url": "https://m.example.org"},
        {"type": "phone", "text": "12333", "label": "12333", "number": "12333"},
    ]
    said = [part.text for part in body_of(messages)]
    assert said == [messages[0]["text"], '<a href="https://m.example.org">看地图</a>', "12333"]
