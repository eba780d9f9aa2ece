"""Supervisor's own interface: some milliseconds for a question, where ``run.sh`` starts a Python for it.

http://supervisord.org/api.html
"""

from __future__ import annotations

import http.client
import re
import socket
import xmlrpc.client
from typing import Any

from tests.stack import ROOT, Stack

# A service may take its whole grace period to stop.
TIMEOUT_SECONDS = 60


class UnixTransport(xmlrpc.client.Transport):
    """XML-RPC over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        """Connect to the socket, whatever the host."""
        connection = http.client.HTTPConnection("supervisor")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(TIMEOUT_SECONDS)
        connection.sock.connect(self._path)
        self._connection = host, connection
        return connection


def supervisor(stack: Stack, call: str, *args: Any) -> Any:
    """Call a function of supervisor's interface, such as ``stopProcess``."""
    configuration = (ROOT / stack.var / "supervisord.conf").read_text()
    [path] = re.findall(r"^serverurl = unix://(.+)$", configuration, re.MULTILINE)
    with xmlrpc.client.ServerProxy("http://supervisor", UnixTransport(path)) as proxy:
        return getattr(proxy.supervisor, call)(*args)


def pid(stack: Stack, service: str) -> int:
    """The process of a service; 0 while there is none."""
    return int(supervisor(stack, "getProcessInfo", service)["pid"])
