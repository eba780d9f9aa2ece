"""The line that is logged for each request."""

from __future__ import annotations

import pytest

from tests.unit.services import Service


def test_a_line_break_in_a_path_forges_no_line_of_the_log(near: Service, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")

    near.app.test_client().get("/a%0aforged")

    assert [message.split()[1] for message in caplog.messages] == ["/a%0Aforged"]
