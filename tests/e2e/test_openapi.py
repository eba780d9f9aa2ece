"""The running suite against its own description: whatever is sent, it answers as described, and never with 5xx."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import positive_data_acceptance

# For each of the 20 operations: enough to try each member's borders; more finds nothing new in 10 minutes.
EXAMPLES = 25


@pytest.fixture(scope="module")
def described(gateway: str) -> BaseSchema:
    """The description, as the gateway serves it."""
    return schemathesis.openapi.from_url(f"{gateway}/openapi.json")


schema = schemathesis.pytest.from_fixture("described")


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_described(case: Case) -> None:
    # What is well-formed may still be refused: there is no such user, or its Idempotency-Key was used before.
    case.call_and_validate(excluded_checks=[positive_data_acceptance])
