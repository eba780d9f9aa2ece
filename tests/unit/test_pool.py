"""Connections to read with: few are opened, none is lent twice at once, and one that failed never again."""

from __future__ import annotations

import pytest

from chassis.database_errors import Unavailable
from chassis.pool import Pool

MOST = 2


class Fault(Exception):
    """What goes wrong."""


class Connection:
    """Stands in for a driver's connection."""

    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        """Be done with it."""
        self.closed = True


@pytest.fixture
def pool() -> Pool[Connection]:
    """A pool that nobody has used yet."""
    return Pool(Connection, lambda connection: not connection.closed, MOST, wait_seconds=0.01)


def lent(pool: Pool[Connection]) -> Connection:
    """A connection that some query runs on."""
    return pool.lend(lambda connection: None)[0]


def fail(connection: Connection) -> None:
    """A query that fails."""
    raise Fault


def test_what_was_given_back_is_lent_again(pool: Pool[Connection]) -> None:
    first = lent(pool)
    pool.give(first)

    assert lent(pool) is first


def test_two_that_read_at_once_have_a_connection_each(pool: Pool[Connection]) -> None:
    assert lent(pool) is not lent(pool)


def test_the_one_that_was_used_last_is_lent_first(pool: Pool[Connection]) -> None:
    first, second = lent(pool), lent(pool)
    pool.give(first)
    pool.give(second)

    assert [lent(pool), lent(pool)] == [second, first]


def test_while_all_are_lent_one_is_told_to_try_again(pool: Pool[Connection]) -> None:
    found = [lent(pool) for _ in range(MOST)]
    with pytest.raises(Unavailable):
        lent(pool)
    pool.give(found[0])

    assert lent(pool) is found[0]


def test_a_connection_on_which_a_query_failed_is_closed_and_its_place_is_free(pool: Pool[Connection]) -> None:
    first = lent(pool)
    pool.give(first)
    for _ in range(2 * MOST):
        with pytest.raises(Fault):
            pool.lend(fail)

    assert first.closed
    assert lent(pool) is not first


def test_a_connection_that_leads_nowhere_is_replaced(pool: Pool[Connection]) -> None:
    first, second = lent(pool), lent(pool)
    pool.give(first)
    pool.give(second)
    second.close()

    assert lent(pool) is first


def test_one_that_cannot_be_opened_takes_no_place() -> None:
    def refuse() -> Connection:
        raise Fault

    pool = Pool(refuse, lambda connection: True, 1, wait_seconds=0.01)
    for _ in range(2):
        with pytest.raises(Fault):
            lent(pool)


def test_what_is_idle_may_be_closed_for_good(pool: Pool[Connection]) -> None:
    first, second = lent(pool), lent(pool)
    pool.give(first)
    pool.clear()

    assert (first.closed, second.closed) == (True, False)
