"""The pages of items, as residents, their printers and search engines meet them."""

from __future__ import annotations

import dataclasses
import html
import re
from datetime import date, datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import Page

from api.pages.in_force import InForceSince
from knowledge.model import Facet, Fact, KnowledgeBase, ServiceItem
from knowledge.store import KnowledgeStore
from knowledge.values import Heading, Material, Phone, Place
from tests.web.accessibility import barriers
from tests.web.conftest import DESKTOP, PHONE, OpenContext, picture

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

BRANCHED = "gap_repayment"
"""An item with five branches of papers."""
LONGEST = "personal_info_change"
PICTURED = "register_enterprise"
ENDED = "hiring_expansion_subsidy"
EVENT = "retiring"
AS_A_PERSON = {"Accept": "text/html"}


def words_of(page: str) -> str:
    """Return what a page says, without its tags and blanks."""
    return re.sub(r"\s", "", html.unescape(re.sub(r"<[^>]*>", "", page)))


def words_in(fact: Fact) -> str:
    return re.sub(r"\s", "", fact.text)


def papers_of(item: ServiceItem) -> list[Fact]:
    return [fact for fact in item.facts_on(Facet.MATERIALS) if isinstance(fact.value, Material)]


def item_of(engine: Engine, item_id: str) -> ServiceItem:
    return engine.services.base.by_id[item_id]


def list_of(http: httpx.Client, item_id: str, **query: Any) -> httpx.Response:
    return http.get(f"/items/{item_id}/list", params=query, headers=AS_A_PERSON)


# ---------------------------------------------------------------- the whole guide, without script


def test_every_item_is_listed_by_category(http: httpx.Client, engine: Engine) -> None:
    page = http.get("/items").text
    listed = re.findall(r'data-words[^>]*><a href="/items/(\w+)"', page)
    assert sorted(listed) == sorted(engine.services.base.by_id)


def test_every_life_event_leads_to_its_items(http: httpx.Client, engine: Engine) -> None:
    page = http.get("/items").text
    for event in engine.services.ground.ways.events:
        fold = page.partition(f'id="event-{event.name}"')[2].partition("</details>")[0]
        assert re.findall(r'href="/items/(\w+)"', fold) == [step.item for step in event.steps]


def test_a_page_says_every_fact_unchanged(http: httpx.Client, engine: Engine) -> None:
    for item in engine.services.base:
        shown = http.get(f"/items/{item.id}").text
        # What the sources repeat must stand above them as well.
        said = words_of(re.sub(r'<details class="source">.*?</details>', "", shown, flags=re.S))
        missing = [fact.text for fact in item.facts if words_in(fact) not in said]
        assert not missing, item.id


def test_a_page_shows_the_source_of_every_fact_word_for_word(http: httpx.Client, engine: Engine) -> None:
    for item in engine.services.base:
        shown = http.get(f"/items/{item.id}").text
        sources = html.unescape("".join(re.findall(r'<dl class="lines">.*?</dl>', shown, flags=re.S)))
        missing = [fact.text for fact in item.facts if f"第 {fact.lines} 行</dt><dd>{fact.text}</dd>" not in sources]
        assert not missing, item.id


def test_every_paper_can_be_ticked(http: httpx.Client, engine: Engine) -> None:
    for item in engine.services.base:
        boxes = re.findall(r'type="checkbox" name="lines"', http.get(f"/items/{item.id}").text)
        assert len(boxes) == len(papers_of(item)), item.id


def test_every_number_can_be_called_and_every_address_opened(http: httpx.Client, engine: Engine) -> None:
    for item in engine.services.base:
        shown = http.get(f"/items/{item.id}").text
        for fact in item.facts:
            if isinstance(fact.value, Phone):
                assert f'href="tel:{fact.value.number}"' in shown
            elif isinstance(fact.value, Place) and fact.value.url:
                assert f"{html.escape(fact.value.url)}</a>" in shown


def test_what_the_guide_is_silent_on_is_said_with_whom_to_ask(http: httpx.Client, engine: Engine) -> None:
    item = item_of(engine, PICTURED)
    assert all(isinstance(fact.value, Heading) for fact in item.facts_on(Facet.PROCESS))
    process = http.get(f"/items/{PICTURED}").text.partition('id="process"')[2].partition("</section>")[0]
    assert "是一张图" in process
    assert 'href="tel:' in process


