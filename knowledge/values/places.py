"""Where and how (办理地点、办理方式): counters, addresses, web sites, apps, machines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_URL = re.compile(
    r"https?://[\w./?=&#%:-]+|(?<![\w.])(?:[a-z0-9-]+\.)+(?:gov\.cn|com|cn|net|org)(?:/[\w./?=&#%-]*)?", re.I
)
_WINDOW = re.compile(r"[\d一二三四五六七八九十]+号窗口|[^，,。；;、厅楼]{1,8}专窗")


@dataclass(frozen=True)
class Place:
    """A way to get there: *kind* of channel, and the address, web address or counter that the text gives."""

    kind: str
    address: str | None = None
    url: str | None = None
    window: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the contract's form; what the text does not give is left out."""
        data = {"kind": self.kind, "address": self.address, "url": self.url, "window": self.window}
        return {key: value for key, value in data.items() if value is not None}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Place:
        """Inverse of as_json."""
        return cls(data["kind"], data.get("address"), data.get("url"), data.get("window"))


def parse_place(
    text: str, channels: Mapping[str, Sequence[str]], inherited: str | None = None, bare_counter: str = ""
) -> Place | None:
    """Read one entry, given without its number; *channels* maps each kind to the words that tell it.

    The word that comes first decides; without one the kind of the heading above (*inherited*) holds.
    A text that matches *bare_counter* ("现场办理") names no address. Returns None where the text names no channel.
    """
    kind = find_channel(text, channels) or inherited
    if kind is None:
        return None
    url = _URL.search(text)
    window = _WINDOW.search(text)
    address = _address(text, bare_counter) if kind == "onsite" else None
    return Place(kind, address, url.group().rstrip(".") if url else None, window.group() if window else None)


def find_channel(text: str, channels: Mapping[str, Sequence[str]]) -> str | None:
    """Return the kind whose word stands first in *text*; of words that begin together the longest decides."""
    found = [
        (position, -len(word), kind)
        for kind, words in channels.items()
        for word in words
        if (position := text.find(word)) >= 0
    ]
    return min(found)[2] if found else None


def _address(text: str, bare_counter: str) -> str | None:
    body = re.sub(r"^[^：:]{0,12}[：:]", "", text).strip("；;。， \t")
    if bare_counter and re.fullmatch(bare_counter, body):
        return None
    return body or None
