"""The request id: it follows a command through every process and message that works on it."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
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


class _Line(logging.Formatter):
    """A line of the log with the process and the request id."""

    process = "-"

    def format(self, record: logging.LogRecord) -> str:
        trace = f"\n{self.formatException(record.exc_info)}" if record.exc_info else ""
        head = self.head(record.created, record.levelname, record.name)
        return f"{head} [{request_id.get()}] {record.getMessage()}{trace}"

    def head(self, created: float, level: str, name: str) -> str:
        """What stands before the request id."""
        return f"{_second(int(created))},{int(created % 1 * 1000):03d} {level:7} {self.process} {name}"


_line = _Line()


def tell(log: logging.Logger, *lines: tuple[str, str]) -> None:
    """Log what every request and every message has a line for, all at once, at the level INFO.

    The log is a good part of what they cost; line by line and through ``logging``, it would be thrice as much.

    Args:
        log: of the part that tells.
        lines: for each, the request id and the text.
    """
    if lines and log.isEnabledFor(logging.INFO):
        head = _line.head(time.time(), "INFO", log.name)
        with suppress(OSError):  # nobody fails since the log can't be written
            sys.stderr.write("".join([f"{head} [{id}] {text}\n" for id, text in lines]))


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
    _line.process = process
    handler.setFormatter(_line)
    root = logging.getLogger()
    root.handlers = [handler]
    try:
        root.setLevel(level)
    except ValueError:
        raise SystemExit(f"LOG_LEVEL={level!r} is no level; use DEBUG, INFO, WARNING or ERROR") from None
    # A line of the client library for each command would say nothing that ours do not.
    for library in ("rq.worker", "rq.job", "rq.queue"):
        logging.getLogger(library).setLevel(logging.WARNING)
