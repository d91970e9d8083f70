"""The account's menu (自定义菜单), read from bot/wording/wechat_menu.yml and checked against the platform's limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

MENU_FILE = Path(__file__).parent.parent.parent / "wording" / "wechat_menu.yml"

MOST_BUTTONS, MOST_BELOW = 3, 5
LONGEST_NAME, LONGEST_NAME_BELOW = 16, 60
LONGEST_KEY, LONGEST_URL = 128, 1024
"""Bytes."""
_SITE = "{site}"


class MenuError(ValueError):
    """wechat_menu.yml cannot be used; the message names the button."""


@dataclass(frozen=True)
class Button:
    """A button: it says something for the resident (*says*, named by its *key*), opens *opens*, or holds *below*."""

    name: str
    key: str | None = None
    says: str | None = None
    opens: str | None = None
    below: tuple[Button, ...] = ()


@dataclass(frozen=True)
class Menu:
    """The menu as we mean it to be."""

    buttons: tuple[Button, ...]

    def find_saying(self, key: str) -> str | None:
        """Return what the button of that *key* says; None for one of an older menu."""
        return next((one.says for one in self.all() if one.key == key), None)

    def for_platform(self, site: str | None) -> dict[str, Any]:
        """Return the form in which the platform takes it; without *site*, buttons to our pages are left out."""
        return {"button": [_as_button(button, site) for button in _shown(self.buttons, site)]}

    def needs_site(self) -> list[str]:
        """Return the names of the buttons that lead to our pages."""
        return [button.name for button in self.all() if button.opens and _SITE in button.opens]

    def all(self) -> Iterator[Button]:
        """Yield every button, each before those below it."""
        for button in self.buttons:
            yield button
            yield from button.below


def load_menu(path: Path = MENU_FILE) -> Menu:
    """Read the menu. Raises MenuError."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(data, list):
        raise MenuError(f"{path.name}: a list of buttons is expected")
    buttons = tuple(_button(item, LONGEST_NAME) for item in data)
    if not 1 <= len(buttons) <= MOST_BUTTONS:
        raise MenuError(f"{path.name}: 1 to {MOST_BUTTONS} buttons are expected")
    menu = Menu(buttons)
    keys = [button.key for button in menu.all() if button.key]
    if len(set(keys)) < len(keys):
        raise MenuError(f"{path.name}: a key stands there twice")
    return menu


def is_same_menu(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    """Tell whether the platform has the menu that we mean; what it adds of its own does not count."""
    return [_plain(button) for button in ours["button"]] == [_plain(button) for button in theirs.get("button", [])]


def _button(item: Any, longest_name: int) -> Button:
    name = item.get("name") if isinstance(item, dict) else None
    if not isinstance(name, str) or not 0 < len(name.encode()) <= longest_name:
        raise MenuError(f"{name}: a name of at most {longest_name} bytes is expected")
    below = item.get("below")
    kinds = [kind for kind in ("says", "opens", "below") if item.get(kind)]
    if len(kinds) != 1 or (below and longest_name != LONGEST_NAME):
        raise MenuError(f"{name}: one of says, opens and, at the top, below is expected")
    if below:
        if not isinstance(below, list) or len(below) > MOST_BELOW:
            raise MenuError(f"{name}: at most {MOST_BELOW} buttons are expected below it")
        return Button(name, below=tuple(_button(one, LONGEST_NAME_BELOW) for one in below))
    if opens := item.get("opens"):
        if not str(opens).startswith((_SITE, "http://", "https://")) or len(str(opens).encode()) > LONGEST_URL:
            raise MenuError(f"{name}: opens: an address, or {_SITE} and a path, is expected")
        return Button(name, opens=str(opens))
    key = item.get("key")
    if not isinstance(key, str) or not 0 < len(key.encode()) <= LONGEST_KEY:
        raise MenuError(f"{name}: a key of at most {LONGEST_KEY} bytes is expected")
    return Button(name, key, str(item["says"]))


def _shown(buttons: Sequence[Button], site: str | None) -> list[Button]:
    return [one for one in buttons if site is not None or one.opens is None or _SITE not in one.opens]


def _as_button(button: Button, site: str | None) -> dict[str, Any]:
    if button.below:
        return {"name": button.name, "sub_button": [_as_button(one, site) for one in _shown(button.below, site)]}
    if button.opens:
        return {"type": "view", "name": button.name, "url": button.opens.replace(_SITE, site or "")}
    return {"type": "click", "name": button.name, "key": button.key}


def _plain(button: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: button[name] for name in ("type", "name", "key", "url") if name in button}
    below = button.get("sub_button") or []
    # The platform has written the list below into a list of its own name.
    below = below.get("list", []) if isinstance(below, dict) else below
    return {**kept, "sub_button": [_plain(one) for one in below]}
