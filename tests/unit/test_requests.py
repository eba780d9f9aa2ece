"""The line that is logged for each request."""

from __future__ import annotations

import pytest

from chassis.tracing import configure_logging
from tests.unit.services import Service


def test_a_line_break_in_a_path_forges_no_line_of_the_log(near: Service, capfd: pytest.CaptureFixture[str]) -> None:
    configure_logging("near-commands", "INFO")

    near.app.test_client().get("/a%0aforged")

    (line,) = capfd.readouterr().err.splitlines()
    assert " GET /a%0Aforged 404 " in line
