"""The console as its visitor uses it: by what is written on it."""

from __future__ import annotations

import uuid
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

# The machine may be busy with other tests.
expect.set_options(timeout=60_000)


class Console:
    """The page at ``/``.

    Args:
        page: of a browser.
        artifacts: where screenshots go.
    """

    def __init__(self, page: Page, artifacts: Path) -> None:
        self.page = page
        self._artifacts = artifacts

    def open(self) -> None:
        """Open it and wait until it has looked at the suite."""
        self.page.goto("/")
        expect(self.process("nginx")).to_contain_text("nginx")

    def create_user(self) -> str:
        """Create a user by the form; returns its name."""
        name = f"ana-{uuid.uuid4().hex[:8]}"
        self._send("#create-user", {"Username": name})
        expect(self.rows("users").first).to_contain_text(name)
        return name

    def create_product(self, stock: int) -> str:
        """Create a product by the form; returns its name."""
        name = f"Leica-{uuid.uuid4().hex[:8]}"
        self._send("#create-product", {"Name": name, "Value": "250", "Stock": str(stock)})
        expect(self.rows("products").first).to_contain_text(name)
        expect(self.form("#place-order").get_by_label("Product").locator("option:checked")).to_contain_text(name)
        return name

    def change_stock(self, stock: int) -> None:
        """Change the chosen product's stock by the form."""
        self._send("#change-product", {"Stock": str(stock)})

    def place_order(self, quantity: int) -> None:
        """Order the chosen product for the chosen user."""
        self._send("#place-order", {"Quantity": str(quantity)}, "Place 1")

    def place_100(self) -> None:
        """Place a hundred orders."""
        self._send("#place-order", {}, "Place 100")

    def form(self, selector: str) -> Locator:
        """One of the forms."""
        return self.page.locator(selector)

    def told(self, selector: str) -> Locator:
        """What a form was answered."""
        return self.form(selector).locator("output")

    def rows(self, service: str) -> Locator:
        """The rows of a service's query side, the newest first."""
        return self.page.locator(f"#sides-{service} tbody tr")

    def journeys(self) -> Locator:
        """The journeys, the newest first."""
        return self.page.locator(".journey")

    def stream(self, name: str) -> Locator:
        """A stream, such as ``"orders → products"``."""
        return self.page.locator(".stream").filter(has=self.page.get_by_text(name, exact=True))

    def process(self, name: str) -> Locator:
        """A process, such as ``"worker-orders"``."""
        return self.page.locator(f"#process-{name}")

    def shoot(self, name: str, *, full: bool = True) -> None:
        """Keep a screenshot."""
        self.page.evaluate("scrollTo(0, 0)")
        self.page.screenshot(path=self._artifacts / f"{name}.png", full_page=full)

    def _send(self, selector: str, fields: dict[str, str], button: str = "") -> None:
        form = self.form(selector)
        for label, value in fields.items():
            form.get_by_label(label).fill(value)
        (form.get_by_role("button", name=button, exact=True) if button else form.get_by_role("button")).click()
        expect(self.told(selector)).to_have_class("good")
