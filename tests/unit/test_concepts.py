"""The map of concepts: every file and name in it exists, and every concept has all its parts."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.stack import ROOT

PAGE = (ROOT / "docs" / "concepts.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))
# A line of a concept: its file, then the names in that file to look at.
PLACES = [
    (path, name)
    for path, names in re.findall(r"^- `([^`]+)`: (.+)$", PAGE, re.MULTILINE)
    for name in re.findall(r"`([^`]+)`", names)
]


@cache
def names_in(path: str) -> set[str]:
    """What a Python file defines: functions, classes, their members, and what is assigned."""
    return names_of(ast.parse((ROOT / path).read_text(encoding="utf-8")).body)


def names_of(body: list[ast.stmt]) -> set[str]:
    """What these statements define."""
    found = set[str]()
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{name}" for name in names_of(node.body)}
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


@pytest.mark.parametrize(("path", "name"), PLACES, ids=[f"{path}:{name}" for path, name in PLACES])
def test_a_name_is_in_its_file(path: str, name: str) -> None:
    if path.endswith(".py"):
        assert name in names_in(path)
    else:
        assert name in (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("concept", SECTIONS)
def test_a_concept_says_what_why_how_its_limit_its_place_and_its_source(concept: str) -> None:
    text = SECTIONS[concept]

    missing = [
        part for part in ("**What:**", "**Why:**", "**Here:**", "**Limit:**", "\n- `", "Source: ") if part not in text
    ]
    assert not missing


def test_the_list_at_the_top_leads_to_every_concept() -> None:
    linked = re.findall(r"\]\(#([\w-]+)\)", PAGE.partition("\n## ")[0])

    assert linked == [re.sub(r"[^\w -]", "", concept).lower().replace(" ", "-") for concept in SECTIONS]