def test_a_policy_that_has_ended_is_said_before_all_else(http: httpx.Client) -> None:
    said = words_of(http.get(f"/items/{ENDED}").text.partition("</h1>")[2])
    assert said.startswith("请注意：指南写明这一项的期限到2022-12-31为止")


def test_an_unknown_item_is_not_found(http: httpx.Client) -> None:
    assert http.get("/items/none", headers=AS_A_PERSON).status_code == 404


def test_words_of_the_guide_are_never_markup(http: httpx.Client, engine: Engine) -> None:
    before, item = engine.services, item_of(engine, PICTURED)
    wicked = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    facts = tuple(dataclasses.replace(fact, text=wicked, applies_to=(wicked,)) for fact in item.facts)
    changed = dataclasses.replace(item, title=wicked, aliases=(wicked,), facts=facts)
    others = [other for other in before.base if other.id != item.id]
    base = dataclasses.replace(before.base, items=(changed, *others))
    engine.services = dataclasses.replace(before, ground=dataclasses.replace(before.ground, base=base))
    try:
        pages = [http.get(path).text for path in ("/items", f"/items/{item.id}", f"/items/{item.id}/list")]
    finally:
        engine.services = before
    for page in pages:
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page
        assert "<img" not in page


# ---------------------------------------------------------------- search engines and browsers' stores


def test_search_engines_are_told_of_every_item(http: httpx.Client, engine: Engine) -> None:
    assert "/sitemap.xml" in http.get("/robots.txt").text
    named = re.findall(r"<loc>[^<]*/items/(\w+)</loc>", http.get("/sitemap.xml").text)
    assert sorted(named) == sorted(engine.services.base.by_id)


def test_a_page_names_itself_to_search_engines(http: httpx.Client, engine: Engine, service: str) -> None:
    page, item = http.get(f"/items/{LONGEST}").text, item_of(engine, LONGEST)
    assert f"<title>{item.title} - " in page
    assert f'<link rel="canonical" href="{service}/items/{LONGEST}">' in page
    assert re.search(rf'<meta name="description" content="{item.title}：[^"]+">', page)


def test_a_page_that_is_known_is_not_sent_again(http: httpx.Client) -> None:
    mark = http.get(f"/items/{LONGEST}").headers["etag"]
    again = http.get(f"/items/{LONGEST}", headers={"If-None-Match": mark})
    assert (again.status_code, again.content) == (304, b"")


def test_the_head_of_a_page_can_be_asked_for(http: httpx.Client) -> None:
    response = http.head("/items")
    assert (response.status_code, response.content) == (200, b"")


def test_the_day_on_which_an_edition_came_in_force_is_known(tmp_path: Path, base: KnowledgeBase) -> None:
    # In Qinzhou it is the next day already.
    store = KnowledgeStore(f"sqlite:///{tmp_path}/guide.db", now=lambda: datetime(2026, 3, 1, 20, tzinfo=timezone.utc))
    store.save(base, "inputs")
    since = InForceSince(store).of(base)
    assert since is not None
    assert since.date() == date(2026, 3, 2)


def test_of_an_edition_that_was_never_in_force_no_day_is_said(tmp_path: Path, base: KnowledgeBase) -> None:
    store = KnowledgeStore(f"sqlite:///{tmp_path}/guide.db")
    store.save(dataclasses.replace(base, document=dataclasses.replace(base.document, edition="other")), "inputs")
    assert InForceSince(store).of(base) is None


def test_pages_are_served_while_the_store_is_away(tmp_path: Path, base: KnowledgeBase) -> None:
    (tmp_path / "guide.db").write_text("no database")
    assert InForceSince(KnowledgeStore(f"sqlite:///{tmp_path}/guide.db")).of(base) is None


# ---------------------------------------------------------------- a personal list


def test_a_list_has_only_the_papers_asked_for_and_their_headings(http: httpx.Client, engine: Engine) -> None:
    item = item_of(engine, BRANCHED)
    papers, heading = papers_of(item), item.facts_on(Facet.MATERIALS)[0]
    edition = engine.services.base.document.edition
    page = words_of(list_of(http, item.id, lines=f"{papers[0].lines}", edition=edition).text)
    assert words_in(papers[0]) in page
    assert words_in(heading) in page
    assert not [fact.text for fact in papers[1:] if words_in(fact) in page and words_in(fact) != words_in(papers[0])]


