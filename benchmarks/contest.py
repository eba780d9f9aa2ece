"""Who takes part in a run, and in which order they have their turns."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

from benchmarks.baselines.stand_in import StandIn
from benchmarks.client import Load, load
from benchmarks.plan import Plan
from benchmarks.processes import cpu_seconds
from benchmarks.servers import Suite
from benchmarks.wire import Work

Server = Suite | StandIn


@dataclass
class Contest:
    """Everything that runs while the benchmark does.

    Args:
        plan: how much is measured.
        suite: the suite.
        bare: baseline (a).
        naive: baseline (b).
    """

    plan: Plan
    suite: Suite
    bare: StandIn
    naive: StandIn

    def in_turn(self, turns: dict[str, tuple[Server, Work]]) -> dict[str, list[Load]]:
        """Let each have its turn, and all of them again, as often as the plan says.

        Args:
            turns: for each name who is asked, and for what.
        """
        seen: dict[str, list[Load]] = {name: [] for name in turns}
        for number in range(self.plan.rounds):
            for name, (server, work) in turns.items():
                before = cpu_seconds(server.pids())
                done = load(server.port, work, seconds=self.plan.seconds)
                if work.method != "GET":
                    self.settle()
                done.server_cpu_seconds = cpu_seconds(server.pids()) - before
                seen[name].append(done)
            rates = ", ".join(f"{name} {loads[-1].rate:,.0f}/s" for name, loads in seen.items())
            say(f"  round {number + 1} of {self.plan.rounds}: {rates}")
        return seen

    def settle(self) -> None:
        """Wait until the suite has delivered its messages, so that it does not disturb the next turn."""
        self.suite.shop.when_settled(300)


_started = time.monotonic()


def say(text: str) -> None:
    """Tell who waits how far the benchmark is; the result itself goes to the standard output."""
    print(f"{time.monotonic() - _started:5.0f} s  {text}", file=sys.stderr, flush=True)
