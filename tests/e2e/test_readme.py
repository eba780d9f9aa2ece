"""What the README shows is what happens: the walk, the tables of messages, services and settings."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator

import pytest

from local.processes import SERVICES
from tests.stack import ROOT, Stack
from tests.waiting import eventually

README = (ROOT / "README.md").read_text()


@pytest.fixture
def empty() -> Iterator[Stack]:
    """A suite without data, since the walk's ids begin with 1."""
    stack = Stack("readme")
    stack.up()
    yield stack
    stack.down()


def walk() -> list[tuple[str, str]]:
    """The commands of the walk and what the README says that they print."""
    blocks = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    return [
        (command, printed.strip())
        for block in blocks
        for command, _, printed in (step.partition("\n") for step in block.split("$ ")[1:])
    ]


@pytest.mark.skipif("GATEWAY_URL" in os.environ, reason="the walk needs an empty suite of its own")
def test_each_command_of_the_walk_prints_what_the_readme_says(empty: Stack) -> None:
    assert len(walk()) == 7
    for command, printed in walk():
        words = command.replace("http://localhost:8080", empty.url)

        def run(words: str = words) -> str:
            return subprocess.run(words, shell=True, cwd=ROOT, text=True, stdout=subprocess.PIPE, check=True).stdout  # noqa: S602

        # A query is asked again until the messages have arrived; a command is given once.
        once = "-d '" in command
        said = (
            run()
            if once
            else eventually(lambda run=run, printed=printed: (s := run()).strip() == printed and s, printed)
        )
        assert said.strip() == printed


def test_the_table_of_messages_names_every_handler() -> None:
    shown = set(re.findall(r"^\| `(\w+)` \| \w+ \| (\w+) \| `\w+/(\w+)\.py` \|$", README, re.MULTILINE))

    files = [path for domain in ("users", "products", "orders") for path in (ROOT / domain).glob("*.py")]
    handlers = {
        (name, path.parent.name, path.stem)
        for path in files
        for name in re.findall(r"^@handler\ndef (\w+)", path.read_text(), re.MULTILINE)
    }
    assert shown == handlers


def test_every_service_is_in_the_readme() -> None:
    assert [name for name in SERVICES if f"`{name}`" not in README] == []


def test_every_setting_is_in_the_readme() -> None:
    sources = "".join((ROOT / "chassis" / name).read_text() for name in ("config.py", "gunicorn_conf.py"))
    settings = set(re.findall(r'"([A-Z][A-Z_]+)", ', sources))

    assert len(settings) > 10
    assert [name for name in sorted(settings) if f"`{name}`" not in README] == []
