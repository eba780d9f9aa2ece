"""A list that is streamed: other requests of the process, which has one thread, have their turns meanwhile."""

from __future__ import annotations

import subprocess
import sys

from tests.stack import ROOT

# In a process of its own, as gunicorn_conf has it: what waits is replaced before anything imports it.
READ_BESIDE_ANOTHER = """
from gevent import joinall, monkey, spawn
monkey.patch_all()
import socket
from chassis.reading import _stream

here, there = socket.socketpair()

class Cursor:
    parts = 10

    def fetchmany(self, size):
        self.parts -= 1
        if self.parts == 8:
            there.send(b"another")  # a request arrives
        return [(1, "{}")] if self.parts >= 0 else []

def read():
    for part in _stream(Cursor()):
        print(part.decode())

joinall([spawn(lambda: print(here.recv(9).decode())), spawn(read)])
"""


def test_what_arrives_while_a_list_is_read_has_its_turn_before_the_end() -> None:
    done = subprocess.run([sys.executable, "-c", READ_BESIDE_ANOTHER], cwd=ROOT, text=True, stdout=subprocess.PIPE)

    said = done.stdout.split()
    assert sorted(said) == [",{}"] * 9 + ["[{}", "]", "another"]
    assert said[-1] == "]"
