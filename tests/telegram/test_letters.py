"""Replies as letters: every item and facet within Telegram's limits, no word lost, buttons that can be read again."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answering.beside import links_of, phones_of
from bot.answering.compose import Composer
from bot.query import FACET_NAMES
from bot.telegram.letters.inline import inline_results
from bot.telegram.letters.layout import Line, Style, length_of, pages
from bot.telegram.letters.letter import Button, Letter
from bot.telegram.letters.markup import plain_text
from bot.telegram.letters.outgoing import Voice, letters_of, plain_letters
from bot.telegram.letters.presses import Ask, Browse, CallOff, Erase, Pick, Press, find_press, write_press
from bot.telegram.running import load_copy
from tests.telegram.limits import check_keyboard, read_html
from tests.telegram.stand_in import BOT_NAME

if TYPE_CHECKING:
    from bot.lookup.index import LookupIndex
    from bot.runtime.engine import Engine

Turn = dict[str, Any]
TODAY = date(2026, 6, 1)


@pytest.fixture(scope="module")
def voice(telegram_engine: Engine) -> Voice:
    return Voice(load_copy(), telegram_engine.services)


def turn_of(*messages: Turn, decision: str = "answer", items: Sequence[str] = ()) -> Turn:
    return {"decision": decision, "items": [{"id": item} for item in items], "messages": list(messages)}


def text_of(letters: Sequence[Letter]) -> str:
    """Return what is read in *letters*, which are all as Telegram wants them."""
    for letter in letters:
        check_keyboard({"inline_keyboard": [[_as_api(button) for button in row] for row in letter.keyboard]})
    return "\n".join(read_html(letter.html) for letter in letters)


def _as_api(button: Button) -> dict[str, str]:
    carried = {"callback_data": button.data, "url": button.url}
    return {"text": button.label, **{key: value for key, value in carried.items() if value is not None}}


def squashed(text: str) -> str:
    return "".join(text.split())


def choices_of(*labels: str) -> Turn:
    lines = "\n".join(f"{number}. {label}" for number, label in enumerate(labels, 1))
    choices = [{"label": label, "value": str(number)} for number, label in enumerate(labels, 1)]
    return {"type": "choices", "text": f"哪一项？\n{lines}", "choices": choices}


# ---------------------------------------------------------------- the whole guide


def test_every_facet_of_every_item_fits_and_keeps_every_word(voice: Voice) -> None:
    services = voice.services
    for item, facet in itertools.product(services.base, FACET_NAMES):
        answers = [message.as_json() for message in Composer(services.wording, TODAY).answer(item, (facet,))]
        beside = [
            *links_of(item.facts, services.wording, services.office.map_link, services.office.city),
            *phones_of(item.facts),
        ]
        letters = letters_of(turn_of(*answers, *(message.as_json() for message in beside), items=[item.id]), voice, "1")
        shown = squashed(text_of(letters))
        facts = [fact["text"] for answer in answers for fact in answer.get("facts", ())]
        lines = [line for answer in answers for line in answer["text"].split("\n")[1:]]
        lost = [words for words in (item.title, *facts, *lines) if squashed(words) not in shown]
        assert not lost, (item.id, facet)
        assert all(f"{phone.number[1:4]}-{phone.number[5:]}" in shown for phone in beside if hasattr(phone, "number"))


def test_every_item_can_be_sent_from_the_list_behind_the_bots_name(voice: Voice, index: LookupIndex) -> None:
    for item in voice.services.base:
        found = {result.id: result for result in inline_results(str(item.number), index, voice, BOT_NAME)}
        if item.id not in found:
            found = {result.id: result for result in inline_results(item.title, index, voice, BOT_NAME)}
        content = found[item.id].to_dict()["input_message_content"]
        assert item.title in read_html(content["message_text"])


@pytest.fixture(scope="module")
def index(voice: Voice) -> LookupIndex:
    from bot.lookup.edition import Lookup

    services = voice.services
    return Lookup(services.ground.ways, services.glossary).make(services.base)


# ---------------------------------------------------------------- layout


@given(
    st.lists(st.lists(st.text("办事，。<&>🀄\u0301 a", min_size=1, max_size=60), min_size=1, max_size=6), max_size=8)
)
@settings(max_examples=60, deadline=None)
def test_pages_keep_every_sign_and_fit(blocks: list[list[str]]) -> None:
    cut = pages([[Line(line) for line in block] for block in blocks], longest=40)
    assert all(length_of(plain_text(page)) <= 40 for page in cut)
    assert squashed("".join(map(plain_text, cut))) == squashed("".join(itertools.chain(*blocks)))


def test_a_statement_that_fits_is_not_cut() -> None:
    statements = ["甲" * 15, "乙" * 15, "丙" * 15]
    assert pages([[Line(statement) for statement in statements]], longest=20) == statements


def test_a_block_that_fits_into_a_message_stays_whole() -> None:
    assert pages([[Line("甲" * 10)], [Line("乙" * 5), Line("丙" * 5)]], longest=18) == [
        "甲" * 10,
        "乙乙乙乙乙\n丙丙丙丙丙",
    ]


def test_a_line_too_long_is_cut_behind_a_clause() -> None:
    assert pages([[Line("甲甲甲甲，乙乙乙乙。")]], longest=8) == ["甲甲甲甲，", "乙乙乙乙。"]


def test_no_character_is_cut_in_half() -> None:
    assert "".join(pages([[Line("🀄" * 30)]], longest=7)) == "🀄" * 30


def test_signs_that_mean_something_to_telegram_are_escaped() -> None:
    [page] = pages([[Line("<b>&", Style.HEAD), Line("图", url='https://example.org/?a="1"&b=2')]])
    assert read_html(page) == "<b>&\n图"


def test_half_a_character_is_no_error() -> None:
    [letter] = plain_letters("前\ud800后")
    assert read_html(letter.html) == "前?后"


# ---------------------------------------------------------------- replies


def test_a_title_stands_once_above_its_facets(voice: Voice) -> None:
    item = voice.services.base.by_id["card_replace"]
    answers = [message.as_json() for message in Composer(voice.services.wording, TODAY).answer(item, ())]
    assert text_of(letters_of(turn_of(*answers, items=[item.id]), voice, "1")).count(f"【{item.title}】") == 1


def test_short_choices_are_buttons_and_not_listed_again(voice: Voice) -> None:
    [letter] = letters_of(turn_of(choices_of("去哪里办", "多久办好")), voice, "1")
    assert text_of([letter]) == "哪一项？"
    assert [button.label for row in letter.keyboard for button in row] == ["1. 去哪里办", "2. 多久办好"]


def test_long_choices_are_listed_and_their_buttons_are_numbers(voice: Voice) -> None:
    labels = ["很长" * 20, "多久办好"]
    [letter] = letters_of(turn_of(choices_of(*labels)), voice, "1")
    assert all(label in text_of([letter]) for label in labels)
    assert [button.label for row in letter.keyboard for button in row] == ["1", "2"]


def test_a_choice_carries_the_item_that_it_stands_for(voice: Voice) -> None:
    items = ["retirement_normal", "card_replace"]
    turn = turn_of(choices_of("甲", "乙"), decision="clarify", items=items)
    [letter] = letters_of(turn, voice, "77")
    carried = [find_press(button.data or "") for row in letter.keyboard for button in row]
    assert carried == [Pick("77", "1", "retirement_normal"), Pick("77", "2", "card_replace")]


def test_a_choice_carries_the_aspect_that_it_asks_for(voice: Voice) -> None:
    label = voice.services.wording.next_facet("materials")
    [letter] = letters_of(turn_of(choices_of(label), items=["card_replace"]), voice, "77")
    assert find_press(letter.keyboard[0][0].data or "") == Pick("77", "1", "card_replace", "materials")


def test_a_choice_carries_the_item_that_comes_next(voice: Voice) -> None:
    step = voice.services.ground.ways.next_for("card_replace")[0]
    [letter] = letters_of(turn_of(choices_of(step.say), items=["card_replace"]), voice, "77")
    assert find_press(letter.keyboard[0][0].data or "") == Pick("77", "1", step.item)


def test_a_place_is_a_link_under_its_name(voice: Voice) -> None:
    services = voice.services
    item = services.base.by_id["card_replace"]
    links = links_of(item.facts, services.wording, services.office.map_link, services.office.city)
    answers = Composer(services.wording, TODAY).answer(item, ("location",))
    [letter] = letters_of(turn_of(*(message.as_json() for message in (*answers, *links)), items=[item.id]), voice, "1")
    assert "看地图：广西钦州市" in text_of([letter])
    assert '<a href="https://' in letter.html


def test_the_bots_silence_sends_nothing(voice: Voice) -> None:
    assert letters_of(turn_of(decision="handoff"), voice, "1") == []


def test_a_letter_is_kept_as_it_is() -> None:
    letter = Letter(
        "<b>甲</b>", ((Button("乙", "c.1.1.."), Button("丙", url="https://example.org")),), 5, 6, "0101-001"
    )
    assert Letter.from_json(letter.as_json()) == letter


# ---------------------------------------------------------------- presses

PRESSES: list[Press] = [
    Pick("4294967295", "1", "register_construction_injury_insurance", ""),
    Pick("12", "3", "card_replace", "materials"),
    Browse(),
    Browse(16, 3),
    Ask("register_construction_injury_insurance"),
    CallOff(),
    Erase(True, 6_000_000_000),
    Erase(False, 1),
]


@pytest.mark.parametrize("press", PRESSES, ids=repr)
def test_what_a_button_carries_fits_and_is_read_again(press: Press) -> None:
    assert len(write_press(press).encode()) <= 64
    assert find_press(write_press(press)) == press


def test_a_choice_too_long_for_a_button_leaves_out_what_it_stands_for() -> None:
    assert find_press(write_press(Pick("4294967295", "1", "x" * 50))) == Pick("4294967295", "1")


@pytest.mark.parametrize("data", ["", "c", "c.1", "c.1.2.x.y", "l.x.1", "d.2.5", "d.1.x", "i.", "z.1", "c....", "办"])
def test_what_is_no_button_of_ours_is_nothing(data: str) -> None:
    assert find_press(data) is None
