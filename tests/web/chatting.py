"""A resident at the chat page: what they do, and what the service then has of it."""

from __future__ import annotations

import json
from typing import Any

import httpx
from playwright.sync_api import Locator, Page, expect


def say(page: Page, text: str) -> None:
    """Write *text* and send it."""
    page.fill("#words", text)
    page.press("#words", "Enter")


def said(page: Page) -> Locator:
    """Return what the resident has said, as it is shown."""
    return page.locator(".mine .bubble")


def replies(page: Page) -> Locator:
    """Return the replies that are shown."""
    return page.locator(".theirs")


def ask(page: Page, text: str) -> Locator:
    """Say *text*, wait for the reply and return it."""
    before = replies(page).count()
    say(page, text)
    expect(replies(page)).to_have_count(before + 1)
    return replies(page).nth(before)


def kept(page: Page, key: str) -> Any:
    """Return what the browser keeps under *key*; None where it keeps nothing."""
    text = page.evaluate("(key) => localStorage.getItem(`guide.${key}`)", key)
    return None if text is None else json.loads(text)


def stored(page: Page, service: str, session: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """Return what the service has of the page's conversation, or of *session*."""
    session = session or kept(page, "session")
    response = httpx.get(
        f"{service}/api/v1/sessions/{session['id']}/entries",
        headers={"Authorization": f"Bearer {session['token']}"},
    )
    assert response.status_code == 200, response.text
    entries: list[dict[str, Any]] = response.json()["entries"]
    return entries


def texts_of(entries: list[dict[str, Any]], author: str) -> list[str]:
    """Return what *author* said in *entries*."""
    return [entry["text"] for entry in entries if entry["author"] == author]