def test_lines_may_come_as_ranges_and_one_by_one(http: httpx.Client, engine: Engine) -> None:
    papers, edition = papers_of(item_of(engine, BRANCHED)), engine.services.base.document.edition
    first, second, third = (fact.lines.first for fact in papers[:3])
    together = list_of(http, BRANCHED, lines=f"{first}-{second},{third}", edition=edition).text
    apart = list_of(http, BRANCHED, lines=[first, second, third], edition=edition).text
    assert together == apart
    assert together.count('type="checkbox"') == 3


def test_a_list_ends_with_where_to_go_and_whom_to_call(http: httpx.Client, engine: Engine) -> None:
    item, edition = item_of(engine, BRANCHED), engine.services.base.document.edition
    page = words_of(list_of(http, item.id, lines=str(papers_of(item)[0].lines), edition=edition).text)
    assert all(words_in(fact) in page for facet in (Facet.LOCATION, Facet.PHONE) for fact in item.facts_on(facet))


def test_a_list_of_nothing_is_the_list_of_all_papers(http: httpx.Client, engine: Engine) -> None:
    page = list_of(http, BRANCHED).text
    assert page.count('type="checkbox"') == len(papers_of(item_of(engine, BRANCHED)))
    assert "旧版" not in page


def test_a_list_of_a_former_edition_says_so_and_shows_all_papers(http: httpx.Client, engine: Engine) -> None:
    page = list_of(http, BRANCHED, lines="1-2", edition="000000000000").text
    assert "旧版" in page
    assert page.count('type="checkbox"') == len(papers_of(item_of(engine, BRANCHED)))


@pytest.mark.parametrize("lines", ["1", "1-9999", "631-632,1", "657-658"])
def test_lines_of_something_else_are_not_found(http: httpx.Client, engine: Engine, lines: str) -> None:
    response = list_of(http, BRANCHED, lines=lines, edition=engine.services.base.document.edition)
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("lines", ["x", "0", "9-3", "1-2-3", "-1", "１", "<script>", "1," * 201])
def test_what_names_no_lines_is_refused(http: httpx.Client, engine: Engine, lines: str) -> None:
    response = list_of(http, BRANCHED, lines=lines, edition=engine.services.base.document.edition)
    assert response.status_code == 422
    assert "<script>" not in response.text


# ---------------------------------------------------------------- in the browser


def test_the_filter_shows_what_is_meant_and_gives_all_back(desktop: Page, engine: Engine) -> None:
    desktop.goto("/items")
    desktop.get_by_label("找一项").fill("社保卡 丢")
    assert desktop.get_by_role("status").inner_text() == "找到 1 项"
    assert desktop.locator("[data-words]:visible").count() == 1
    picture(desktop, "items-filtered-desktop", full_page=False)
    desktop.get_by_role("button", name="清除").click()
    assert desktop.locator("[data-words]:visible").count() == len(engine.services.base.items)


def test_the_filter_says_when_there_is_nothing(phone: Page) -> None:
    phone.goto("/items")
    phone.get_by_label("找一项").fill("火星")
    assert "没有找到" in phone.get_by_role("status").inner_text()
    assert phone.locator("[data-group]:visible").count() == 0


def test_the_way_to_a_life_event_opens_it(phone: Page) -> None:
    phone.goto(f"/items#event-{EVENT}")
    assert phone.locator(f"#event-{EVENT} li a").first.is_visible()


def test_ticked_papers_become_a_list(phone: Page) -> None:
    phone.goto(f"/items/{BRANCHED}")
    boxes = phone.locator(".paper label")
    ticked = [boxes.nth(number).inner_text() for number in (1, 3)]
    for number in (1, 3):
        boxes.nth(number).tap()
    phone.get_by_role("button", name="生成我的清单").tap()
    phone.wait_for_url("**/list?*")
    assert phone.locator(".paper label").all_inner_texts() == ticked


def test_all_of_it_works_without_script(open_context: OpenContext) -> None:
    page = open_context({**PHONE, "java_script_enabled": False}).new_page()
    page.goto("/items")
    assert page.locator("[data-filter]").is_hidden()
    page.locator(f"a[href='/items/{BRANCHED}']").last.click()
    assert page.get_by_role("button", name="打印").count() == 0
    page.locator(".paper label").first.click()
    page.get_by_role("button", name="生成我的清单").click()
    assert page.locator(".paper").count() == 1


