"""The pages of the exercises: they fit the code, fit each other, and leave nothing out."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.exercises.apply import changes
from tests.exercises.copies import LESSONS, made, text_of
from tests.stack import ROOT

DOMAINS = ("users", "products", "orders", "reviews")
PAGES = sorted(path.stem for path in LESSONS.glob("exercises-*.md"))


def tool(folder: Path, *words: str) -> None:
    """Run a module's command in a copy; it must succeed."""
    done = subprocess.run([sys.executable, "-m", *words], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def after_all(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("all"), *PAGES)


def test_the_exercises_can_be_made_one_after_the_other(after_all: Path) -> None:
    assert (after_all / "reviews" / "base.py").exists()
    assert "weight" in (after_all / "products" / "base.py").read_text()


def test_the_code_of_the_pages_is_as_tidy_as_the_projects(after_all: Path) -> None:
    changed = sorted({path for page in PAGES for change in changes(text_of(page)) for path in change.paths})
    python = [path for path in changed if path.endswith(".py")]

    tool(after_all, "ruff", "format", "--check", *python)
    tool(after_all, "ruff", "check", *python)
    tool(after_all, "mypy", *(word for domain in DOMAINS for word in ("-p", domain)))


@pytest.mark.parametrize("page", PAGES)
def test_every_block_of_code_is_a_change_that_is_made(page: str) -> None:
    kinds = re.findall(r"^```(\w+)$", text_of(page), re.MULTILINE)

    assert len(kinds) - kinds.count("console") == len(changes(text_of(page)))


def test_the_command_for_all_changes_makes_them(tmp_path: Path) -> None:
    [command] = re.findall(r"^python3 (-m tests\.exercises\.apply) (\S+)$", text_of("exercises"), re.MULTILINE)
    folder = made(tmp_path)

    tool(folder, *command[0].split()[1:], command[1])
    assert (folder / "tests" / "e2e" / "test_weight.py").exists()
    assert "weight" not in (ROOT / "products" / "base.py").read_text()


def test_a_change_that_does_not_fit_is_told_with_its_file(tmp_path: Path) -> None:
    folder = made(tmp_path)
    (folder / "products" / "updater.py").write_text("# somebody else's\n")

    with pytest.raises(SystemExit, match=r"products/updater\.py: this change does not fit"):
        for change in changes(text_of("exercises-1-a-field")):
            change.apply(folder)
