"""What the tests do to the services of a stack of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis

from tests.stack import ROOT, Stack
from tests.waiting import eventually


@contextmanager
def stopped(stack: Stack, *services: str) -> Iterator[None]:
    """Have services stopped inside the block."""
    try:
        for service in services:
            stack.run("stop", service)
        yield
    finally:
        for service in services:
            stack.run("start", service)


def kill(stack: Stack, service: str) -> None:
    """Kill a service's processes with -9 and wait until supervisor has started it again."""
    killed = stack.pid(service)
    stack.run("kill", service)
    eventually(lambda: stack.pid(service) not in (0, killed), f"new {service}")


def redis_of(stack: Stack) -> Redis:
    """A client of the stack's Redis."""
    # Relative, since the path of a Unix socket may have only 104 bytes.
    return Redis(unix_socket_path=os.path.relpath(ROOT / stack.var / "run" / "redis.sock"), socket_timeout=5)
