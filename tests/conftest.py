"""What all tests share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.shop import Shop
from tests.stack import ROOT, Stack


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


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Clear away the stacks' folders; those of a run that failed stay, with their logs."""
    if exitstatus == 0:
        for folder in (ROOT / "var").glob(f"*-{os.getpid()}"):
            shutil.rmtree(folder)


@pytest.fixture
def shop(gateway: str) -> Shop:
    """A customer of the running suite."""
    return Shop(gateway)
