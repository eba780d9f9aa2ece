"""What the console shows when a part of the suite is down: never a frozen page, never a JavaScript error."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.console import Console
from tests.stack import Stack


def test_while_the_worker_is_stopped_messages_wait_and_then_arrive(console: Console, stack: Stack) -> None:
    user, product = console.create_user(), console.create_product(stock=500)
    expect(console.rows("products").first).to_contain_text("same")
    stack.run("stop", "worker-orders")

    console.change_stock(600)
    console.place_100()

    expect(console.rows("products").first).to_contain_text("differs")
    expect(console.rows("products").first.locator("td.different")).to_have_text("500")
    expect(console.told("#place-order")).to_contain_text("100 of 100 accepted")
    expect(console.stream("orders → orders").locator(".behind strong")).to_have_text("100")
    expect(console.rows("orders").first).to_contain_text("processing")
    expect(console.process("worker-orders")).to_have_class("process down")
    expect(console.journeys().first.locator(".time")).to_contain_text("under way for")
    console.shoot("console-worker-stopped", full=False)

    stack.run("start", "worker-orders")

    expect(console.stream("orders → orders").locator(".behind strong")).to_have_text("0")
    expect(console.rows("orders").first).to_contain_text("completed")
    expect(console.rows("products").first).to_contain_text("same")
    expect(console.rows("products").first.locator("td").nth(3)).to_have_text("500")
    expect(console.process("worker-orders")).to_have_class("process up")
    assert user
    assert product


def test_messages_that_no_relay_sends_are_seen_in_the_outbox(console: Console, stack: Stack) -> None:
    stack.run("stop", "users-relay")

    console.create_user()

    expect(console.rows("users").first).to_contain_text("not there yet")
    expect(console.journeys().first.locator(".hop.waiting")).to_contain_text("committed, in the outbox for")
    expect(console.process("users-relay")).to_have_class("process lagging")
    stack.run("start", "users-relay")
    expect(console.rows("users").first).to_contain_text("same")


@pytest.mark.failed_requests
def test_an_app_that_is_down_is_named_and_the_rest_goes_on(console: Console, stack: Stack) -> None:
    stack.run("stop", "orders-queries")
    outage = console.page.get_by_role("alert")
    expect(outage).to_contain_text("orders-queries")
    expect(console.process("orders-queries")).to_have_class("process down")

    console.create_user()

    stack.run("start", "orders-queries")
    expect(outage).to_be_hidden()
    expect(console.rows("users").first).to_contain_text("same")


@pytest.mark.failed_requests
def test_a_gateway_that_is_down_is_told_and_a_command_says_that_it_had_no_answer(
    console: Console, stack: Stack
) -> None:
    stack.run("stop", "nginx")
    outage = console.page.get_by_role("alert")
    expect(outage).to_contain_text("The gateway does not answer")

    console.form("#create-user").get_by_role("button").click()
    expect(console.told("#create-user")).to_contain_text("No answer")
    console.shoot("console-gateway-down")

    stack.run("start", "nginx")
    expect(outage).to_be_hidden()
    expect(console.process("nginx")).to_have_class("process up")
