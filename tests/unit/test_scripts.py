"""The scripts that run for long, while somebody edits them or fetches another version."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.stack import ROOT
from tests.waiting import eventually

SCRIPTS = ("run.sh", "test.sh", "lock.sh")
REQUIREMENTS = ("requirements.txt", "tests/requirements.txt")
# In the place of what the scripts call: it takes as long as the test wants.
CALLED = "#!/bin/sh\n: >called\nuntil [ -e go ]; do sleep 0.05; done\n"
WAIT_SECONDS = 60


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with nothing but the scripts, what they read, and stand-ins for what they call."""
    for name in REQUIREMENTS:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    for name in SCRIPTS:
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    for name in ("python", "uv"):
        program = tmp_path / "venv" / "bin" / name
        program.write_text(CALLED)
        program.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize("words", [["run.sh", "install", "requirements.txt"], ["test.sh", "unit"], ["lock.sh"]])
def test_a_script_that_is_changed_while_it_runs_goes_on_as_it_was(project: Path, words: list[str]) -> None:
    script, environment = project / words[0], {"PATH": f"{project}/venv/bin:/usr/bin:/bin", "VENV": "venv"}
    with subprocess.Popen([script, *words[1:]], env=environment, text=True, stdout=subprocess.PIPE) as running:
        eventually((project / "called").exists, "call")
        with script.open("a") as file:
            file.write("echo changed\n")
        (project / "go").touch()
        printed = running.communicate(timeout=WAIT_SECONDS)[0]

    assert running.returncode == 0
    assert "changed" not in printed
