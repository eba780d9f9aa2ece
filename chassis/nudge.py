"""The nudge: a datagram that tells a stream of the relay of a commit, so that it need not poll fast.

A datagram on a Unix socket costs its sender 45 µs at most and wakes the stream within 1 ms. It may get lost; the
stream's slow poll finds the message all the same.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import socket

log = logging.getLogger("nudge")

_sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
_sender.setblocking(False)  # a stream that is busy has nudges enough


def nudge(path: str) -> None:
    """Wake the stream that listens at this path, if there is one."""
    with contextlib.suppress(OSError):  # no relay, or one that is behind: its poll finds the message
        _sender.sendto(b"!", path)


class Nudges:
    """What one stream waits for when it has nothing to send.

    Args:
        path: where to listen; a file that is left from an earlier relay is replaced.
    """

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        try:
            self._socket.bind(path)
        except OSError as error:
            log.warning("no nudges at %s (%s): messages wait for the poll", path, error)

    def wait(self, seconds: float) -> None:
        """Wait for a nudge, so many seconds at most; one that has come already ends it at once."""
        select.select([self._socket], [], [], seconds)

    def forget(self) -> None:
        """Take away those that have come: what they tell of is about to be looked at."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self._socket.recv(1)

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()
