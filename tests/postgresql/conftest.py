"""What the tests on PostgreSQL share: a server, two small services on it, and the suite on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgresql.cluster import Cluster, programs
from tests.stack import Stack
from tests.unit.services import RECEIVER, SENDER, Service

DOMAINS = ("users", "products", "orders")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server."""
    folder = programs()
    if folder is None:
        pytest.skip("there is no PostgreSQL server here: on Debian and Ubuntu, apt-get install postgresql")
    cluster = Cluster(folder)
    yield cluster
    cluster.close()


@pytest.fixture
def database_url(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of empty databases, which all services that are made in the test have."""
    cluster.create(SENDER, RECEIVER)
    url = cluster.url("{domain}")
    monkeypatch.setenv("DATABASE_URL", url)
    return url


@pytest.fixture
def near(database_url: str, tmp_path: Path) -> Iterator[Service]:
    """The service that tells."""
    service = Service(SENDER, tmp_path, RECEIVER)
    yield service
    service.close()


@pytest.fixture
def far(database_url: str, tmp_path: Path) -> Iterator[Service]:
    """The service that is told."""
    service = Service(RECEIVER, tmp_path, "next")
    yield service
    service.close()


@pytest.fixture(scope="session")
def stack(cluster: Cluster) -> Iterator[Stack]:
    """The suite, with a database for each domain on the server; each test leaves all of it running."""
    cluster.create(*(f"fotoalpes_{domain}" for domain in DOMAINS))
    stack = Stack("postgresql", DATABASE_URL=cluster.url("fotoalpes_{domain}"))
    stack.up()
    yield stack
    stack.down()


@pytest.fixture(scope="session")
def gateway(stack: Stack) -> str:
    """The URL of the suite."""
    return stack.url
