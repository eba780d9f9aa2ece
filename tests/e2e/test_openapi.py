"""The running suite against its own description: whatever is sent, it answers as described, and never with 5xx."""

from __future__ import annotations

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.specs.openapi.checks import positive_data_acceptance

from docs.api.describe import CONSOLE
from tests.shop import Shop

# For each operation, to keep the whole below 40 s.
EXAMPLES = 25

schema = schemathesis.openapi.from_path(CONSOLE / "openapi.json")


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_every_answer_is_as_described(case: Case, gateway: str) -> None:
    # What is well-formed may still be refused: there is no such user, or its Idempotency-Key was used before.
    case.call_and_validate(base_url=gateway, excluded_checks=[positive_data_acceptance])


def test_the_gateway_serves_the_description_to_every_page(shop: Shop) -> None:
    answer = shop.get("/openapi.json")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.text == (CONSOLE / "openapi.json").read_text(encoding="utf-8")
