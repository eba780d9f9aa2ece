"""The pages at /docs: Swagger UI over the description, with examples that work when pressed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from docs.api.routes import ROUTES

WALK = ["post_products", "put_products_id", "get_products_id", "get_orders_replicas_products"]


def test_every_operation_is_shown(page: Page) -> None:
    page.goto("/docs")

    expect(page.locator(".opblock")).to_have_count(len(ROUTES))
    page.screenshot(path="artifacts/docs.png")


@pytest.mark.parametrize("operation", WALK)
def test_an_example_works_when_pressed(page: Page, operation: str) -> None:
    page.goto("/docs")
    block = page.locator(f".opblock[id$='-{operation}']")

    block.locator(".opblock-summary-control").click()
    block.get_by_role("button", name="Execute").click()

    expect(block.locator(".live-responses-table .response-col_status").last).to_contain_text("200")
