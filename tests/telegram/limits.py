"""What Telegram refuses, as its documentation has it: the stand-in's, and the tests', measure for every message."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

LONGEST_TEXT = 4096
LONGEST_DATA = 64
MOST_BUTTONS = 100
_TAGS = {"b", "strong", "i", "em", "u", "s", "code", "pre", "a", "blockquote"}


class RefusedError(Exception):
    """What the API answers with 400; the message is its description."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.text = ""
        self.links: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            raise RefusedError(f'Bad Request: can\'t parse entities: Unsupported start tag "{tag}"')
        self._open.append(tag)
        self.links.extend(value or "" for name, value in attrs if tag == "a" and name == "href")

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            raise RefusedError(f'Bad Request: can\'t parse entities: Unexpected end tag "{tag}"')

    def handle_data(self, data: str) -> None:
        if "<" in data or ">" in data or "&" in data:
            raise RefusedError("Bad Request: can't parse entities: Unsupported start tag")
        self.text += data

    def handle_entityref(self, name: str) -> None:
        signs = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
        if name not in signs:
            raise RefusedError(f"Bad Request: can't parse entities: unknown &{name};")
        self.text += signs[name]

    def close(self) -> None:
        super().close()
        if self._open:
            raise RefusedError(f"Bad Request: can't parse entities: Can't find end tag \"{self._open[-1]}\"")


def read_html(html: str) -> str:
    """Return the text of a message. Raises RefusedError where tags are wrong or it does not fit."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    for link in reader.links:
        if urlsplit(link).scheme not in {"http", "https", "tg", "mailto"} or not link.isascii() or " " in link:
            raise RefusedError(f"Bad Request: wrong link {link}")
    check_text(reader.text)
    return reader.text


def check_text(text: str) -> None:
    """Raise RefusedError where a text is empty or too long."""
    if not text.strip():
        raise RefusedError("Bad Request: message text is empty")
    if len(text.encode("utf-16-le")) // 2 > LONGEST_TEXT:
        raise RefusedError("Bad Request: message is too long")


def check_keyboard(markup: dict[str, Any]) -> None:
    """Raise RefusedError where buttons are not as Telegram wants them."""
    buttons = [button for row in markup["inline_keyboard"] for button in row]
    if len(buttons) > MOST_BUTTONS or any(len(row) > 8 for row in markup["inline_keyboard"]):
        raise RefusedError("Bad Request: reply markup is too long")
    for button in buttons:
        if not button["text"].strip():
            raise RefusedError("Bad Request: text buttons are unallowed in the inline keyboard")
        data, url = button.get("callback_data"), button.get("url")
        if (data is None) == (url is None):
            raise RefusedError("Bad Request: exactly one of the optional fields must be used")
        if data is not None and not 1 <= len(data.encode()) <= LONGEST_DATA:
            raise RefusedError("Bad Request: BUTTON_DATA_INVALID")
        if url is not None and urlsplit(url).scheme not in {"http", "https", "tg"}:
            raise RefusedError("Bad Request: BUTTON_URL_INVALID")
