"""Exercise 1, made from its page: the new field reaches the copy, and a step left out is noticed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console_blocks import type_steps
from tests.exercises.apply import changes
from tests.exercises.copies import made, stack_of, text_of
from tests.shop import Shop
from tests.stack import Stack

PAGE = "exercises-1-a-field"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with stack_of(made(tmp_path_factory.mktemp("field"), PAGE)) as stack:
        yield stack


@pytest.mark.timeout(600)
def test_each_command_of_the_page_prints_what_the_page_says(stack: Stack) -> None:
    type_steps(text_of(PAGE), stack)


def test_the_check_names_the_copy_when_step_6_is_left_out(stack: Stack) -> None:
    [step_6] = [change for change in changes(text_of(PAGE)) if change.paths == ("products/updater.py",)]
    take_back(step_6.text, stack.root)
    stack.up()
    shop = Shop(stack.url)
    product = shop.create_product(weight=560)["id"]
    shop.place_order(shop.create_user()["id"], product)
    shop.when_settled()
    check = [sys.executable, "-c", f"import check; check.PATIENCE_SECONDS = 0; exit(check.main({stack.url!r}))"]
    done = subprocess.run(check, cwd=stack.root, text=True, stdout=subprocess.PIPE)
    assert done.returncode == 1
    assert "FAIL 3. replicas" in done.stdout
    assert "'weight': 0" in done.stdout


def take_back(diff: str, folder: Path) -> None:
    subprocess.run(["git", "apply", "--reverse", "-"], cwd=folder, input=diff, text=True, check=True)
