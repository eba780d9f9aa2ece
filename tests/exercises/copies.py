"""What the exercises' tests share: a copy of the project with the changes of some pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.exercises.apply import changes
from tests.project import copy_of_project
from tests.stack import ROOT, Stack

LESSONS = ROOT / "docs" / "lessons"


def made(folder: Path, *pages: str) -> Path:
    """A copy of the project in this folder, after the exercises on these pages."""
    copy_of_project(folder)
    for page in pages:
        for change in changes(text_of(page)):
            change.apply(folder)
    return folder


def text_of(page: str) -> str:
    """A page's text."""
    return (LESSONS / f"{page}.md").read_text(encoding="utf-8")


@contextmanager
def stack_of(folder: Path) -> Iterator[Stack]:
    """A place for the suite of a copy: the page itself starts one there, from the project's own packages."""
    stack = Stack("exercise", root=folder)
    try:
        yield stack
    finally:
        stack.down()
