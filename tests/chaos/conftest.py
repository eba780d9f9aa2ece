"""A stack that is broken on purpose, the load on it, and what must hold after each fault."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

import check
from tests.chaos.disk import small_disk
from tests.chaos.ledger import Ledger
from tests.chaos.load import Load
from tests.shop import Shop
from tests.stack import ROOT, Stack
from tests.waiting import eventually

# How long the mixed faults go on: some seconds, or as many minutes as are asked for.
SOAK_MINUTES = float(os.environ.get("CHAOS_SOAK", "0"))
# What chooses the load and the mixed faults; printed, so that a run can be repeated.
SEED = int(os.environ.get("CHAOS_SEED", "0")) or int.from_bytes(os.urandom(4))

# Backoffs, claimed keys and the start of processes take up to some 20 s; a busy machine takes longer.
HOLDS_SECONDS = 120
# What a killed worker had in hand is sent again after this time; the default would make these tests longer.
RESEND_SECONDS = 2


class Town:
    """A stack and the ledger of all that was ever asked of it."""

    def __init__(self, name: str) -> None:
        self.stack, self.ledger = Stack(name, RELAY_RESEND_SECONDS=str(RESEND_SECONDS)), Ledger()
        self.shop = Shop(self.stack.url)
        self.data = ROOT / self.stack.var / "data"
        self.no_disk = "its data are on the machine's own disk"

    def load(self, **options: Any) -> Load:
        """Customers, who choose by the seed."""
        return Load(self.stack.url, self.ledger, SEED, **options)

    def holds(self) -> None:
        """The four invariants of check.py hold, and what was answered is what is found."""
        eventually(lambda: not self.broken(), "invariants that hold", HOLDS_SECONDS)
        found = self.ledger.contradictions(self.shop)
        self.ledger.strange.clear()  # told once, by the test in which it happened
        assert found == []

    def broken(self) -> list[str]:
        """Which of check.py's invariants do not hold now."""
        broken = [text for finding in check.examine(self.stack.url) for text in finding.broken]
        assert not broken, broken[:10]
        return broken


@pytest.fixture(scope="session")
def town() -> Iterator[Town]:
    """A stack of our own; each test leaves all its services running."""
    with started(new_town("chaos")) as made:
        yield made


@pytest.fixture(scope="session")
def second_town() -> Iterator[Town]:
    """Another stack, for what the first does not come back from: a loss, after which sums can't be checked.

    Its data are on a small disk, where one can be mounted.
    """
    made = new_town("chaos-second")
    with small_disk(made.data) as made.no_disk, started(made) as town:
        yield town


def new_town(name: str) -> Town:
    """A stack with this name, which has no data yet."""
    if os.environ.get("GATEWAY_URL"):
        pytest.skip("it breaks services, which is not done to the suite that GATEWAY_URL names")
    town = Town(name)
    shutil.rmtree(town.data.parent, ignore_errors=True)
    return town


@contextmanager
def started(town: Town) -> Iterator[Town]:
    """Have a stack run inside the block."""
    try:
        town.stack.run("up", "-d")
        yield town
    finally:
        town.stack.down()


UnderLoad = Callable[..., AbstractContextManager[Load]]


@pytest.fixture
def under_load(town: Town, record_property: Callable[[str, object], None]) -> UnderLoad:
    """Gives a ``with`` block inside which customers send commands, and after which everything must hold."""

    @contextmanager
    def block(town: Town = town, **options: Any) -> Iterator[Load]:
        with town.load(**options) as load:
            yield load
            load.goes_on()
        town.holds()
        record_property("chaos", load.figures())

    return block


def pytest_report_header() -> str:
    """How to repeat this run."""
    return f"chaos: CHAOS_SEED={SEED}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell what each test did to the suite, and what was answered meanwhile."""
    terminalreporter.section(f"chaos, CHAOS_SEED={SEED}")
    for report in terminalreporter.getreports("passed"):
        for name, figures in report.user_properties:
            if name == "chaos":
                terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}: {figures}")
