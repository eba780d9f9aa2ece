"""A disk that is full: commands are told so and have no effect, and all goes on when there is room again."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.conftest import Town, UnderLoad
from tests.chaos.faults import fill
from tests.stack import ROOT
from tests.waiting import eventually

DISK_MEGABYTES = 12
REFUSED = 20


@pytest.fixture
def disk() -> Iterator[Path]:
    """A small disk for the data of the town below; only root can mount one."""
    folder = ROOT / "var" / f"chaos-disk-{os.getpid()}" / "data"
    if os.environ.get("GATEWAY_URL"):
        pytest.skip("it fills disks, which is not done to the suite that GATEWAY_URL names")
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    folder.mkdir(parents=True, exist_ok=True)
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "tmpfs", str(folder)]
    mounted = subprocess.run(mounting, text=True, stderr=subprocess.PIPE)
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def small_town(disk: Path) -> Iterator[Town]:
    """A stack whose data are on the small disk."""
    town = Town("chaos-disk")
    try:
        town.stack.run("up", "-d")
        yield town
    finally:
        town.stack.down()


def test_a_full_disk_is_told_and_recovers(small_town: Town, disk: Path, under_load: UnderLoad) -> None:
    with under_load(small_town) as load:
        for _ in range(2):
            goal = load.answers["507"] + REFUSED
            ballast = fill(disk)
            eventually(lambda goal=goal: load.answers["507"] >= goal, f"{REFUSED} commands that are refused")
            load.struck_by("disk full")
            ballast.unlink()
            load.goes_on()
