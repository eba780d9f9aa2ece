"""The fourth domain of the exercises in containers: its image, its services and its routes are as the page has them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.containers.compose import PROJECT, V1, V2, Compose, why_not
from tests.exercises.copies import made
from tests.exercises.test_a_fourth_domain import DOMAIN, RUNNING
from tests.waiting import eventually


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy with the fourth domain, which anyone may read, as a container's user must."""
    for parent in (tmp_path, *tmp_path.parents[:2]):
        parent.chmod(0o755)
    return made(tmp_path, DOMAIN, RUNNING)


@pytest.fixture
def copied(folder: Path, suite: Compose) -> Iterator[Compose]:
    """That copy, running and empty, in place of the suite, which is there again afterwards."""
    suite.down()
    stack = Compose(V1 if why_not(V2) else V2, str(folder / "docker-compose.yml"), images=f"{PROJECT}-exercise")
    stack.port, stack.url = suite.port, suite.url
    try:
        stack.up("--build")
        yield stack
    finally:
        stack.down()
        suite.run("--profile", "dashboard", "up", "-d")
        suite.ready()


@pytest.mark.timeout(600)
def test_the_fourth_domain_passes_its_test_in_containers(folder: Path, copied: Compose) -> None:
    program(folder, copied, "local/ready.py", copied.url)
    eventually(lambda: all(container.is_well() for container in copied.containers()), "healthy containers")

    passed = program(folder, copied, "-m", "pytest", "tests/e2e/test_reviews.py")
    assert "8 passed, 1 skipped" in passed
    assert "3. replicas" in program(folder, copied, "check.py", copied.url)


def program(folder: Path, stack: Compose, *words: str) -> str:
    """What a Python program of the copy prints; it must succeed."""
    environment = {**os.environ, "GATEWAY_URL": stack.url}
    done = subprocess.run([sys.executable, *words], cwd=folder, env=environment, text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
