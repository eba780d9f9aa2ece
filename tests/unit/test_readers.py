"""The query side on SQLite: it only reads, each query sees what was committed, and a long list holds up nobody."""

from __future__ import annotations

import sqlite3

import pytest

from chassis.database_errors import Unavailable
from chassis.readers import MOST_AT_ONCE
from chassis.sqlite_reader import SQLiteReader
from tests.unit.services import Service

NOTES = "SELECT note FROM notes ORDER BY id"
COUNT = "SELECT count(*) FROM notes"


@pytest.fixture
def reader(near: Service) -> SQLiteReader:
    """A reader of the database of ``near``, which has three notes."""
    near.tell(1, 2, 3)
    return SQLiteReader(str(near.path), busy_seconds=0.01)


def test_a_commit_is_seen_by_the_next_query(near: Service, reader: SQLiteReader) -> None:
    for n in range(4, 7):
        near.tell(n)

        assert reader.execute(COUNT, {}).rows == [(n,)]


def test_a_query_that_stops_early_is_finished(near: Service, reader: SQLiteReader) -> None:
    assert reader.execute(f"{NOTES} LIMIT 1", {}).rows == [(1,)]
    near.tell(4)

    assert reader.execute(COUNT, {}).rows == [(4,)]


def test_a_query_cannot_write(near: Service, reader: SQLiteReader) -> None:
    for run in (reader.execute, reader.stream):
        with pytest.raises((sqlite3.OperationalError, Unavailable)):
            run("DELETE FROM notes", {})

    assert near.notes() == [1, 2, 3]


def test_while_a_list_is_read_the_next_query_sees_what_was_committed_since(near: Service, reader: SQLiteReader) -> None:
    lent = reader.stream(NOTES, {})
    assert lent.cursor.fetchmany(1) == [(1,)]
    near.tell(4)

    assert reader.execute(COUNT, {}).rows == [(4,)]
    assert lent.cursor.fetchmany(9) == [(2,), (3,)]
    lent.close()


def test_a_list_that_is_not_read_to_its_end_leaves_nothing_behind(near: Service, reader: SQLiteReader) -> None:
    for _ in range(2 * MOST_AT_ONCE):
        lent = reader.stream(NOTES, {})
        lent.cursor.fetchmany(1)
        lent.close()
    near.tell(4)

    assert reader.execute(COUNT, {}).rows == [(4,)]


def test_more_lists_than_may_be_read_at_once_are_told_to_try_again(reader: SQLiteReader) -> None:
    lists = [reader.stream(NOTES, {}) for _ in range(MOST_AT_ONCE)]
    with pytest.raises(Unavailable, match="at once"):
        reader.execute(COUNT, {})
    lists[0].close()

    assert reader.execute(COUNT, {}).rows == [(3,)]


def test_a_file_that_was_put_in_the_place_of_another_is_read(near: Service, reader: SQLiteReader) -> None:
    assert reader.execute(COUNT, {}).rows == [(3,)]
    for file in near.path.parent.glob(f"{near.path.name}*"):
        file.unlink()
    with pytest.raises(Unavailable):
        reader.execute(COUNT, {})
    other = sqlite3.connect(near.path)
    other.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, note INTEGER)")
    other.close()

    assert reader.execute(COUNT, {}).rows == [(0,)]
