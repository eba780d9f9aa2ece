"""The running suite against its own description: whatever is sent, it answers as described, and never with 5xx."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.stack import ROOT

# For each of the 20 operations: enough to try each member's borders; more finds nothing new in 10 minutes.
EXAMPLES = 25

DESCRIBED = schemathesis.openapi.from_path(ROOT / "console" / "openapi.json")
OPERATIONS = {operation.ok().label: operation.ok() for operation in DESCRIBED.get_all_operations()}


@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_is_as_described(gateway: str, label: str) -> None:
    # What is well-formed may still be refused: there is no such user, or its Idempotency-Key was used before.
    @given(case=OPERATIONS[label].as_strategy())
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    def answers(case: Case) -> None:
        case.call_and_validate(base_url=gateway, excluded_checks=[positive_data_acceptance])

    answers()
