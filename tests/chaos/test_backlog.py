"""What waits is applied later: a long backlog, and one that meets a killed worker."""

from __future__ import annotations

from tests.chaos.conftest import Town, UnderLoad
from tests.chaos.faults import kill, stopped
from tests.waiting import eventually

MESSAGES = 2000


def test_a_worker_may_be_stopped_until_2000_messages_wait(town: Town, under_load: UnderLoad) -> None:
    with under_load(customers=6, pace=0) as load:
        with stopped(town.stack, "worker-orders"):
            eventually(lambda: waiting(town) >= MESSAGES, f"{MESSAGES} messages that wait", 150)
        load.struck_by("worker-orders stopped")
        kill(town.stack, "worker-orders")
        load.struck_by("kill -9 worker-orders on the way")


def waiting(town: Town) -> int:
    """How many messages to orders are not acknowledged."""
    outgoing = [stream for name in ("users", "products", "orders") for stream in town.shop.streams(name)["outgoing"]]
    return sum(stream["last"] - stream["acknowledged"] for stream in outgoing if stream["receiver"] == "orders")
