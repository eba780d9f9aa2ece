"""HTTP over a kept connection, with nothing that a benchmark does not need."""

from __future__ import annotations

import socket
from dataclasses import dataclass

# No request takes this long; a server that hangs ends the benchmark.
TIMEOUT_SECONDS = 60
READ_BYTES = 1 << 20


@dataclass(frozen=True)
class Work:
    """What each request asks for.

    Args:
        method: ``"GET"`` or ``"POST"``.
        path: of the request.
        body: JSON; ``{n}`` in it becomes a text that no other request has.
    """

    method: str
    path: str
    body: str = ""

    def request(self, n: str) -> bytes:
        """One request as it goes over the wire."""
        body = self.body.replace("{n}", n).encode()
        head = f"{self.method} {self.path} HTTP/1.1\r\nHost: localhost\r\n"
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        return head.encode() + b"\r\n" + body


class Connection:
    """A kept connection to a gateway on this machine.

    Args:
        port: of the gateway.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket = self._connect()

    def _connect(self) -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self._port), TIMEOUT_SECONDS)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def exchange(self, request: bytes) -> tuple[int, bytes]:
        """Send a request; returns the status and the body (in pieces as HTTP has them, where it is chunked)."""
        self._socket.sendall(request)
        received = self._receive(b"")
        while b"\r\n\r\n" not in received:
            received = self._receive(received)
        head, _, first = received.partition(b"\r\n\r\n")
        head = head.lower()
        body = self._body(head, first)
        if b"connection: close" in head:  # nginx does so after a thousand requests
            self._socket.close()
            self._socket = self._connect()
        return int(head[9:12]), body

    def _body(self, head: bytes, first: bytes) -> bytes:
        pieces, tail = [first], first[-7:]
        if b"transfer-encoding: chunked" in head:
            while not tail.endswith(b"\r\n0\r\n\r\n"):
                pieces.append(self._receive(b""))
                tail = (tail + pieces[-1])[-7:]
            return b"".join(pieces)
        length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        missing = length - len(first)
        while missing > 0:
            pieces.append(self._receive(b""))
            missing -= len(pieces[-1])
        return b"".join(pieces)

    def _receive(self, before: bytes) -> bytes:
        more = self._socket.recv(READ_BYTES)
        if not more:
            raise ConnectionError("the gateway closed a connection in the middle of an answer")
        return before + more
