"""What the container tests share: one stack, and the figures that they measured."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.containers.compose import V1, V2, Compose, why_not
from tests.shop import Shop
from tests.stack import ROOT

# The fixtures of this folder that run containers.
NEED_ENGINE = {"suite", "stack", "built"}

# Figures for docs/containers.md, printed when all tests are done.
_figures: list[str] = []
FIGURES = ROOT / "artifacts" / "containers.txt"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests that need an engine, with the reason, where none answers."""
    needing = [item for item in items if NEED_ENGINE & set(getattr(item, "fixturenames", ()))]
    if needing and (reason := why_not(V2) and why_not(V1)):
        for item in needing:
            item.add_marker(pytest.mark.skip(reason=f"no containers here: {reason}"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures, and keep them in artifacts/containers.txt."""
    if not _figures:
        return
    terminalreporter.section("figures for docs/containers.md")
    terminalreporter.write_line("\n".join(_figures))
    FIGURES.parent.mkdir(exist_ok=True)
    FIGURES.write_text("\n".join(_figures) + "\n")


@pytest.fixture
def figures() -> list[str]:
    """Lines to be printed at the end."""
    return _figures


@pytest.fixture(scope="session")
def suite() -> Iterator[Compose]:
    """A running suite in containers with all that is optional, by Compose v2 where there is one."""
    stack = Compose(V1 if why_not(V2) else V2)
    stack.down()
    stack.run("--profile", "dashboard", "up", "-d", "--build")
    stack.ready()
    yield stack
    stack.down()


@pytest.fixture
def shop(suite: Compose) -> Shop:
    """A customer of the running suite."""
    return Shop(suite.url)
