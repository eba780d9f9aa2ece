"""The request id: it follows a command through every process and message that works on it."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")


@contextmanager
def working_on(id: str) -> Iterator[None]:
    """Log and send what is done inside under this request's id."""
    token = request_id.set(id)
    try:
        yield
    finally:
        request_id.reset(token)


class _WithRequestId(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


def configure_logging(process: str, level: str) -> None:
    """Log to standard error, one line for each event, with the request id that it belongs to.

    Args:
        process: the name that the lines carry, such as ``"orders-relay"``.
        level: a level of the standard library, such as ``"INFO"``.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_WithRequestId())
    handler.setFormatter(
        logging.Formatter(f"%(asctime)s %(levelname)-7s {process} %(name)s [%(request_id)s] %(message)s")
    )
    root = logging.getLogger()
    root.handlers = [handler]
    try:
        root.setLevel(level)
    except ValueError:
        raise SystemExit(f"LOG_LEVEL={level!r} is no level; use DEBUG, INFO, WARNING or ERROR") from None
    # A line of the client library for each command would say nothing that ours do not.
    for library in ("rq.worker", "rq.job", "rq.queue"):
        logging.getLogger(library).setLevel(logging.WARNING)
