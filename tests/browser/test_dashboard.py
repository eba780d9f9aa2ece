"""RQ's own view of its queues: the console links to it while it runs, and its pages work behind the gateway."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.console import Console
from tests.stack import Stack


def test_the_link_is_there_while_the_dashboard_runs(console: Console, stack: Stack) -> None:
    link = console.page.locator("#dashboard")
    with console.page.expect_response("**/rq/status"):
        console.page.reload()
    expect(link).to_be_hidden()

    stack.run("--profile", "dashboard", "up", "-d")
    expect(link).to_be_visible()
    expect(link).to_have_text("RQ's queues")

    stack.run("stop", "dashboard")
    expect(link).to_be_hidden()


@pytest.fixture
def opened(console: Console, stack: Stack) -> Iterator[Page]:
    """The dashboard, opened by the console's link."""
    stack.run("--profile", "dashboard", "up", "-d")
    console.create_user()
    console.page.locator("#dashboard").click()
    yield console.page
    console.page.close()  # it would go on asking
    stack.run("stop", "dashboard")


def test_the_dashboard_shows_both_queues_and_a_job_that_waits(opened: Page, stack: Stack) -> None:
    for name in ("orders", "products"):
        expect(opened.get_by_role("cell", name=name, exact=True)).to_be_visible()

    stack.run("stop", "worker-orders")
    opened.locator("tr[data-role=queue]").filter(has_text="orders").get_by_role("link").first.click()

    job = opened.locator("tr[data-role=job]").first
    expect(job).to_contain_text("→ orders")
    opened.screenshot(path="artifacts/dashboard.png")
    job.get_by_role("link").first.click()
    expect(opened.locator("#job-data")).to_contain_text("queued")
    stack.run("start", "worker-orders")


def test_the_dashboard_shows_both_workers(opened: Page) -> None:
    opened.get_by_role("link", name="Workers").click()

    for name in ("orders", "products"):
        expect(opened.get_by_role("cell", name=name, exact=True)).to_be_visible()
