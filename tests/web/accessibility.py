"""axe over a page as it stands, its findings as sentences."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

_RUN = "() => axe.run(document, {resultTypes: ['violations']}).then((found) => found.violations)"


@cache
def _axe() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def barriers(page: Page) -> list[str]:
    """Return what axe finds wrong on *page*: rule, why, and the element; nothing where all is well.

    The script comes by the debugger, not by a tag: the page's policy (CSP) stays as strict as it is.
    """
    page.evaluate(_axe())
    violations: list[dict[str, Any]] = page.evaluate(_RUN)
    return [
        f"{violation['id']}: {violation['help']}: {node['html'][:160]} ({node['failureSummary']})"
        for violation in violations
        for node in violation["nodes"]
    ]
