"""``Prefer: wait=N``: how long a client is willing to wait."""

from __future__ import annotations

import pytest
from flask import Flask

from chassis.waiting import _preferred_wait_seconds

app = Flask("test")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ([], 0),
        (["wait=5"], 5),
        (["WAIT=5"], 5),
        ([" wait = 5 "], 5),
        (['wait="5"'], 5),
        (["respond-async, wait=5"], 5),
        (["wait=5; foo=bar"], 5),
        (["respond-async", "wait=5"], 5),
        (["wait=0"], 0),
        (["wait=10"], 10),
        (["wait=11"], 10),
        (["wait=999999999"], 10),
        (["wait"], 0),
        (["wait=-5"], 0),
        (["wait=5s"], 0),
        (["wait=1.5"], 0),
        (["x-wait=5"], 0),
        (["return=wait; wait=5"], 0),
        (["wait=" + "9" * 1000], 0),
    ],
)
def test_a_client_waits_as_long_as_it_prefers_and_ten_seconds_at_most(headers: list[str], seconds: int) -> None:
    with app.test_request_context(headers=[("Prefer", value) for value in headers]):
        assert _preferred_wait_seconds() == seconds
