"""The relay: carries the outbox to its receivers, a process of its own for each domain.

Pattern: polling publisher, https://microservices.io/patterns/data/polling-publisher.html — here woken by a
nudge after each commit, so that the poll can be slow.
"""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import sys
import threading

from chassis import outgoing, tracing
from chassis.config import Settings
from chassis.connection import Connection, Kept
from chassis.nudge import nudge
from chassis.stream import Stream

log = logging.getLogger("relay")

# Between two looks for the tables, at the very first start; later, for a receiver that is new.
TABLES_SECONDS, RECEIVERS_SECONDS = 0.2, 5.0


def run(settings: Settings, stopping: threading.Event) -> None:
    """Relay all streams of a domain until told to stop. A second relay waits until the first has ended."""
    lock = os.open(settings.relay_lock_path, os.O_CREAT | os.O_RDWR, 0o600)
    while not stopping.is_set():
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            stopping.wait(1)
    streams: dict[str, Stream] = {}
    database = outgoing.keep_connection(settings)
    while not stopping.is_set():
        for receiver in receivers_of(database) - set(streams):
            streams[receiver] = stream = Stream(settings, receiver, stopping)
            stream.start()
            log.info("relaying %s", stream.name)
        stopping.wait(RECEIVERS_SECONDS if streams else TABLES_SECONDS)
    for receiver in streams:
        nudge(settings.nudge_path(receiver))  # so that one that waits sees that it is over
    for stream in streams.values():
        stream.join()


def receivers_of(database: Kept[Connection]) -> set[str]:
    """Whom the domain sends messages to; its commands app makes the tables that say so, now or in a moment."""
    try:
        with database.reading() as connection:
            return outgoing.receivers(connection)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
        log.info("waiting for the tables of the commands app: %s", error)
        return set()


def main(domain: str) -> None:
    """``python -m chassis.relay orders``: without Flask, SQLAlchemy and the domain's code it takes half the memory."""
    settings = Settings(domain)
    tracing.configure_logging(f"{domain}-relay", settings.log_level)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    run(settings, stopping)


if __name__ == "__main__":
    main(sys.argv[1])
