"""Replies (答复) as letters: the bot's messages laid out for Telegram, choices as buttons, places and numbers to tap.

Every word of a message stays, with two exceptions that say the same again: an item's title above each of its facets,
and the list of choices where the buttons carry the same words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from bot.door import Services
from bot.query import FACET_NAMES, Decision
from bot.telegram.letters.layout import Line, Style, pages
from bot.telegram.letters.letter import Button, Keyboard, Letter
from bot.telegram.letters.presses import CallOff, Pick, write_press
from bot.wording.pages import PageWording

Message = Mapping[str, Any]

SHORT_LABEL = 20
"""Characters that a button shows whole on a telephone; longer choices stay in the text, their buttons are numbers."""
NUMBERS_A_ROW = 6
_INTERNATIONAL = re.compile(r"0(?P<area>\d{2,3})-?(?P<number>\d{7,8})")
_MOBILE = re.compile(r"1\d{10}")


@dataclass(frozen=True)
class Voice:
    """The sentences of this channel beside those of the office in force."""

    copy: PageWording
    services: Services


def letters_of(turn: Mapping[str, Any], voice: Voice, mark: str) -> list[Letter]:
    """Return what to send for a *turn* of the engine; its choices carry *mark*. Nothing where the bot is silent."""
    messages: Sequence[Message] = turn["messages"]
    question = next((message for message in reversed(messages) if message["type"] == "choices"), None)
    keyboard = _choices(question, turn, voice, mark) if question else ()
    are_listed = question is not None and _are_short(question["choices"])
    blocks = list(_blocks(messages, voice, question if are_listed else None))
    if not keyboard and any(message["type"] == "handoff" for message in messages):
        keyboard = ((Button(voice.copy.say("call_off"), write_press(CallOff())),),)
    texts = pages(blocks)
    return [
        *(Letter(text) for text in texts[:-1]),
        *(Letter(text, keyboard) for text in texts[-1:]),
    ]


def plain_letters(text: str, head: str = "", ticket: str | None = None) -> list[Letter]:
    """Return what to send for a text of ours, or of somebody who is named at its *head*."""
    lines = [*([Line(head, Style.HEAD)] if head else []), *(Line(line) for line in text.split("\n"))]
    return [Letter(page, ticket=ticket) for page in pages([lines])]


def lines_of_answers(answers: Sequence[Message], voice: Voice) -> list[list[Line]]:
    """Return a block of lines for each answer, the title once where several are about the same item."""
    return list(_blocks(answers, voice, None))


# ---------------------------------------------------------------- text


def _blocks(messages: Sequence[Message], voice: Voice, with_buttons: Message | None) -> Iterator[list[Line]]:
    """Yield the lines of each message; of *with_buttons* the choices are on buttons and not listed again."""
    titled = None
    tappable: list[Line] = []
    said = "\n".join(message["text"] for message in messages if message["type"] != "phone")
    for message in messages:
        if message["type"] == "link":
            tappable.append(_link(message, messages, voice))
            continue
        if message["type"] == "phone":
            tappable.extend(_phone(message, said, voice))
            continue
        yield from filter(None, [tappable])
        tappable = []
        if message["type"] == "answer":
            yield _answer(message, voice, is_titled=titled == message["item"]["id"])
            titled = message["item"]["id"]
        elif message is with_buttons:
            yield [Line(line) for line in _question_of(message)]
        else:
            yield [Line(line) for line in message["text"].split("\n")]
    yield from filter(None, [tappable])


def _answer(message: Message, voice: Voice, is_titled: bool) -> list[Line]:
    """Return an answer's lines: its head stands out, its source stands back."""
    head, *lines = message["text"].split("\n")
    begins, ends = voice.services.wording.say("source", lines="\0").split("\0")
    shown: list[Line] = []
    title = f"【{message['item']['title']}】"
    rest = head.removeprefix(title)
    if not (is_titled and head.startswith(title)):
        shown.append(Line(title if head.startswith(title) else head, Style.HEAD))
    if head.startswith(title) and rest:
        shown.append(Line(rest, Style.HEAD))
    for line in lines:
        is_source = line.startswith(begins) and line.endswith(ends)
        shown.append(Line(line, Style.ASIDE if is_source else Style.PLAIN))
    return shown


