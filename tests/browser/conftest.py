"""A stack of its own, and a real browser that looks at its console."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.browser.console import Console
from tests.stack import ROOT, Stack

ARTIFACTS = ROOT / "artifacts"

# The machine may be busy with other tests.
PATIENCE_MS = 60_000

# A container runs as root, and the rest would have Chromium look for its maker's hosts.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]

# How the browser itself notes an answer of 400 and above, or none; no page can keep it from that.
NOTE_OF_OUTAGE = "Failed to load resource"
# What the machine did and not the suite: Chromium gives up its requests when a network comes or goes, as it does
# when somebody starts or stops a container.
NETWORK_CHANGED = "net::ERR_NETWORK_CHANGED"


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker of the tests in which requests fail."""
    config.addinivalue_line("markers", "failed_requests: answers of 400 and above, or none, are part of the test")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's Chromium; Playwright's own would have to be fetched."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        pytest.skip("no Chromium on this machine; on Debian and Ubuntu: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def stack(chromium: Browser) -> Iterator[Stack]:
    """A suite whose processes a test may stop; it is only started where there is a browser."""
    if os.environ.get("GATEWAY_URL"):
        pytest.skip("it starts or stops services, which is not done to the suite that GATEWAY_URL names")
    stack = Stack("browser")
    stack.up()
    yield stack
    stack.down()


@pytest.fixture(scope="session")
def gateway(chromium: Browser, request: pytest.FixtureRequest) -> str:
    """The URL of a running suite: the one that GATEWAY_URL names, or that of the stack."""
    given = os.environ.get("GATEWAY_URL")
    return given.rstrip("/") if given else str(request.getfixturevalue("stack").url)


class Watch:
    """What a page must not do: raise an error, or ask anybody but the gateway.

    Args:
        page: which page.
        url: of the gateway.
    """

    def __init__(self, page: Page, url: str) -> None:
        self.errors: list[str] = []
        self.notes: list[str] = []
        self.elsewhere: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._said)
        page.on("request", lambda request: request.url.startswith((url, "data:")) or self.elsewhere.append(request.url))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and NETWORK_CHANGED not in message.text:
            (self.notes if message.text.startswith(NOTE_OF_OUTAGE) else self.errors).append(message.text)


@pytest.fixture
def page(chromium: Browser, gateway: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in English on a laptop's screen; a test may ask for another by parametrizing it with options.

    At its end: no JavaScript error, no request to anywhere else, and no failed request but where a test is marked so.
    """
    options = {"viewport": {"width": 1440, "height": 1000}, "locale": "en-GB", **getattr(request, "param", {})}
    context = chromium.new_context(base_url=gateway, **options)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    watch = Watch(page, gateway)
    yield page
    context.close()
    assert watch.errors == []
    assert watch.elsewhere == []
    if not request.node.get_closest_marker("failed_requests"):
        assert watch.notes == []


@pytest.fixture
def console(page: Page) -> Console:
    """The console, opened."""
    console = Console(page, ARTIFACTS)
    console.open()
    return console


@pytest.fixture(scope="session", autouse=True)
def artifacts() -> Path:
    """Where screenshots are kept."""
    ARTIFACTS.mkdir(exist_ok=True)
    return ARTIFACTS
