"""A real worker process for the tests, and a sender that it hears of."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from redis import Redis

from chassis.batch import Batch
from chassis.handlers import Message
from chassis.transport import Transport
from tests.unit.services import RECEIVER, SENDER, Service

QUEUE = f"rq:queue:{RECEIVER}"
ROOT = Path(__file__).parent.parent.parent


class Worker:
    """A real worker process, and a sender that it hears of."""

    def __init__(self, folder: Path, redis: Redis, url: str, **settings: str) -> None:
        self.redis, self.folder = redis, folder
        self.near, self.far = Service(SENDER, folder, RECEIVER), Service(RECEIVER, folder)
        self._transport = Transport(url, RECEIVER, resend_seconds=30)
        self._log = folder / "log"
        self.traces = folder / "traces"  # what is executed here leaves one
        self.traces.mkdir()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "tests.unit.receiver", "worker"],
            cwd=ROOT,
            env={**os.environ, "DATA_DIR": str(folder), "REDIS_URL": url, **settings},
            stderr=self._log.open("wb"),
        )
        self._told = 0

    def log(self) -> str:
        """What it has logged."""
        return self._log.read_text()

    def must_go_on(self) -> None:
        """The next good batch is applied, by the same process, and nothing else was done."""
        first, self._told = self._told + 1, self._told + 1
        self.near.tell(first)
        answer = self._transport.deliver(self.near.batch(first), lambda: self.process.poll() is not None)
        assert answer == {"applied": first, "message_id": self.near.sent()[-1].message_id}, self.log()[-2000:]
        assert self.far.notes() == self.near.notes()
        assert list(self.traces.iterdir()) == []
        log = self.log()
        assert log.count(" failed: ") == log.count(" failed: Refused: "), "a job was not refused: it failed"
        assert "Traceback" not in log

    def deliver(self, *messages: Message) -> Any:
        """What it answers to a batch with these messages."""
        return self._transport.deliver(Batch(SENDER, "e" * 32, 1, "", messages), lambda: False)

    def put(self, id: str | bytes, **fields: Any) -> None:
        """Write a job as anyone could who reaches Redis."""
        if fields:
            self.redis.delete(f"rq:job:{id!s}")
            self.redis.hset(f"rq:job:{id!s}", mapping=fields)
        self.redis.rpush(QUEUE, id)

    def stop(self) -> None:
        """End it as an operator does."""
        self.process.terminate()
        self.process.wait(30)
        self.near.close()
        self.far.close()
