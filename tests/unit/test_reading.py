"""A list that is streamed: other requests of the process, which has one thread, have their turns meanwhile."""

from __future__ import annotations

import subprocess
import sys

from tests.stack import ROOT

# In a process of its own, as gunicorn_conf has it: what waits is replaced before anything imports it.
READ_BESIDE_ANOTHER = """
from gevent import joinall, monkey, spawn
monkey.patch_all()
from chassis.reading import _stream

class Cursor:
    parts = 3

    def fetchmany(self, size):
        self.parts -= 1
        return [(1, "{}")] if self.parts >= 0 else []

def read():
    for part in _stream(Cursor()):
        print(part.decode())

joinall([spawn(read), spawn(print, "another")])
"""


def test_others_have_their_turn_after_each_part_of_a_list() -> None:
    done = subprocess.run([sys.executable, "-c", READ_BESIDE_ANOTHER], cwd=ROOT, text=True, stdout=subprocess.PIPE)

    assert done.stdout.splitlines() == ["[{}", "another", ",{}", ",{}", "]"]
