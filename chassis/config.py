"""All configuration: read from the environment here, once, and nowhere else."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field
from pathlib import Path


def _text(name: str, default: str) -> str:
    return os.environ.get(name) or default


def _number(name: str, default: float) -> float:
    value = _text(name, str(default))
    try:
        number = float(value)
    except ValueError:
        raise SystemExit(f"{name}={value!r} is not a number; unset it or give one, such as {default}") from None
    if not 0 <= number < float("inf"):
        raise SystemExit(f"{name}={value!r} must be 0 or more")
    return number


def _count(name: str, default: int) -> int:
    number = _number(name, default)
    if number != int(number) or number < 1:
        raise SystemExit(f"{name}={number:g} must be a whole number of 1 or more")
    return int(number)


# Longer than any batch takes, and shorter than the grace period of a worker's container: a batch that hangs
# outside its handlers, such as in the database, is ended then, and sent again.
BATCH_SECONDS = 60


@dataclass(frozen=True)
class Settings:
    """What a process of one domain may be told from outside; the README lists the same names.

    Args:
        domain: the service that this process belongs to, such as ``"orders"``.
    """

    domain: str
    data_dir: Path = field(default_factory=lambda: Path(_text("DATA_DIR", "var/data")))
    given_database_url: str = field(default_factory=lambda: _text("DATABASE_URL", ""))
    redis_url: str = field(default_factory=lambda: _text("REDIS_URL", "redis://localhost:6379/0"))
    log_level: str = field(default_factory=lambda: _text("LOG_LEVEL", "INFO").upper())

    # FULL: what was answered 200 survives a power cut. NORMAL is faster and may lose the last commits.
    database_synchronous: str = field(default_factory=lambda: _text("DATABASE_SYNCHRONOUS", "FULL").upper())
    # How long a transaction waits for another's write lock before it gives up with 503.
    database_busy_seconds: float = field(default_factory=lambda: _number("DATABASE_BUSY_SECONDS", 10))

    # For the classroom: every message is held this long, so that eventual consistency can be seen.
    replication_delay_seconds: float = field(default_factory=lambda: _number("REPLICATION_DELAY", 0))
    # One RQ job costs some 4 ms whatever it carries; a larger batch holds the receiver's write lock longer.
    relay_batch_messages: int = field(default_factory=lambda: _count("RELAY_BATCH_MESSAGES", 200))
    # The safety net under the nudge: a lost nudge costs this much time, never a message.
    relay_poll_seconds: float = field(default_factory=lambda: _number("RELAY_POLL_SECONDS", 1))
    # A job that a worker took and did not finish in this time is sent again; a repeat is harmless.
    relay_resend_seconds: float = field(default_factory=lambda: _number("RELAY_RESEND_SECONDS", 5))
    # An idle stream says hello this often, so that either side notices that the other lost its database.
    relay_hello_seconds: float = field(default_factory=lambda: _number("RELAY_HELLO_SECONDS", 10))
    # A message whose handler fails this often in a row becomes a dead letter.
    message_attempts: int = field(default_factory=lambda: _count("MESSAGE_ATTEMPTS", 3))
    # A handler that takes this long hangs; it takes well under a millisecond. It holds the write lock meanwhile,
    # so this is less than `database_busy_seconds`: commands wait for it and are not refused. 0: no limit.
    message_seconds: float = field(default_factory=lambda: _number("MESSAGE_SECONDS", 5))

    @property
    def database_url(self) -> str:
        """The URL of the domain's database: ``DATABASE_URL``, where ``{domain}`` is filled in, or a SQLite file."""
        given = self.given_database_url.replace("{domain}", self.domain)
        return given or f"sqlite:///{(self.data_dir / self.domain).absolute()}.db"

    @property
    def batch_seconds(self) -> int:
        """How long a worker may take for a batch: more than all attempts at a message whose handler hangs.

        Else such a message would come again for ever, and never be given up.
        """
        return max(BATCH_SECONDS, math.ceil((self.message_attempts + 2) * self.message_seconds))

    def nudge_path(self, receiver: str) -> str:
        """The datagram socket on which the domain's stream to a receiver is told of a commit.

        Relative where the data folder is: the path of a Unix socket may have only 104 bytes.
        """
        return f"{self.data_dir}/{self.domain}.{receiver}.nudge"

    @property
    def relay_lock_path(self) -> str:
        """The file that the one active relay of the domain holds locked."""
        return f"{self.data_dir / self.domain}.relay.lock"
