"""What the README shows is what happens: the walk, the tables of messages, services and settings."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest

from local.processes import DOMAINS, OPTIONAL, SERVICES
from tests.console_blocks import steps, type_steps
from tests.stack import ROOT, Stack

README = (ROOT / "README.md").read_text()


@pytest.fixture
def empty() -> Iterator[Stack]:
    """A suite without data, since the walk's ids begin with 1."""
    stack = Stack("readme")
    stack.up()
    yield stack
    stack.down()


@pytest.mark.skipif("GATEWAY_URL" in os.environ, reason="the walk needs an empty suite of its own")
def test_each_command_of_the_walk_prints_what_the_readme_says(empty: Stack) -> None:
    assert len(steps(README)) == 7

    type_steps(README, empty)


def test_the_table_of_messages_names_every_handler() -> None:
    shown = set(re.findall(r"^\| `(\w+)` \| \w+ \| (\w+) \| `\w+/(\w+)\.py` \|$", README, re.MULTILINE))

    files = [path for domain in DOMAINS for path in (ROOT / domain).glob("*.py")]
    handlers = {
        (name, path.parent.name, path.stem)
        for path in files
        for name in re.findall(r"^@handler\ndef (\w+)", path.read_text(), re.MULTILINE)
    }
    assert shown == handlers


def test_every_service_is_in_the_readme() -> None:
    assert [name for name in [*SERVICES, *OPTIONAL] if f"`{name}`" not in README] == []


def test_every_setting_is_in_the_readme() -> None:
    sources = "".join((ROOT / "chassis" / name).read_text() for name in ("config.py", "gunicorn_conf.py"))
    settings = set(re.findall(r'\("([A-Z][A-Z_]+)"[,)]', sources))

    assert len(settings) > 10
    assert [name for name in sorted(settings) if f"`{name}`" not in README] == []
