"""Each page in English has a Spanish one, with the same commands, answers and sections."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.lessons.pages import ENGLISH, LINK, SPANISH, twin
from tests.stack import ROOT

PAGES = [ROOT / "README.md", *sorted(ENGLISH.glob("*.md"))]

BLOCK = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
DRAWING = re.compile("[─│┌└├▼►]")

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name if path.parent == ROOT else path.stem)


def code(page: Path) -> list[str]:
    """The code blocks; of a drawing, whose words are translated, only that it is there."""
    return ["a drawing" if DRAWING.search(block) else block for block in BLOCK.findall(page.read_text())]


def levels(page: Path) -> list[str]:
    """The levels of the headings, in their order."""
    return re.findall(r"^#+(?= )", BLOCK.sub("", page.read_text()), re.MULTILINE)


def names(page: Path) -> set[str]:
    """What is not translated within a sentence or table: commands, files, settings, routes."""
    return set(re.findall(r"`([^`]+)`", BLOCK.sub("", page.read_text())))


def linked(page: Path) -> set[Path]:
    """The files that a page links, those of a translated page under its English name."""
    english = {twin(other): other for other in PAGES}
    found = {(page.parent / link).resolve() for link in LINK.findall(page.read_text())}
    return {english.get(path, path) for path in found}


def test_no_page_lacks_its_other_language() -> None:
    assert {page.name for page in SPANISH.glob("*.md")} == {page.name for page in ENGLISH.glob("*.md")}
    assert (ROOT / "README.es.md").exists()


@every_page
def test_both_languages_have_the_same_code(page: Path) -> None:
    assert code(twin(page)) == code(page)


@every_page
def test_both_languages_have_the_same_sections(page: Path) -> None:
    assert levels(twin(page)) == levels(page) != []


@every_page
def test_both_languages_have_the_same_commands_and_names_in_their_sentences(page: Path) -> None:
    assert names(twin(page)) == names(page)


@every_page
def test_both_languages_link_the_same_files(page: Path) -> None:
    assert linked(twin(page)) == linked(page)


@every_page
def test_each_language_links_the_other_at_its_top(page: Path) -> None:
    for here, there in ((page, twin(page)), (twin(page), page)):
        top = here.read_text().splitlines()[:5]
        assert there in [(here.parent / link).resolve() for link in LINK.findall("\n".join(top))]
