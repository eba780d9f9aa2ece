"""A request that an app has begun to read and that is not complete: what it has in hand."""

from __future__ import annotations

import fcntl
import http.client
import os
import socket
import struct
import termios
from typing import Any

import orjson

from tests.shop import TIMEOUT_SECONDS
from tests.stack import ROOT, Stack
from tests.waiting import eventually


class RequestInHand:
    """A request sent straight to an app's socket, but for its last byte, until the app has read that much.

    Args:
        stack: whose.
        service: the app.
        path: the route.
        body: as JSON; without, it is a GET whose headers are not complete.
    """

    def __init__(self, stack: Stack, service: str, path: str, body: Any = None) -> None:
        content = b"" if body is None else orjson.dumps(body)
        head = f"{'GET' if body is None else 'POST'} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n" if content else "\r\n"
        request = head.encode() + content
        self._last, self._door = request[-1:], ROOT / stack.var / "run" / f"{service}.sock"
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(TIMEOUT_SECONDS)
        self._socket.connect(os.path.relpath(self._door))
        self._socket.sendall(request[:-1])
        eventually(lambda: self._unread() == 0, f"{service} with a request in hand")

    def _unread(self) -> int:
        """How many bytes the app has not read yet."""
        return int(struct.unpack("i", fcntl.ioctl(self._socket, termios.TIOCOUTQ, bytes(4)))[0])

    def answer_after_the_app_closed_its_door(self) -> tuple[int, Any]:
        """Wait until the app takes no more connections, then send the last byte.

        Returns:
            the answer's status and JSON.
        """
        eventually(lambda: not self._door.exists(), f"end of {self._door}")
        with self._socket:
            self._socket.sendall(self._last)
            response = http.client.HTTPResponse(self._socket)
            response.begin()
            return response.status, orjson.loads(response.read())
