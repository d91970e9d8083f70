"""What every page stands on: sentences, files for browsers, errors as pages, and syntax that old phones know."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page

from bot.settings import ROOT
from bot.wording import WordingError
from bot.wording.pages import PageWording, load_page_wording
from tests.web.accessibility import barriers
from tests.web.conftest import picture

SENTENCES = sorted(path.stem for path in (ROOT / "bot" / "wording" / "pages").glob("*.yml"))
TEMPLATES = sorted((ROOT / "api" / "pages" / "templates").glob("*.html"))
SHIPPED = sorted(path for path in (ROOT / "api" / "static").rglob("*") if path.suffix in {".js", ".css"})
AS_A_PERSON = {"Accept": "text/html,application/xhtml+xml"}


# ---------------------------------------------------------------- sentences


@pytest.mark.parametrize("name", SENTENCES)
def test_every_file_of_sentences_can_be_used(name: str) -> None:
    assert load_page_wording(name).sentences((name,))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_says_only_what_there_is(template: Path) -> None:
    known = {key for name in SENTENCES for key in load_page_wording(name).sentences((name,))}
    said = set(re.findall(r"""\bsay\("(\w+)"(?! ~)""", template.read_text(encoding="utf-8")))
    assert said <= known


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_speaks_for_itself(template: Path) -> None:
    bare = re.sub(r"\{#.*?#\}", "", template.read_text(encoding="utf-8"), flags=re.S)
    assert not re.findall(r"[\u4e00-\u9fff]+", bare)


def test_a_sentence_is_filled_in() -> None:
    assert PageWording({"one": {"found": "找到 {count} 项"}}).say("found", count=3) == "找到 3 项"


@pytest.mark.parametrize(("key", "values"), [("missing", {}), ("found", {})])
def test_a_wrong_key_or_value_is_an_error_at_once(key: str, values: dict[str, object]) -> None:
    with pytest.raises(WordingError, match="one"):
        PageWording({"one": {"found": "找到 {count} 项"}}).say(key, **values)


def test_two_files_of_a_page_never_say_the_same_key() -> None:
    with pytest.raises(WordingError, match=r"two\.yml.*close"):
        PageWording({"one": {"close": "关闭"}, "two": {"close": "关上"}})


@pytest.mark.parametrize("text", ["close:\n", "close: ''\n", "close: 3\n", "- close\n"])
def test_an_empty_sentence_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "one.yml").write_text(text, encoding="utf-8")
    with pytest.raises(WordingError, match=r"one\.yml"):
        load_page_wording("one", folder=tmp_path)


# ---------------------------------------------------------------- files for browsers


def static_addresses(http: httpx.Client) -> list[str]:
    return re.findall(r'(?:src|href)="(/static/[^"]+)"', http.get("/items").text)


def test_scripts_and_styles_are_kept_for_good(http: httpx.Client) -> None:
    addresses = static_addresses(http)
    assert len(addresses) > 3
    for address in addresses:
        response = http.get(address)
        assert response.status_code == 200
        assert "immutable" in response.headers["cache-control"]


def test_a_file_of_a_former_release_is_asked_for_again(http: httpx.Client) -> None:
    former = re.sub(r"/static/\w+/", "/static/000000000000/", static_addresses(http)[0])
    response = http.get(former)
    assert (response.status_code, response.headers["cache-control"]) == (200, "no-cache")


@pytest.mark.parametrize("path", ["/static/x/../../app.py", "/static/x/%2e%2e/app.py", "/static/x/shared", "/static/x"])
def test_nothing_but_static_files_is_served_as_one(http: httpx.Client, path: str) -> None:
    assert http.get(path).status_code in {404, 405}


def test_pages_travel_packed(http: httpx.Client) -> None:
    assert http.get("/items", headers={"Accept-Encoding": "gzip"}).headers["content-encoding"] == "gzip"


NEWER = {
    r"\?\.(?!\d)": "optional chaining",
    r"\?\?": "nullish coalescing",
    r"\|\|=|&&=": "logical assignment",
    r"\bcatch\s*\{": "catch without a name",
    r"\.(?:replaceAll|flat|flatMap|at|matchAll|replaceChildren|toggleAttribute|allSettled)\(": "newer method",
    r":has\(|:is\(|:where\(": "newer selector",
    r"\b(?:clamp|min|max)\((?=[^)]*(?:px|rem|vw|vh|%))": "CSS comparison",
    r"(?m)^\s*(?:gap|inset|aspect-ratio)\s*:": "newer property",
}
"""What a phone of 2016 does not know, which browsers no longer than Chrome 60 have."""


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.relative_to(ROOT / "api" / "static").as_posix())
def test_an_old_phone_understands_what_is_shipped(path: Path) -> None:
    bare = re.sub(r"/\*.*?\*/|(?m:^\s*//.*$)", "", path.read_text(encoding="utf-8"), flags=re.S)
    # An address in a string is no comment, and Math.min is as old as the language.
    found = {why for pattern, why in NEWER.items() if re.search(pattern, re.sub(r"Math\.(min|max)\(", "(", bare))}
    assert not found


# ---------------------------------------------------------------- errors


def test_a_person_gets_a_page_that_leads_on(http: httpx.Client) -> None:
    response = http.get("/nowhere", headers=AS_A_PERSON)
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")
    assert 'href="/items"' in response.text


def test_a_program_gets_a_problem(http: httpx.Client) -> None:
    response = http.get("/nowhere")
    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")


def test_calls_answer_with_problems_whoever_asks(http: httpx.Client) -> None:
    response = http.get("/api/v1/items/none", headers=AS_A_PERSON)
    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")


def test_an_error_page_has_no_barriers(phone: Page, expected_troubles: list[str]) -> None:
    expected_troubles.append("404")
    phone.goto("/nowhere")
    picture(phone, "error-phone")
    assert not barriers(phone)