def _link(message: Message, messages: Sequence[Message], voice: Voice) -> Line:
    """Return a link under the place's name: addresses of maps are long and say nothing."""
    values = [fact.get("value", {}) for other in messages for fact in other.get("facts", ())]
    places = [value["address"] for value in values if value.get("address")]
    place = next((place for place in places if quote(place) in message["url"]), None)
    label = voice.copy.say("link_to_place", label=message["label"], place=place) if place else message["text"]
    return Line(label, url=message["url"])


def _phone(message: Message, said: str, voice: Voice) -> list[Line]:
    """Return a number as Telegram makes it a link, with the country's; a short one that was said already is enough."""
    number = message["number"]
    if found := _INTERNATIONAL.fullmatch(number):
        number = f"+86-{found['area']}-{found['number']}"
    elif _MOBILE.fullmatch(number):
        number = f"+86-{number}"
    elif number in said:
        return []
    if message["label"] == message["number"]:
        return [Line(voice.copy.say("dial", number=number))]
    return [Line(voice.copy.say("dial_labelled", label=message["label"], number=number))]


# ---------------------------------------------------------------- choices


def _question_of(message: Message) -> list[str]:
    """Return the lines of a question without its numbered choices."""
    lines: list[str] = message["text"].split("\n")
    return lines[: len(lines) - len(message["choices"])]


def _are_short(choices: Sequence[Mapping[str, str]]) -> bool:
    return all(len(choice["label"]) <= SHORT_LABEL for choice in choices)


def _choices(question: Message, turn: Mapping[str, Any], voice: Voice, mark: str) -> Keyboard:
    choices = question["choices"]
    meant = _meanings(choices, turn, voice.services)
    data = [
        write_press(Pick(mark, choice["value"], item, facet))
        for choice, (item, facet) in zip(choices, meant, strict=True)
    ]
    if _are_short(choices):
        labels = [voice.copy.say("choice", number=i, label=choice["label"]) for i, choice in enumerate(choices, 1)]
        return tuple((Button(label, carried),) for label, carried in zip(labels, data, strict=True))
    buttons = [Button(str(number), carried) for number, carried in enumerate(data, 1)]
    return tuple(tuple(buttons[start : start + NUMBERS_A_ROW]) for start in range(0, len(buttons), NUMBERS_A_ROW))


def _meanings(
    choices: Sequence[Mapping[str, str]], turn: Mapping[str, Any], services: Services
) -> list[tuple[str, str]]:
    """Return the item and aspect that each choice stands for; empty where only its question gives it sense."""
    items = [item["id"] for item in turn["items"]]
    labels = [choice["label"] for choice in choices]
    if turn["decision"] == Decision.CLARIFY.value:
        return [(item, "") for item in items] if len(items) == len(labels) else [("", "")] * len(labels)
    about = items[0] if items else ""
    facets = {services.wording.next_facet(facet): facet for facet in FACET_NAMES} if about else {}
    named = _named_items(about, services)
    return [(about, facets[label]) if label in facets else (named.get(label, ""), "") for label in labels]


def _named_items(about: str, services: Services) -> dict[str, str]:
    """Return the items by all that choices call them, beside the item that the turn was *about*."""
    ways, known = services.ground.ways, services.base.by_id
    named = {item.title: item.id for item in services.base}
    named |= {say: item for item, say in ways.says.items()}
    named |= {step.say: step.item for event in ways.events for step in event.steps}
    named |= {step.say: step.item for step in ways.next_for(about)}
    return {say: item for say, item in named.items() if item in known}
