"""What only the end-to-end tests share: a stack that may be hurt."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.shop import Shop
from tests.stack import Stack


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """A stack whose services a test may stop and kill; each test leaves all of them running."""
    skip_on_a_given_suite()
    stack = Stack("faults")
    try:
        stack.up()
        yield stack
    finally:
        stack.down()


@pytest.fixture
def own_shop(stack: Stack) -> Shop:
    """A customer of the stack that may be hurt."""
    return Shop(stack.url)


def skip_on_a_given_suite() -> None:
    """Skip a test that starts, stops or kills services, where GATEWAY_URL names the suite to test."""
    if os.environ.get("GATEWAY_URL"):
        pytest.skip("it stops services, which is not done to the suite that GATEWAY_URL names")
