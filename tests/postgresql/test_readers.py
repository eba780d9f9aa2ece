"""The query side on PostgreSQL: it only reads, streams what is long, and finds a server that was restarted."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from chassis.database_errors import Unavailable
from chassis.postgresql_reader import PostgreSQLReader
from chassis.readers import MOST_AT_ONCE
from chassis.reading import reader_of
from tests.postgresql.cluster import Cluster
from tests.unit.services import SENDER, Service

COUNT = "SELECT count(*) FROM notes"


@pytest.fixture
def reader(near: Service) -> PostgreSQLReader:
    """A reader of the database of ``near``."""
    found = reader_of(near.settings)
    assert isinstance(found, PostgreSQLReader)
    return found


@contextmanager
def away(cluster: Cluster, number: signal.Signals = signal.SIGINT) -> Iterator[None]:
    """Have no server inside the block."""
    cluster.stop(number)
    try:
        yield
    finally:
        cluster.start()


def test_a_commit_is_seen_by_the_next_query(near: Service, reader: PostgreSQLReader) -> None:
    for n in range(1, 6):
        near.tell(n)

        assert reader.execute("SELECT max(note) FROM notes WHERE note > :least", {"least": 0}).rows == [(n,)]


def test_a_query_cannot_write(near: Service, reader: PostgreSQLReader) -> None:
    near.tell(1)
    for run in (reader.execute, reader.stream):
        with pytest.raises((psycopg.errors.ReadOnlySqlTransaction, psycopg.errors.SyntaxError)):
            run("DELETE FROM notes", {})

    assert near.notes() == [1]


def test_before_the_tables_are_made_a_query_is_told_to_try_again(near: Service, reader: PostgreSQLReader) -> None:
    with pytest.raises(Unavailable):
        reader.execute(COUNT, {})
    near.tell(1)

    assert reader.execute(COUNT, {}).rows == [(1,)]


def test_a_list_is_of_one_moment_and_comes_in_parts(near: Service, reader: PostgreSQLReader) -> None:
    near.tell(1, 2, 3)
    lent = reader.stream("SELECT note FROM notes ORDER BY id", {})
    assert lent.cursor.fetchmany(2) == [(1,), (2,)]
    near.tell(4)

    assert reader.execute(COUNT, {}).rows == [(4,)]
    assert lent.cursor.fetchmany(2) == [(3,)]
    lent.close()


def test_a_list_that_nobody_reads_to_its_end_holds_up_nobody(near: Service, reader: PostgreSQLReader) -> None:
    near.tell(1, 2)
    for _ in range(2 * MOST_AT_ONCE):
        lent = reader.stream("SELECT note FROM notes ORDER BY id", {})
        assert lent.cursor.fetchmany(1) == [(1,)]
        lent.close()
    near.tell(3)

    assert reader.execute(COUNT, {}).rows == [(3,)]


def test_after_a_list_the_connection_is_in_no_transaction(
    near: Service, reader: PostgreSQLReader, cluster: Cluster
) -> None:
    near.tell(1)
    reader.stream("SELECT note FROM notes", {}).close()
    near.close()

    with cluster.connect("postgres") as connection:
        states = connection.execute(f"SELECT state FROM pg_stat_activity WHERE datname = '{SENDER}'".encode())
        assert states.fetchall() == [("idle",)]


def test_lists_whose_connection_was_lost_leave_their_places_free(
    near: Service, reader: PostgreSQLReader, cluster: Cluster
) -> None:
    near.tell(1)
    for _ in range(MOST_AT_ONCE):
        lent = reader.stream("SELECT note FROM notes", {})
        with cluster.connect("postgres") as connection:
            connection.execute(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{SENDER}'".encode()
            )
        lent.close()

    assert reader.execute(COUNT, {}).rows == [(1,)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT], ids=["stopped", "crashed"])
def test_a_server_that_was_restarted_is_found_by_readers_and_writers(
    near: Service, reader: PostgreSQLReader, cluster: Cluster, number: signal.Signals
) -> None:
    near.tell(1)
    assert reader.execute(COUNT, {}).rows == [(1,)]
    with away(cluster, number):
        pass

    assert reader.execute(COUNT, {}).rows == [(1,)]
    near.tell(2)
    assert near.notes() == [1, 2]


def test_a_server_that_is_away_is_told_to_try_again(near: Service, reader: PostgreSQLReader, cluster: Cluster) -> None:
    near.tell(1)
    with away(cluster):
        with pytest.raises(Unavailable):
            reader.execute(COUNT, {})
        with pytest.raises(Unavailable):
            near.tell(2)
        assert near.app.test_client().get("/readyz").status_code == 503

    assert near.app.test_client().get("/readyz").status_code == 200


def test_a_database_that_was_lost_is_made_again_with_a_new_epoch(
    near: Service, reader: PostgreSQLReader, cluster: Cluster
) -> None:
    near.tell(1)
    before = near.epoch()
    cluster.create(SENDER)
    near.tell(2)

    assert near.notes() == [2]
    assert reader.execute("SELECT epoch FROM outbox_epoch", {}).rows == [(near.epoch(),)]
    assert near.epoch() != before
