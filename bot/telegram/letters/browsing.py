"""The list of items (办事事项目录) to leaf through: categories, then their items page by page, in one message."""

from __future__ import annotations

from bot.telegram.letters.layout import Line, pages
from bot.telegram.letters.letter import Button, Keyboard, Letter
from bot.telegram.letters.outgoing import Voice
from bot.telegram.letters.presses import Ask, Browse, write_press
from knowledge.model import ServiceItem

ITEMS_A_PAGE = 8


def list_letter(voice: Voice, browse: Browse, edits: int | None = None) -> Letter:
    """Return a page of the list; where there is no such page any more, its first one."""
    by_category = items_by_category(voice)
    if browse.category is None or browse.category >= len(by_category):
        return _categories(voice, by_category, edits)
    name, items = list(by_category.items())[browse.category]
    count = -(-len(items) // ITEMS_A_PAGE)
    page = min(browse.page, count - 1)
    shown = items[page * ITEMS_A_PAGE : (page + 1) * ITEMS_A_PAGE]
    says = voice.services.ground.ways.says
    rows: list[tuple[Button, ...]] = [
        (Button(says.get(item.id, item.title), write_press(Ask(item.id))),) for item in shown
    ]
    lines = [Line(voice.copy.say("items_of", name=name))]
    if count > 1:
        lines.append(Line(voice.copy.say("page_of", page=page + 1, pages=count)))
    return _letter(lines, (*rows, _turning(voice, browse.category, page, count)), edits)


def items_by_category(voice: Voice) -> dict[str, list[ServiceItem]]:
    """Return the items of the edition in force, in its order."""
    by_category: dict[str, list[ServiceItem]] = {}
    for item in voice.services.base:
        by_category.setdefault(item.category, []).append(item)
    return by_category


def _categories(voice: Voice, by_category: dict[str, list[ServiceItem]], edits: int | None) -> Letter:
    buttons = [
        Button(voice.copy.say("category", name=name, count=len(items)), write_press(Browse(place)))
        for place, (name, items) in enumerate(by_category.items())
    ]
    rows = tuple(tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2))
    return _letter([Line(voice.copy.say("categories", count=len(voice.services.base.items)))], rows, edits)


def _turning(voice: Voice, category: int, page: int, count: int) -> tuple[Button, ...]:
    earlier = Button(voice.copy.say("earlier"), write_press(Browse(category, page - 1)))
    later = Button(voice.copy.say("later"), write_press(Browse(category, page + 1)))
    back = Button(voice.copy.say("back"), write_press(Browse()))
    return (*([earlier] if page else []), back, *([later] if page + 1 < count else []))


def _letter(lines: list[Line], keyboard: Keyboard, edits: int | None) -> Letter:
    [text] = pages([lines])
    return Letter(text, keyboard, edits)
