"""What users tells when one has been created."""

from __future__ import annotations

# The function of orders that keeps a copy of a user: {"id", "username"}.
send_user = "orders.sender.send_user"
