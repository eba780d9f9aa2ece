"""Classroom edits: the code is mounted from the folder, and a change is seen without a build."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.containers.compose import V1, V2, Compose, why_not
from tests.project import copy_of_project
from tests.shop import Shop
from tests.waiting import eventually

FILES = ("docker-compose.yml", "docker-compose.dev.yml")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the project that anyone may read, as a container's user must."""
    for parent in (tmp_path, *tmp_path.parents[:2]):
        parent.chmod(0o755)
    return copy_of_project(tmp_path)


@pytest.fixture
def development(folder: Path, suite: Compose) -> Iterator[Compose]:
    """The running suite with the code of that folder; afterwards it is as it was."""
    stack = Compose(V1 if why_not(V2) else V2, *(str(folder / name) for name in FILES))
    stack.port, stack.url = suite.port, suite.url
    stack.up()
    stack.ready()
    yield stack
    suite.up()
    suite.ready()


@pytest.mark.timeout(600)
def test_an_edit_is_seen_by_apps_and_workers(folder: Path, development: Compose, shop: Shop) -> None:
    product = shop.create_product(stock=10)["id"]
    user = shop.create_user()["id"]

    edit(folder / "users" / "api_commands.py", "class UserListResource", "BROKEN = = 1\nclass UserListResource")
    eventually(lambda: shop.post("/api-commands/users", {}).status_code == 502, "502 while the code is broken")
    edit(folder / "users" / "api_commands.py", "BROKEN = = 1\n", "")
    eventually(lambda: shop.post("/api-commands/users", {}).status_code == 400, "400 when it is mended")

    edit(folder / "chassis" / "worker.py", "working on the queue", "working on the changed queue")
    eventually(lambda: "the changed queue orders" in development.run("logs", "worker-orders"), "new code in the worker")
    order = eventually(lambda: shop.place_order(user, product), "answer of the apps, which start again too")["id"]
    eventually(lambda: shop.order(order)["state"] == "completed", "completed order")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
