"""What products tells when one has been changed by a PUT."""

from __future__ import annotations

# The function of orders that brings its copy up to date: {"id", "name", "description", "value", "stock"}.
put_product = "orders.putter.put_product"
