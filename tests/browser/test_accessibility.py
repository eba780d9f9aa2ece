"""axe-core on the console: nothing serious, in light and dark, on a laptop and on a phone."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.console import Console
from tests.browser.test_walk import PHONE
from tests.stack import Stack

LOOKS = {"light": {}, "dark": {"color_scheme": "dark"}, "phone": PHONE}


def serious(console: Console) -> list[str]:
    """What axe-core finds that keeps somebody from using the page."""
    found = Axe().run(console.page).response["violations"]
    grave = [one for one in found if one["impact"] in ("serious", "critical")]
    return [f"{one['id']}: {one['help']}: {[node['html'][:200] for node in one['nodes']]}" for one in grave]


@pytest.mark.parametrize("page", LOOKS.values(), ids=LOOKS, indirect=True)
def test_axe_finds_nothing_serious(console: Console) -> None:
    console.create_user()
    console.create_product(stock=5)
    console.place_order(1)
    console.place_order(9)
    expect(console.rows("orders").first).to_contain_text("failed")
    expect(console.rows("orders").nth(1)).to_contain_text("completed")

    assert serious(console) == []


@pytest.mark.parametrize("page", [LOOKS["light"], LOOKS["dark"]], ids=["light", "dark"], indirect=True)
@pytest.mark.failed_requests
def test_axe_finds_nothing_serious_in_an_outage(console: Console, stack: Stack) -> None:
    console.create_product(stock=5)
    stack.run("stop", "worker-orders")
    stack.run("stop", "users-queries")
    console.change_stock(6)
    expect(console.process("worker-orders")).to_have_class("process down")
    expect(console.process("users-queries")).to_have_class("process down")

    assert serious(console) == []

    stack.run("start", "worker-orders")
    stack.run("start", "users-queries")
    expect(console.process("worker-orders")).to_have_class("process up")
