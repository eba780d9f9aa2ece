"""The pages of the lessons: where they are, and what they say to those who use Docker."""

from __future__ import annotations

import re
from pathlib import Path

from tests.console_blocks import BLOCK, Step, steps
from tests.stack import ROOT

ENGLISH = ROOT / "docs" / "lessons"
SPANISH = ENGLISH / "es"
LESSONS = sorted(ENGLISH.glob("0*.md"))

# What only somebody without Docker types: run.sh itself, and what reaches into its folders.
LOCAL = re.compile(r"\./run\.sh|\bvar/")
DOCKER = re.compile(r"(?:With|Con) Docker: (.*?)\n\n", re.DOTALL)
CODE = re.compile(r"`([^`]+)`")
# A file of the project, without the section within it.
LINK = re.compile(r"\]\(([^)#:]+)(?:#[\w-]+)?\)")


def twin(page: Path) -> Path:
    """The Spanish page of an English one."""
    return SPANISH / page.name if page.parent == ENGLISH else page.with_suffix(".es.md")


def docker_words(page: str) -> list[tuple[Step, str]]:
    """The local commands of a page, and what it says to type with Docker.

    Below a block with local commands stands a paragraph that begins with ``With Docker:`` and has as many
    commands; a repeat within the block is not named again.
    """
    pairs: list[tuple[Step, str]] = []
    ends = [*(match.start() for match in BLOCK.finditer(page)), len(page)]
    for match, end in zip(BLOCK.finditer(page), ends[1:], strict=True):
        local = [step for step in steps(match[0]) if LOCAL.search(step.command)]
        named = [code for paragraph in DOCKER.findall(page[match.end() : end]) for code in CODE.findall(paragraph)]
        assert len(local) == len(named), f"{[step.command for step in local]} with Docker: {named}"
        pairs += zip(local, named, strict=True)
    return pairs
