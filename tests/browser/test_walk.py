"""The console in a real browser: commands, journeys, both sides, languages, a phone, a keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.console import Console

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
SPANISH = {"locale": "es-CO", "color_scheme": "dark"}


def test_an_order_is_placed_and_seen_completed_with_the_way_of_its_messages(console: Console) -> None:
    user, product = console.create_user(), console.create_product(stock=10)

    console.place_order(3)

    order = console.rows("orders").first
    expect(order).to_contain_text(user)
    expect(order).to_contain_text(product)
    expect(order).to_contain_text("completed")
    expect(order).to_contain_text("750")
    expect(console.rows("products").first.locator("td.copy").nth(2)).to_have_text("7")
    expect(console.rows("products").first).to_contain_text("same")
    journey = console.journeys().first
    expect(journey).to_contain_text("POST /api-commands/orders")
    for hop in ("process_order", "update_product", "product_updated"):
        expect(journey.locator(".hop.applied").filter(has_text=hop)).to_contain_text(
            re.compile(r"in the outbox .+ applied after")
        )
    expect(journey.locator(".time")).to_contain_text("from commit to the last effect")
    console.shoot("console")


@pytest.mark.failed_requests
def test_a_command_that_is_refused_says_why(console: Console) -> None:
    name = console.create_user()

    form = console.form("#create-user")
    form.get_by_label("Username").fill(name)
    form.get_by_role("button").click()

    expect(console.told("#create-user")).to_have_text(f"409: the username '{name}' is taken")


def test_two_changes_of_a_product_reach_its_copy(console: Console) -> None:
    console.create_product(stock=5)

    console.change_stock(8)
    console.change_stock(13)

    row = console.rows("products").first
    expect(row.locator("td").nth(3)).to_have_text("13")
    expect(row.locator("td.copy").nth(2)).to_have_text("13")


@pytest.mark.parametrize("page", [SPANISH], indirect=True)
def test_it_speaks_the_browser_s_language_and_keeps_another_that_is_chosen(console: Console) -> None:
    expect(console.page.locator("html")).to_have_attribute("lang", "es")
    expect(console.page.get_by_role("heading", name="Enviar un comando")).to_be_visible()
    console.shoot("console-spanish-dark")

    console.page.get_by_role("button", name="English").click()
    console.page.reload()

    expect(console.page.get_by_role("heading", name="Send a command")).to_be_visible()
    expect(console.page.get_by_role("button", name="English")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("page", [PHONE], indirect=True)
def test_on_a_phone_nothing_is_wider_than_the_screen(console: Console) -> None:
    console.create_user()
    console.create_product(stock=5)
    console.place_order(1)
    expect(console.rows("orders").first).to_contain_text("completed")

    assert console.page.evaluate("document.documentElement.scrollWidth") == PHONE["viewport"]["width"]
    console.shoot("console-phone")


def test_an_order_is_placed_with_the_keyboard_alone(console: Console) -> None:
    console.create_user()
    console.create_product(stock=5)
    keyboard = console.page.keyboard
    console.page.reload()
    expect(console.rows("products").first).to_be_visible()

    keyboard.press("Tab")
    assert console.page.evaluate("document.activeElement.className") == "skip"
    keyboard.press("Enter")
    while console.page.evaluate("document.activeElement.form?.id") != "place-order":
        keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.type("2")
    keyboard.press("Enter")

    expect(console.told("#place-order")).to_have_class("good")
    expect(console.told("#place-order")).to_contain_text('"quantity":2')


def test_at_rest_it_is_answered_304_and_a_hidden_page_asks_nothing(console: Console) -> None:
    page = console.page
    seen: list[int] = []
    page.on("response", lambda response: _note(response, seen))
    expect(console.stream("orders → orders")).to_contain_text("nothing waits")
    page.wait_for_timeout(3000)
    assert seen.count(304) > len(seen) * 0.8

    _hide(page, hidden=True)
    page.wait_for_timeout(1500)  # the round that was under way
    seen.clear()
    page.wait_for_timeout(3000)
    assert seen == []

    _hide(page, hidden=False)
    page.wait_for_event("response")


def _note(response: Response, seen: list[int]) -> None:
    if "/api-queries/" in response.url:
        seen.append(response.status)


def _hide(page: Page, *, hidden: bool) -> None:
    page.evaluate(
        """(hidden) => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )
