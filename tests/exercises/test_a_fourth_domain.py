"""Exercises 2 and 3, made from their pages: a fourth domain runs, and its own test passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.console_blocks import type_steps
from tests.exercises.copies import made, stack_of, text_of

DOMAIN, RUNNING = "exercises-2-a-fourth-domain", "exercises-3-it-runs"


@pytest.mark.timeout(900)
def test_each_command_of_the_pages_prints_what_the_pages_say(tmp_path: Path) -> None:
    with stack_of(made(tmp_path, DOMAIN, RUNNING)) as stack:
        type_steps(text_of(DOMAIN) + text_of(RUNNING), stack)
