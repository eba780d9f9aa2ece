"""Pages that a test types: the commands in their ``console`` blocks, and the output that they promise.

A command follows ``$ ``; what is promised stands below it. ``…`` stands for anything within a line; a line that
is only ``…`` stands for any number of lines, also none.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass

from tests.stack import START_SECONDS, Stack
from tests.waiting import eventually

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
STEP = re.compile(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)

# Commands that change something are typed once; all others are asked again until the messages have arrived.
CHANGES = re.compile(r" -d '|test\.sh |run\.sh (up|down|start|stop|kill)\b|^rm |flushall")
# The longest that a page has in the background is 300 orders, on a machine that is busy otherwise.
PATIENCE_SECONDS = 150
# A person who has started something takes some seconds before the next line, so it may come up.
STARTS = re.compile(r" (up|start)\b")


@dataclass(frozen=True)
class Step:
    """One command of a page.

    Args:
        command: as the page has it.
        promised: what the page says that it prints.
    """

    command: str
    promised: str

    @property
    def is_query(self) -> bool:
        """Whether it changes nothing, so that it may be asked again."""
        return CHANGES.search(self.command) is None


def blocks(page: str) -> list[str]:
    """The ``console`` blocks of a page."""
    return BLOCK.findall(page)


def steps(page: str) -> list[Step]:
    """All commands of a page, in their order, with what they promise."""
    return [Step(command, promised.strip()) for block in blocks(page) for command, promised in STEP.findall(block)]


def matches(said: str, promised: str) -> bool:
    """Whether an output is the promised one."""
    pattern = "".join(
        r"(?:.*\n)*" if line.strip() == "…" else ".*".join(map(re.escape, line.split("…"))) + r"\n"
        for line in promised.splitlines()
    )
    return re.fullmatch(pattern, f"{said.strip()}\n" if said.strip() else "") is not None


def type_steps(
    page: str, stack: Stack, words: Callable[[str], str] = str, promises: Callable[[Step], bool] = lambda _: True
) -> None:
    """Type a page's commands, and compare what they print with what the page says.

    Args:
        page: the page's text.
        stack: the suite that the commands are for, whether it runs or the page starts it.
        words: what to type instead of a command.
        promises: whether the output of a step is the page's promise.
    """
    for step in steps(page):

        def holds(step: Step = step) -> bool:
            command = for_stack(words(step.command), stack)
            said = run(command, stack)
            wanted = for_stack(step.promised, stack)
            assert not promises(step) or matches(said, wanted), f"$ {command}\n{said}\n--- promised:\n{wanted}"
            return True

        if step.is_query:
            eventually(holds, f"promised answer to {step.command}", PATIENCE_SECONDS)
        else:
            holds()
        if STARTS.search(step.command):
            subprocess.run([sys.executable, "local/ready.py", stack.url], cwd=stack.root, check=True)


def for_stack(text: str, stack: Stack) -> str:
    """A page's words with the places of another suite: its port, its folder, its virtual environment."""
    places = {"localhost:8080": f"localhost:{stack.port}", "var/": f"{stack.var}/"}
    places[".venv/"] = f"{stack.venv}/"
    for here, there in places.items():
        text = text.replace(here, there)
    return text


def run(command: str, stack: Stack) -> str:
    """What a shell prints; the command must succeed. What it leaves in the background goes on."""
    with tempfile.TemporaryFile("w+") as output:  # a pipe would stay open until the background ends
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=stack.root,
            env=stack.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=START_SECONDS,
        )
        output.seek(0)
        said = output.read()
    assert done.returncode == 0, f"$ {command}\n{said}\nexited with {done.returncode}"
    return said
