"""Shared commits: requests that write at the same time write in turn, and the last of them commits for all.

A commit waits for the disk, and SQLite has one writer at a time: with a commit for each, eight clients would
wait for eight rounds of the disk. Here each writes in a savepoint of its own, so that one that fails undoes its
own work and no more, and nobody is answered before the commit is on the disk. Known as group commit; DeWitt et
al., "Implementation Techniques for Main Memory Database Systems", 1984.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from chassis import outbox
from chassis.connection import Kept
from chassis.database_errors import Unavailable
from chassis.orm import ModelConnection
from chassis.turns import let_others_on

# So many share a commit at most: the first of them waits for the last, and other processes for all of them.
MOST_TOGETHER = 16


@dataclass
class Group:
    """Those that share a commit.

    Args:
        connection: with an open transaction.
        size: how many have had their turn in it.
        messages: what those who had their turn have enqueued, in order; it is written before the commit.
        broken: what those who share it are told, where it may have been undone before the commit.
        ended: is set when the commit is done or has failed.
        error: why it has failed.
    """

    connection: ModelConnection
    size: int = 0
    messages: list[dict[str, Any]] = field(default_factory=list)
    broken: Unavailable | None = None
    ended: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None

    def wait(self) -> None:
        """Wait for the commit; raises why it has failed."""
        self.ended.wait()
        if self.error:
            raise self.error


class Writer:
    """The way of one process to write its database.

    Args:
        open: opens a connection.
        busy_seconds: how long one waits for its turn.
        nudge: tells the relay of a commit with messages to these receivers, once for all that share it.
    """

    def __init__(
        self, open: Callable[[], ModelConnection], busy_seconds: float, nudge: Callable[[set[str]], None]
    ) -> None:
        self._kept, self._busy_seconds, self._nudge = Kept(open), busy_seconds, nudge
        self._turn, self._counting = threading.Lock(), threading.Lock()
        self.in_line = 0
        self._group: Group | None = None

    @contextmanager
    def transaction(self) -> Iterator[Group]:
        """Write inside; on leaving it, all of it is on the disk, or nothing.

        Raises:
            Unavailable: the turn did not come in time.
            Exception: the driver's, where the database could not begin or commit; nothing was written.
        """
        deadline = time.monotonic() + self._busy_seconds
        with self._counting:
            self.in_line += 1
        failure: BaseException | None = None
        with self._turn:
            try:
                if time.monotonic() > deadline:
                    raise Unavailable("the database is busy: nothing was written; try again")
                group = self._group = self._group or Group(self._kept.begin())
                group.size += 1
                try:
                    with _savepoint(group):
                        yield group
                except BaseException as error:  # noqa: BLE001 - it is raised below
                    failure = error
                broke_it = failure is not None and group.broken is not None
            finally:
                self._leave()
        if not broke_it:
            group.wait()  # one that failed waits too: what it was refused for may not be committed
        if failure:
            raise failure

    def close(self) -> None:
        """Close the connection until it is needed again."""
        with self._turn:
            self._kept.drop()

    def _leave(self) -> None:
        """Commit, unless the next one in line does."""
        if self.in_line == 1:
            let_others_on()  # requests that have arrived meanwhile get in line now
        with self._counting:
            self.in_line -= 1
            last = self.in_line == 0
        if self._group and (last or self._group.broken or self._group.size >= MOST_TOGETHER):
            group, self._group = self._group, None
            if self._end(group):
                self._nudge({message["receiver"] for message in group.messages})

    def _end(self, group: Group) -> bool:
        """Commit for all; whether it was done."""
        try:
            if group.broken:
                raise group.broken
            outbox.write(group.connection, group.messages)
            group.connection.commit()
        except BaseException as error:  # noqa: BLE001 - those who wait are told whatever it is
            self._kept.drop()  # whatever state it is in, it is closed, and what was not committed is undone
            group.error = error
        group.ended.set()
        return group.error is None


@contextmanager
def _savepoint(group: Group) -> Iterator[None]:
    connection = group.connection
    # Until it is known to be whole: at a full disk, SQLite undoes what the others wrote as well.
    group.broken = Unavailable("a fault undid this before it was committed: nothing was written; try again")
    connection.execute("SAVEPOINT mine", {})
    try:
        yield
        if not connection.has_begun():  # an error that undid all was caught inside
            raise group.broken
    except BaseException:
        with suppress(Exception):  # whatever the driver says, it remains broken
            connection.execute("ROLLBACK TO SAVEPOINT mine", {})
            group.broken = None
        raise
    group.broken = None  # the commit releases the savepoint
