"""What is no HTTP, or hardly: the gateway answers it as it answers every other error."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from http.client import HTTPMessage, HTTPResponse
from urllib.parse import urlsplit

import pytest

from tests.e2e.problems import problem

POST = b"POST /api-commands/users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
MALFORMED = {
    "no request line": (b"HELLO\r\n\r\n", 400),
    "no Host": (b"GET /api-queries/users HTTP/1.1\r\n\r\n", 400),
    "a Host with a space": (b"GET /api-queries/users HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
    "NUL in the path": (b"GET /api-queries/users/%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "a path above the root": (b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "a bad escape": (b"GET /api-queries/users/%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "CONNECT": (b"CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "a Content-Length that is no number": (POST + b"Content-Length: ten\r\n\r\n", 400),
    "two Content-Lengths": (POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
    "Content-Length and chunks": (POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "a chunk without a size": (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    "headers too large": (b"GET / HTTP/1.1\r\nHost: x\r\nCookie: " + b"c" * 40_000 + b"\r\n\r\n", 400),
    "an unknown method": (b"BREW /api-commands/users HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405),
    "an address too long": (b"GET /" + b"a" * 10_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    "bytes that are no text": (b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404),
    "quotation marks in the path": (b'GET /"\\ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 404),
    "an unknown coding": (POST + b"Transfer-Encoding: gzip\r\n\r\n", 501),
    "HTTP of the future": (b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", 505),
}


@dataclass
class RawAnswer:
    """An answer that came over a bare socket."""

    status_code: int
    headers: HTTPMessage
    text: str


@pytest.mark.parametrize(("sent", "status"), MALFORMED.values(), ids=MALFORMED)
def test_what_is_hardly_http_is_answered_with_a_problem(gateway: str, sent: bytes, status: int) -> None:
    problem(ask(gateway, sent), status)


def ask(url: str, sent: bytes) -> RawAnswer:
    """Send these bytes and read one answer."""
    parts = urlsplit(url)
    with socket.create_connection((str(parts.hostname), parts.port or 80), timeout=10) as connection:
        connection.sendall(sent)
        answer = HTTPResponse(connection)
        answer.begin()
        return RawAnswer(answer.status, answer.headers, answer.read().decode())
