"""What the lessons say about themselves: times, files, links, and the commands for Docker."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.lessons.pages import ENGLISH, LESSONS, LINK, SPANISH, docker_words
from tests.stack import ROOT

PAGES = [*LESSONS, *(SPANISH / lesson.name for lesson in LESSONS)]
INDEXES = [ENGLISH / "README.md", SPANISH / "README.md"]

# Where the words for Docker are not those for run.sh: what reaches into a folder or a process.
REACHES_IN = re.compile(r"\./run\.sh kill|\bvar/")
FILE = re.compile(r"`([\w./-]+/[\w./-]+\.(?:md|py|sh|template|yml))`")


def minutes(page: str) -> int:
    """How long a lesson says that it takes."""
    (total,) = re.findall(r"^\*\*(\d+) minut[eo]s\.\*\*", page, re.MULTILINE)
    return int(total)


every_page = pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ENGLISH)))
every_index = pytest.mark.parametrize("index", INDEXES, ids=lambda path: str(path.relative_to(ENGLISH)))


def test_there_are_eight_lessons() -> None:
    assert [lesson.name[:3] for lesson in LESSONS] == [f"0{number}-" for number in range(1, 9)]


@every_page
def test_a_lesson_is_a_page_long(page: Path) -> None:
    assert 60 <= len(page.read_text().splitlines()) <= 120


@every_page
def test_the_parts_of_a_lesson_take_as_long_as_it_says(page: Path) -> None:
    text = page.read_text()

    parts = [int(part) for part in re.findall(r"^## .*\((\d+) minut[eo]s\)$", text, re.MULTILINE)]

    assert sum(parts) == minutes(text)


@every_index
def test_the_index_links_each_lesson_with_its_time(index: Path) -> None:
    rows = re.findall(r"^\| \[[^]]+\]\((.+?)\) \| (\d+) \|", index.read_text(), re.MULTILINE)

    assert rows == [(page.name, str(minutes((index.parent / page.name).read_text()))) for page in LESSONS]


@every_index
def test_the_index_links_the_exercises(index: Path) -> None:
    assert "](exercises.md)" in index.read_text()


@pytest.mark.parametrize("page", [*PAGES, *INDEXES], ids=lambda path: str(path.relative_to(ENGLISH)))
def test_every_link_leads_to_a_file(page: Path) -> None:
    linked = LINK.findall(page.read_text())

    assert len(linked) >= 2
    assert [link for link in linked if not (page.parent / link).exists()] == []


@every_page
def test_every_file_that_a_lesson_names_is_there(page: Path) -> None:
    named = FILE.findall(page.read_text())

    assert len(named) >= 3
    assert [name for name in named if not (ROOT / name).exists()] == []


@every_page
def test_with_docker_the_words_are_the_same(page: Path) -> None:
    same = [(step.command, docker) for step, docker in docker_words(page.read_text())]

    assert len(same) >= 2
    for command, docker in same:
        if REACHES_IN.search(command):
            assert re.search(r"\bdocker-compose (exec|run) ", docker), command
        else:
            assert docker == command.replace("./run.sh", "docker-compose")
