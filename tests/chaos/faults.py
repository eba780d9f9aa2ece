"""What is done to a stack: each fault is one function."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from redis import Redis

from local.processes import SERVICES
from tests.chaos.control import pid, supervisor
from tests.stack import ROOT, Stack
from tests.waiting import eventually

COMMANDS = tuple(name for name in SERVICES if name.endswith("-commands"))
QUERIES = tuple(name for name in SERVICES if name.endswith("-queries"))
RELAYS = tuple(name for name in SERVICES if name.endswith("-relay"))
WORKERS = tuple(name for name in SERVICES if name.startswith("worker-"))


def kill(stack: Stack, service: str) -> None:
    """Kill all processes of a service with -9 and wait until it is started again."""
    killed = running(stack, service)
    os.killpg(killed, signal.SIGKILL)
    eventually(lambda: pid(stack, service) not in (0, killed), f"new {service}")


def running(stack: Stack, service: str) -> int:
    """The process of a service, when it runs; never 0, since a signal to the group 0 would come to us."""
    return eventually(lambda: pid(stack, service), f"running {service}")


def kill_in_the_middle(stack: Stack, service: str, queue: str) -> None:
    """Freeze a service, and kill it when it has a batch under way; else let it go on and look again."""
    redis, victim = redis_of(stack), running(stack, service)

    def caught() -> bool:
        if service != "redis":
            os.killpg(victim, signal.SIGSTOP)
        if redis.llen(f"rq:queue:{queue}") + redis.llen(f"rq:queue:{queue}:intermediate"):
            return True
        os.killpg(victim, signal.SIGCONT)
        return False

    eventually(caught, f"batch under way at {service}")
    os.killpg(victim, signal.SIGKILL)
    eventually(lambda: pid(stack, service) not in (0, victim), f"new {service}")


@contextmanager
def stopped(stack: Stack, *services: str) -> Iterator[None]:
    """Have services stopped inside the block; all at once, since each takes its time to start."""
    with ThreadPoolExecutor(len(services)) as pool:
        try:
            list(pool.map(lambda service: supervisor(stack, "stopProcess", service), services))
            yield
        finally:
            list(pool.map(lambda service: supervisor(stack, "startProcess", service), services))


@contextmanager
def frozen(stack: Stack, service: str) -> Iterator[None]:
    """Have a service's processes stand still inside the block, as on a machine that swaps or sleeps."""
    victim = running(stack, service)
    os.killpg(victim, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(victim, signal.SIGCONT)


def last(seconds: float) -> None:
    """Let a fault last: here time itself is what is tested."""
    time.sleep(seconds)


def redis_of(stack: Stack) -> Redis:
    """A client of the stack's Redis; its path is relative, since that of a Unix socket may have only 104 bytes."""
    return Redis(unix_socket_path=os.path.relpath(ROOT / stack.var / "run" / "redis.sock"), socket_timeout=5)


def delete_database(stack: Stack, domain: str) -> None:
    """Delete a domain's database; its processes must be stopped."""
    files = list((ROOT / stack.var / "data").glob(f"{domain}.db*"))
    assert files, f"{domain} has no database"
    for file in files:
        file.unlink()
