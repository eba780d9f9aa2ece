"""A disk that is full: commands are told so and have no effect, and all goes on when there is room again."""

from __future__ import annotations

import pytest

from tests.chaos.conftest import Town, UnderLoad
from tests.chaos.disk import fill
from tests.waiting import eventually

REFUSED = 20


def test_a_full_disk_is_told_and_recovers(second_town: Town, under_load: UnderLoad) -> None:
    if second_town.no_disk:
        pytest.skip(second_town.no_disk)
    with under_load(second_town) as load:
        for _ in range(2):
            goal = load.answers["507"] + REFUSED
            ballast = fill(second_town.data)
            eventually(lambda goal=goal: load.answers["507"] >= goal, f"{REFUSED} commands that are refused")
            load.struck_by("disk full")
            ballast.unlink()
            load.goes_on()
