"""What a lesson shows is what happens: each command is typed, each answer compared with the page.

``LESSONS_WITH=docker-compose ./test.sh lessons`` types what the lessons say to those who use Docker; so does
``LESSONS_WITH='docker compose'``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.console_blocks import Step, run, type_steps
from tests.lessons.pages import LESSONS, docker_words
from tests.stack import Stack

WITH = os.environ.get("LESSONS_WITH", "./run.sh")
WITH_DOCKER = WITH != "./run.sh"

# Docker's own words differ from the page's; what a program in a container says does not.
SAID_BY_THE_SUITE = re.compile(r"\| grep| exists ")


@pytest.fixture
def stack() -> Iterator[Stack]:
    """A place for a suite: the lesson itself starts one there."""
    project = f"foto-alpes-lessons-{os.getpid()}"
    stack = Stack("lessons", COMPOSE_PROJECT_NAME=project, IMAGE_PREFIX="foto-alpes-lessons")
    if WITH_DOCKER:
        run(f"{WITH} build --quiet", stack)  # up alone would take the images of older code
    yield stack
    run(f"{WITH} down -v" if WITH_DOCKER else "./run.sh down", stack)  # logs stay for who looks into a failure


def reader(page: str) -> tuple[Callable[[str], str], Callable[[Step], bool]]:
    """What a reader of the page types for a command, and whether it then prints what the page shows."""
    if not WITH_DOCKER:
        return str, lambda _: True
    words = {step.command: docker.replace("docker-compose", WITH) for step, docker in docker_words(page)}
    return (
        lambda command: words.get(command, command),
        lambda step: SAID_BY_THE_SUITE.search(words.get(step.command, "| grep")) is not None,
    )


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_each_command_of_a_lesson_prints_what_the_lesson_says(lesson: Path, stack: Stack) -> None:
    page = lesson.read_text()
    words, promises = reader(page)

    type_steps(page, stack, words, promises)
