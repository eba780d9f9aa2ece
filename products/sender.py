"""What products tells when one has been created."""

from __future__ import annotations

# The function of orders that keeps a copy of a new product: {"id", "name", "description", "value", "stock"}.
send_product = "orders.sender.send_product"
