"""The request id: it follows a command through every process and message that works on it."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache

request_id: ContextVar[str] = ContextVar("request_id", default="-")


@contextmanager
def working_on(id: str) -> Iterator[None]:
    """Log and send what is done inside under this request's id."""
    token = request_id.set(id)
    try:
        yield
    finally:
        request_id.reset(token)


@dataclass(frozen=True)
class Each:
    """What is logged of several requests at once, a line for each: one by one, they take five times as long.

    Args:
        lines: for each, the request id and the text.
    """

    lines: Sequence[tuple[str, str]]

    def __str__(self) -> str:
        return "\n".join(text for _, text in self.lines)


class _Line(logging.Formatter):
    """A line of the log with the process and the request id; for ``Each``, its lines."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        when = f"{_second(int(record.created))},{int(record.msecs):03d}"
        head = f"{when} {record.levelname:7} {self._process} {record.name}"
        if isinstance(record.msg, Each):
            return "\n".join([f"{head} [{id}] {text}" for id, text in record.msg.lines])
        trace = f"\n{self.formatException(record.exc_info)}" if record.exc_info else ""
        return f"{head} [{request_id.get()}] {record.getMessage()}{trace}"


@lru_cache(maxsize=1)
def _second(timestamp: int) -> str:
    """The local time; for all lines of a second, it is made once."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(timestamp))


def configure_logging(process: str, level: str) -> None:
    """Log to standard error, one line for each event, with the request id that it belongs to.

    Args:
        process: the name that the lines carry, such as ``"orders-relay"``.
        level: a level of the standard library, such as ``"INFO"``.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line(process))
    # What no line shows is not looked up, as the standard library's "Logging HOWTO" has it under "Optimization": the
    # log's share of a GET falls by half.
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    root = logging.getLogger()
    root.handlers = [handler]
    try:
        root.setLevel(level)
    except ValueError:
        raise SystemExit(f"LOG_LEVEL={level!r} is no level; use DEBUG, INFO, WARNING or ERROR") from None
    # A line of the client library for each command would say nothing that ours do not.
    for library in ("rq.worker", "rq.job", "rq.queue"):
        logging.getLogger(library).setLevel(logging.WARNING)
