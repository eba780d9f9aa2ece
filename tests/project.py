"""A copy of the project, for tests that change it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.stack import ROOT


def copy_of_project(folder: Path) -> Path:
    """Every file that git knows or would take, in another folder, which is returned."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).exists():  # git still lists what was deleted and is not committed
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder
