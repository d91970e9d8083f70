"""A real service and a real Chromium: pages of a phone's and a desktop's size, whose console must stay clean."""

from __future__ import annotations

import dataclasses
import re
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from bot.settings import ROOT, Limits, load_settings

if TYPE_CHECKING:
    from bot.runtime.engine import Engine

PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 640},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PATIENCE = 30_000.0
"""Milliseconds for what a test waits for: this machine may be busy, and no test is about time."""
expect.set_options(timeout=PATIENCE)
PROBE = "/healthz"
"""What `intercept` asks for; no page does."""
SCREENSHOTS = ROOT / "var" / "screenshots"

OpenContext = Callable[[dict[str, Any]], BrowserContext]


@pytest.fixture(scope="package")
def service(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the service, on a free port, over the suite's one engine."""
    from api.app import create_app

    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    # Hundreds of tests come from one address; the limits have tests of their own.
    plenty = Limits(messages_a_minute=100_000, calls_a_minute=100_000, sessions_an_hour=100_000)
    secret = tmp_path_factory.mktemp("secret") / "service.secret"
    app = create_app(engine, dataclasses.replace(load_settings(), limits=plenty, secret_file=secret))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="wsproto", lifespan="on"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the service did not start"
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(5)


@pytest.fixture
def http(service: str) -> Iterator[httpx.Client]:
    """Somebody who reads the service's pages without a browser."""
    with httpx.Client(base_url=service) as client:
        yield client


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all browser tests. While it is open, asyncio.run() does not work in the tests' thread."""
    found = subprocess.run([ROOT / "bin" / "browser"], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=found.stdout.strip(), args=["--no-sandbox", "--disable-gpu"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def expected_troubles() -> list[str]:
    """Patterns of console errors that a test brings about on purpose; it adds them itself."""
    return []


@pytest.fixture
def open_context(browser: Browser, service: str, expected_troubles: list[str]) -> Iterator[OpenContext]:
    """Opens browser contexts (a person with a device each); any console or page error fails the test at its end."""
    troubles: list[str] = []
    contexts: list[BrowserContext] = []

    def watch(page: Page) -> None:
        page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))

    def open_context(device: dict[str, Any]) -> BrowserContext:
        context = browser.new_context(base_url=service, locale="zh-CN", **device)
        context.set_default_timeout(PATIENCE)
        context.on("page", watch)
        contexts.append(context)
        return context

    yield open_context
    for context in contexts:
        context.close()
    unexpected = [said for said in troubles if not any(re.search(known, said) for known in expected_troubles)]
    assert not unexpected


@pytest.fixture
def phone(open_context: OpenContext) -> Page:
    """A page on a small phone with touch."""
    return open_context(PHONE).new_page()


@pytest.fixture
def desktop(open_context: OpenContext) -> Page:
    """A page on a desktop."""
    return open_context(DESKTOP).new_page()


def intercept(page: Page, url: str | re.Pattern[str], handler: Callable[[Route], object]) -> None:
    """Hand what an open page asks of *url* to *handler*, from now on until `page.unroute(url)`.

    Chromium says that it intercepts before the page's own process knows: of requests made at once some seven in a
    hundred go past a bare `page.route` on a busy machine. So one request is made until it is seen to be caught.
    """
    page.route(url, handler)
    page.route(PROBE, lambda route: route.fulfill(headers={"X-Caught": "yes"}))
    page.wait_for_function(f"fetch('{PROBE}').then((answer) => answer.headers.has('X-Caught'))")
    page.unroute(PROBE)


def picture(page: Page, name: str, full_page: bool = True) -> None:
    """Keep a screenshot under var/screenshots/ for people to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=full_page)
