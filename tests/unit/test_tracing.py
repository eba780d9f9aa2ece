"""A line of the log: when, how serious, which process, which part, which request, what."""

from __future__ import annotations

import os
import subprocess
import sys
from textwrap import dedent

BEGIN = """
import logging
from chassis.tracing import configure_logging, working_on

configure_logging("orders-relay", "INFO")
relay = logging.getLogger("relay")

def tell(text, at):
    record = logging.LogRecord("relay", logging.INFO, "", 1, text, None, None)
    record.created, record.msecs = at, at % 1 * 1000
    relay.handle(record)
"""


def logged(program: str, returncode: int = 0) -> str:
    """What a process that logs writes to standard error, in universal time."""
    command = [sys.executable, "-c", BEGIN + dedent(program)]
    done = subprocess.run(command, text=True, capture_output=True, env={**os.environ, "PYTHONPATH": ".", "TZ": "UTC"})
    assert done.returncode == returncode, done.stderr
    return done.stderr


def test_a_line_tells_when_and_who_and_for_which_request() -> None:
    line = logged("""
        with working_on("course-7"):
            tell("sending #1", at=1795512659.25)
    """)

    assert line == "2026-11-24 09:30:59,250 INFO    orders-relay relay [course-7] sending #1\n"


def test_each_line_has_its_own_time() -> None:
    lines = logged("for at in (59.25, 59.75, 60.5, 60.25, 59.25): tell('', at)").splitlines()

    assert [line[17:23] for line in lines] == ["59,250", "59,750", "00,500", "00,250", "59,250"]


def test_what_is_told_of_several_requests_at_once_has_a_line_for_each() -> None:
    lines = logged("""
        import time
        from chassis import tracing
        time.time = lambda: 1795512659.25
        tracing.tell(relay, ("course-7", "sending #1"), ("course-8", "sending #2"))
    """).splitlines()

    head = "2026-11-24 09:30:59,250 INFO    orders-relay relay"
    assert lines == [f"{head} [course-7] sending #1", f"{head} [course-8] sending #2"]


def test_what_is_told_of_requests_is_left_out_with_everything_else_of_that_level() -> None:
    lines = logged("""
        from chassis import tracing
        configure_logging("orders-relay", "WARNING")
        tracing.tell(relay, ("course-7", "sending #1"))
        relay.warning("Redis is away")
    """).splitlines()

    assert [line[-13:] for line in lines] == ["Redis is away"]


def test_an_error_is_written_with_its_trace() -> None:
    lines = logged("""
        try:
            1 / 0
        except ZeroDivisionError:
            relay.exception("it failed")
    """).splitlines()

    assert lines[0].endswith(" ERROR   orders-relay relay [-] it failed")
    assert (lines[1], lines[-1]) == ("Traceback (most recent call last):", "ZeroDivisionError: division by zero")


def test_a_level_that_does_not_exist_is_refused_with_those_that_do() -> None:
    text = logged("configure_logging('x', 'LOUD')", returncode=1)

    assert text == "LOG_LEVEL='LOUD' is no level; use DEBUG, INFO, WARNING or ERROR\n"
