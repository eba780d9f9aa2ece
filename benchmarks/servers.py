"""What is measured: the suite, started by ./run.sh, and the baselines, with the suite's own settings."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks import processes
from benchmarks.fill import fill
from tests.shop import Shop
from tests.stack import ROOT, Stack

# More than all orders of a run take together.
STOCK = 1_000_000_000
CHECK_SECONDS = 120


class Suite(Stack):
    """The suite as a user starts it, on some cores, with orders stored beforehand.

    Args:
        cores: how many of the machine's it may use; None for all.
    """

    def __init__(self, cores: int | None = None) -> None:
        super().__init__("benchmark")
        self.cores = cores
        self.data = ROOT / self.var / "data"
        self.shop = Shop(self.url)

    def start(self, orders: int) -> None:
        """Start with so many orders stored, as it was the first time that it had so many; 1 is the least."""
        prepared = self._prepared(orders)
        self.run("down", "-v")
        shutil.copytree(prepared, self.data)
        self._up()
        self.shop = Shop(self.url)

    def _prepared(self, orders: int) -> Path:
        """A folder of databases with so many orders, made when it is first asked for."""
        folder = ROOT / self.var / f"data-{orders}"
        if folder.exists():
            return folder
        if orders > 1:
            shutil.copytree(self._prepared(1), folder)
            fill(folder, orders)
            return folder
        self.run("down", "-v")
        self._up()
        user, product = self.shop.create_user(), self.shop.create_product(stock=STOCK)
        self.shop.place_order(user["id"], product["id"])
        self.shop.when_settled()
        self.run("down")
        shutil.copytree(self.data, folder, ignore=shutil.ignore_patterns("*.nudge"))  # a socket is no file
        return folder

    def _up(self) -> None:
        with processes.on_cores(self.cores):
            self.run("up", "-d")

    def check(self) -> None:
        """Wait until all messages have arrived, and see that every invariant holds."""
        self.shop.when_settled()
        command = [sys.executable, "check.py", self.url]
        done = subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, timeout=CHECK_SECONDS)
        assert done.returncode == 0, f"the suite's invariants do not hold after a load:\n{done.stdout}"

    def pids(self) -> list[int]:
        """All processes, supervisor among them."""
        return processes.family(self._supervisor())

    def apps(self, service: str) -> list[int]:
        """The processes of one service."""
        return processes.family(self.pid(service))

    def services(self) -> dict[str, list[int]]:
        """The processes of every service, and of the supervisor."""
        started = [line.split() for line in self.run("ps").splitlines() if " pid " in line]
        found = {words[0]: processes.family(int(words[words.index("pid") + 1].rstrip(","))) for words in started}
        return found | {"supervisor": [self._supervisor()]}

    def _supervisor(self) -> int:
        return int((ROOT / self.var / "run" / "supervisord.pid").read_text())

    def remove(self) -> None:
        """Stop, and delete the data."""
        self.run("down", "-v")
        shutil.rmtree(ROOT / self.var)
