"""A small disk for the data of a stack, which can be filled."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Large enough for the data of some tests, small enough to be filled soon.
MEGABYTES = 32


@contextmanager
def small_disk(folder: Path) -> Iterator[str]:
    """Mount a small disk inside the block; gives why there is none, empty where there is one."""
    folder.mkdir(parents=True)
    hindrance = "" if os.geteuid() == 0 else "only root can mount a small disk"
    if not hindrance:
        mounting = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(folder)]
        mounted = subprocess.run(mounting, text=True, stderr=subprocess.PIPE)
        hindrance = f"no small disk can be mounted here: {mounted.stderr}" if mounted.returncode else ""
    try:
        yield hindrance
    finally:
        if not hindrance:
            subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Use up all room of a disk; returns the file that is to be deleted to make room again."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65536, 4096):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return ballast
