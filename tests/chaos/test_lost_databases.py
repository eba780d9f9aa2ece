"""A database is deleted: what it owned is gone, everything else heals by itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import check
from tests.chaos.conftest import Town, UnderLoad, started
from tests.chaos.faults import delete_database, stopped

PROCESSES = {
    "orders": ("orders-commands", "orders-queries", "orders-relay", "worker-orders"),
    "users": ("users-commands", "users-queries", "users-relay"),
}


@pytest.fixture(scope="module")
def lossy_town() -> Iterator[Town]:
    """Another stack: after a loss, the sums of the whole suite can't be checked any more."""
    yield from started("chaos-lost")


@pytest.mark.parametrize("domain", ["users", "orders"])
def test_a_database_may_be_deleted(lossy_town: Town, under_load: UnderLoad, domain: str) -> None:
    with under_load(lossy_town) as load:
        load.goes_on(100)
        with stopped(lossy_town.stack, *PROCESSES[domain]):
            delete_database(lossy_town.stack, domain)
            lossy_town.ledger.lose(domain)
        load.struck_by(f"{domain} deleted")

    assert domain in check.Suite(lossy_town.stack.url).lost_databases(), "the new epoch is noticed"
    with under_load(lossy_town) as load:
        load.goes_on(100)
