"""The widget on another site's page: another origin, a strict policy, styles of its own, keyboard and phone."""

from __future__ import annotations

import dataclasses
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import uvicorn
from playwright.sync_api import FrameLocator, Page, expect

from api.pages.static import FOLDER
from bot.settings import Limits, Settings, load_settings
from tests.web.accessibility import barriers
from tests.web.conftest import DESKTOP, PHONE, OpenContext, picture

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

OPEN, CLOSE = "问社保", "关闭"
QUESTION = "社保卡丢了要带什么材料"


class Host(BaseHTTPRequestHandler):
    """A page of somebody else that admits our script and our frame and nothing more."""

    service = ""
    tags = 1

    def do_GET(self) -> None:
        tag = f'<script src="{self.service}/widget.js" defer data-title="问一问" data-side="left"></script>'
        page = (
            "<!doctype html><html lang='zh-CN'><head><meta charset='utf-8'><title>别的网站</title>"
            "<meta name='viewport' content='width=device-width'>"
            f"{tag * self.tags}</head><body><main><h1>别的网站</h1><p><a href='#'>一个链接</a></p>"
            "<p>" + "字 " * 3000 + "</p></main></body></html>"
        )
        policy = f"default-src 'none'; script-src {self.service}; frame-src {self.service}"
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing between the dots of the tests."""


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    """The address of another site."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Host)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def serve(engine: Engine, settings: Settings) -> tuple[uvicorn.Server, str]:
    from api.app import create_app

    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(engine, settings), log_level="error", ws="wsproto"))
    threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True).start()
    while not server.started:
        time.sleep(0.01)
    return server, f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture(scope="module")
def services(engine: Engine, host: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The addresses of two services: one that admits the host, and one that admits nobody."""
    secret = tmp_path_factory.mktemp("secret") / "service.secret"
    plenty = Limits(messages_a_minute=100_000, calls_a_minute=100_000, sessions_an_hour=100_000)
    closed = dataclasses.replace(load_settings(), secret_file=secret, limits=plenty)
    servers = {
        "admits": serve(engine, dataclasses.replace(closed, widget_hosts=(host,))),
        "refuses": serve(engine, closed),
    }
    yield {name: address for name, (_, address) in servers.items()}
    for server, _ in servers.values():
        server.should_exit = True


@pytest.fixture
def visit(open_context: OpenContext, services: dict[str, str], host: str) -> Callable[..., Page]:
    """Opens the host's page, whose widget is of the service named."""

    def visit(device: dict[str, Any] = DESKTOP, service: str = "admits", tags: int = 1) -> Page:
        Host.service, Host.tags = services[service], tags
        page = open_context(device).new_page()
        page.goto(host)
        return page

    return visit


def chat(page: Page) -> FrameLocator:
    """Return the chat in the widget's frame."""
    return page.frame_locator("iframe")


def opened(page: Page) -> FrameLocator:
    """Open the widget; return the chat once it is there."""
    page.get_by_role("button", name=OPEN).click()
    expect(chat(page).locator("#words")).to_be_visible()
    return chat(page)


# ---------------------------------------------------------------- on the host's page


def test_the_host_loads_nothing_of_ours_before_somebody_opens_it(visit: Callable[..., Page]) -> None:
    page = visit()
    expect(page.get_by_role("button", name=OPEN)).to_have_attribute("aria-expanded", "false")
    expect(page.locator("iframe")).to_have_count(0)


def test_a_question_is_answered_on_the_hosts_page(visit: Callable[..., Page]) -> None:
    page = visit()
    frame = opened(page)
    expect(frame.locator("#words")).to_be_focused()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(frame.locator("[data-item=card_replace]")).to_be_visible()
    picture(page, "widget-desktop", full_page=False)


def test_no_name_is_left_in_the_hosts_page(open_context: OpenContext, services: dict[str, str], host: str) -> None:
    Host.service, Host.tags = services["admits"], 1
    page = open_context(DESKTOP).new_page()
    names = "Object.getOwnPropertyNames(window)"
    page.add_init_script(f"window.before = {names}")
    page.goto(host)
    opened(page)
    assert page.evaluate(f"{names}.filter((name) => !before.includes(name) && name !== 'before' && isNaN(name))") == []


def test_included_twice_it_is_there_once(visit: Callable[..., Page]) -> None:
    page = visit(tags=2)
    expect(page.get_by_role("button", name=OPEN)).to_have_count(1)


def test_it_stands_on_the_side_asked_for(visit: Callable[..., Page]) -> None:
    box = visit().get_by_role("button", name=OPEN).bounding_box()
    assert box is not None
    assert box["x"] < 100
    assert box["height"] >= 44


def test_a_host_that_is_not_allowed_shows_no_chat(visit: Callable[..., Page], expected_troubles: list[str]) -> None:
    expected_troubles += ["frame-ancestors", "X-Frame-Options"]
    page = visit(service="refuses")
    page.get_by_role("button", name=OPEN).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.wait_for_timeout(300)
    expect(chat(page).locator("#words")).to_have_count(0)


# ---------------------------------------------------------------- keyboard and phone


@pytest.mark.parametrize("where", ["the frame", "the bar above it"])
def test_escape_closes_it_and_gives_focus_back(visit: Callable[..., Page], where: str) -> None:
    page = visit()
    frame = opened(page)
    expect(frame.locator("#words")).to_be_focused()
    if where == "the bar above it":
        page.get_by_role("button", name=CLOSE).focus()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("button", name=OPEN)).to_be_focused()


