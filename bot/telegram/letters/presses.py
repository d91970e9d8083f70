"""Presses (按钮): what a button carries in its 64 bytes, and how it is read again, whenever it comes."""

from __future__ import annotations

from dataclasses import dataclass

from bot.query import FACET_NAMES

LONGEST_DATA = 64
"""Bytes that Telegram lets a button carry."""


@dataclass(frozen=True)
class Pick:
    """A choice of the question *mark*: what picking it says, and the item and aspect that it stands for, if any.

    With these it can still be answered when the conversation has gone on from its question.
    """

    mark: str
    value: str
    item: str = ""
    facet: str = ""


@dataclass(frozen=True)
class Browse:
    """A page of the list of items: of the *category* of that place, of all categories where it is None."""

    category: int | None = None
    page: int = 0


@dataclass(frozen=True)
class Ask:
    """An item of the list."""

    item: str


@dataclass(frozen=True)
class CallOff:
    """Nobody is to be waited for any more."""


@dataclass(frozen=True)
class Erase:
    """Whether everything is to be forgotten, as *user* was asked."""

    is_wanted: bool
    user: int


Press = Pick | Browse | Ask | CallOff | Erase


def write_press(press: Press) -> str:
    """Return what a button carries; a choice that is too long for it leaves out what it stands for."""
    match press:
        case Pick(mark, value, item, facet):
            whole = f"c.{mark}.{value}.{item}.{facet}"
            return whole if len(whole.encode()) <= LONGEST_DATA else f"c.{mark}.{value}.."
        case Browse(category, page):
            return "l" if category is None else f"l.{category}.{page}"
        case Ask(item):
            return f"i.{item}"
        case CallOff():
            return "w"
        case Erase(is_wanted, user):
            return f"d.{int(is_wanted)}.{user}"


def find_press(data: str) -> Press | None:
    """Return what a button means; None where it is none of ours, or of another age."""
    kind, *parts = data.split(".")
    try:
        match kind, parts:
            case "c", [mark, value, item, facet] if mark and value and (not facet or facet in FACET_NAMES):
                return Pick(mark, value, item, facet)
            case "l", []:
                return Browse()
            case "l", [category, page] if category.isdecimal() and page.isdecimal():
                return Browse(int(category), int(page))
            case "i", [item] if item:
                return Ask(item)
            case "w", []:
                return CallOff()
            case "d", ["0" | "1" as wanted, user]:
                return Erase(wanted == "1", int(user))
    except ValueError:
        pass
    return None
