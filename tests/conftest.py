"""What all tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.shop import Shop
from tests.stack import Stack


@pytest.fixture(scope="session")
def gateway() -> Iterator[str]:
    """The URL of a running suite: the one that GATEWAY_URL names, or one that is started for the tests."""
    if given := os.environ.get("GATEWAY_URL"):
        yield given
        return
    stack = Stack("test")
    stack.up()
    yield stack.url
    stack.down()


@pytest.fixture
def shop(gateway: str) -> Shop:
    """A customer of the running suite."""
    return Shop(gateway)
