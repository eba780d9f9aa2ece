"""./run.sh down in a container whose first process is no init: nobody there collects processes that have ended."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.e2e.conftest import skip_on_a_given_suite
from tests.stack import ROOT, START_SECONDS, Stack

# The supervisor becomes a child of this process, as it becomes one of the first in a container (prctl(2)). This one
# waits only for what it has called.
FIRST_PROCESS = """
import ctypes, subprocess, sys
PR_SET_CHILD_SUBREAPER = 36
assert ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
for words in (["up", "-d"], ["down"]):
    subprocess.run(["./run.sh", *words], check=True, timeout=float(sys.argv[1]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the part of a container's first process is given by Linux alone")
def test_down_ends_though_nobody_collects_the_supervisor() -> None:
    skip_on_a_given_suite()
    stack = Stack("down")
    try:
        first = [sys.executable, "-c", FIRST_PROCESS, str(START_SECONDS)]
        assert subprocess.run(first, cwd=ROOT, env=stack.environment).returncode == 0
    finally:
        stack.run("down", "-v")
