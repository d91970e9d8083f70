"""HTML by Jinja2: always escaped, every value required, sentences from the wording of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.pages.static import static
from bot.wording.pages import load_page_wording

_FOLDER = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["static"] = static
    # Chinese as it is: half the bytes, and readable in the page's source.
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "sort_keys": False}
    return environment


def render(
    name: str, wording: Sequence[str] = ("shared", "resident"), scripts: Sequence[str] | None = None, **context: Any
) -> str:
    """Return the template *name* ("items.html") with *context*, saying the sentences of the files *wording*.

    The page's scripts get the sentences of the files *scripts*, of all where none are named.
    Every page that extends base.html needs `office`, the name of the office, in its context.
    """
    said = load_page_wording(*wording)
    spoken = wording if scripts is None else scripts
    sentences = load_page_wording(*spoken).sentences(spoken)
    return _environment().get_template(name).render(say=said.say, sentences=sentences, **context)


def page(
    name: str,
    wording: Sequence[str] = ("shared", "resident"),
    scripts: Sequence[str] | None = None,
    status_code: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> HTMLResponse:
    """Return what render() makes as a response."""
    return HTMLResponse(render(name, wording, scripts, **context), status_code, headers)