def test_it_opens_again_where_it_was(visit: Callable[..., Page]) -> None:
    page = visit()
    frame = opened(page)
    frame.locator("#words").fill("写了一半")
    page.get_by_role("button", name=CLOSE).click()
    page.get_by_role("button", name=OPEN).press("Enter")
    expect(frame.locator("#words")).to_have_value("写了一半")
    expect(frame.locator("#words")).to_be_focused()


def test_on_a_phone_it_fills_the_screen_and_keeps_focus_in(visit: Callable[..., Page]) -> None:
    page = visit(PHONE)
    opened(page)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_have_attribute("aria-modal", "true")
    dialog.evaluate("(box) => Promise.all(box.getAnimations().map((moving) => moving.finished))")
    box = dialog.bounding_box()
    assert box is not None
    assert (box["x"], box["y"], round(box["width"]), round(box["height"])) == (0, 0, 360, 640)
    picture(page, "widget-phone", full_page=False)
    page.get_by_role("link", name="在新窗口打开").focus()
    page.keyboard.press("Shift+Tab")
    inside = "document.activeElement.matches('[data-guide-widget]')"
    assert page.evaluate(inside)
    page.get_by_role("button", name=CLOSE).tap()
    assert page.evaluate("document.documentElement.style.overflow") == ""


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nobody_meets_a_barrier(visit: Callable[..., Page], device: dict[str, Any]) -> None:
    page = visit(device)
    opened(page)
    assert not barriers(page)


# ---------------------------------------------------------------- between the two pages


def test_a_message_of_another_page_closes_nothing(visit: Callable[..., Page]) -> None:
    page = visit()
    opened(page)
    page.evaluate("window.postMessage({type: 'guide:close'}, '*')")
    page.wait_for_timeout(200)
    expect(page.get_by_role("dialog")).to_be_visible()


def test_the_frame_speaks_to_the_page_around_it_alone(visit: Callable[..., Page], services: dict[str, str]) -> None:
    page = visit()
    expect(opened(page).locator("#words")).to_be_focused()
    heard = "window.heard = []; addEventListener('message', (event) => heard.push(event.origin))"
    page.evaluate(heard)
    chat(page).locator("#words").press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert page.evaluate("heard") == [services["admits"]]


# ---------------------------------------------------------------- the demonstration


def test_the_demonstration_shows_the_tag_and_the_widget(desktop: Page) -> None:
    desktop.goto("/demo-host")
    expect(desktop.locator("pre")).to_contain_text("/widget.js")
    opened(desktop)
    picture(desktop, "widget-demo", full_page=False)


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_demonstration_stands_on_either_side(desktop: Page, side: str) -> None:
    desktop.goto(f"/demo-host?side={side}")
    box = desktop.get_by_role("button", name=OPEN).bounding_box()
    assert box is not None
    assert (box["x"] < 640) == (side == "left")


@pytest.mark.parametrize("path", ["/demo-host", "/embed"])
def test_search_engines_leave_it_alone(service: str, path: str) -> None:
    assert 'content="noindex"' in httpx.get(service + path).text


def test_the_widget_says_only_sentences_of_the_wording() -> None:
    source = (FOLDER / "widget" / "widget.js").read_text(encoding="utf-8")
    assert not [character for character in source if "\u4e00" <= character <= "\u9fff"]