def test_the_keyboard_skips_to_the_content(desktop: Page) -> None:
    desktop.goto(f"/items/{LONGEST}")
    desktop.keyboard.press("Tab")
    assert desktop.evaluate("document.activeElement.textContent") == "跳到正文"
    desktop.keyboard.press("Enter")
    assert desktop.evaluate("document.activeElement.id") == "content"


def test_elder_mode_and_the_dark_are_kept(phone: Page) -> None:
    phone.goto("/items")
    plain = phone.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
    phone.get_by_role("button", name="大字版").tap()
    phone.get_by_role("button", name="深色").tap()
    phone.goto(f"/items/{LONGEST}")
    assert phone.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 1.3 * plain
    assert phone.locator("html").get_attribute("data-theme") == "dark"
    phone.get_by_role("button", name="标准版").tap()
    phone.get_by_role("button", name="浅色").tap()
    phone.reload()
    assert phone.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") == plain
    assert phone.locator("html").get_attribute("data-theme") == "light"


def test_another_tab_follows_the_mode(open_context: OpenContext) -> None:
    context = open_context(DESKTOP)
    one, other = context.new_page(), context.new_page()
    one.goto("/items")
    other.goto("/items")
    one.get_by_role("button", name="大字版").click()
    other.wait_for_selector("html[data-mode=elder]")


def test_the_address_of_a_list_can_be_kept(open_context: OpenContext, engine: Engine, service: str) -> None:
    context = open_context(DESKTOP)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page, document = context.new_page(), engine.services.base.document
    line = papers_of(item_of(engine, BRANCHED))[0].lines.first
    page.goto(f"/items/{BRANCHED}/list?lines={line}&edition={document.edition}")
    page.get_by_role("button", name="发给自己或家人").click()
    page.get_by_text("网址已经复制").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{service}/items/{BRANCHED}/list?lines={line}&edition={document.edition}"


def test_paper_shows_the_guide_and_where_it_is_from_and_nothing_to_click(desktop: Page, service: str) -> None:
    desktop.goto(f"/items/{LONGEST}")
    desktop.emulate_media(media="print")
    assert desktop.locator("header, nav, button, .button").locator("visible=true").count() == 0
    assert desktop.get_by_text(f"{service}/items/{LONGEST}").is_visible()
    assert desktop.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    picture(desktop, "item-printed")


PAGES = {"items": "/items", "item": f"/items/{ENDED}", "list": f"/items/{BRANCHED}/list"}
LOOKS: dict[str, dict[str, str]] = {
    "light": {},
    "dark": {"theme": "dark"},
    "elder": {"mode": "elder"},
    "elder-dark": {"mode": "elder", "theme": "dark"},
}


@pytest.mark.parametrize("look", LOOKS)
def test_no_page_has_a_barrier_on_a_phone(phone: Page, look: str) -> None:
    phone.add_init_script("".join(f"localStorage.setItem('{key}', '{value}');" for key, value in LOOKS[look].items()))
    found = []
    for name, path in PAGES.items():
        phone.goto(path)
        picture(phone, f"{name}-phone-{look}", full_page=look == "light")
        found += [f"{name}: {barrier}" for barrier in barriers(phone)]
        if phone.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{name}: wider than the screen")
    assert not found


def test_the_longest_item_has_no_barrier_on_a_desktop(desktop: Page) -> None:
    desktop.goto(f"/items/{LONGEST}")
    picture(desktop, "item-desktop")
    assert not barriers(desktop)


TARGETS = "button, .button, summary, nav a, .entries a, .paper label, .facts a[href^='tel:'], input[type=search]"


@pytest.mark.parametrize(("mode", "least"), [("standard", 44), ("elder", 56)])
def test_what_is_tapped_is_large_enough(phone: Page, mode: str, least: int) -> None:
    phone.add_init_script(f"localStorage.setItem('mode', '{mode}')")
    for path in ("/items", f"/items/{LONGEST}"):
        phone.goto(path)
        heights = (
            phone.locator(TARGETS)
            .locator("visible=true")
            .evaluate_all(
                "all => all.filter((e) => !e.closest('.crumbs'))"
                ".map((e) => [e.textContent.trim(), e.getBoundingClientRect().height])"
            )
        )
        assert heights
        assert not [(text, height) for text, height in heights if height < least]
