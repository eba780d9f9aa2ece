"""Any machine with Docker: either architecture, and checkouts on Windows. None of this needs an engine."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.containers.compose import call
from tests.stack import ROOT

# Debian 12 has glibc 2.36, so a wheel for an older one fits.
GLIBC = (17, 24, 26, 27, 28, 31, 34, 35, 36)


@pytest.mark.parametrize("requirements", ["requirements.txt", "dashboard/requirements.txt"])
@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_every_dependency_has_a_wheel_for(machine: str, requirements: str, tmp_path: Path) -> None:
    platforms = [f"--platform=manylinux_2_{version}_{machine}" for version in GLIBC]
    image = (*platforms, f"--platform=manylinux2014_{machine}", "--python-version=3.13", "--implementation=cp")
    pip = (sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--ignore-installed", f"--target={tmp_path}")

    call(*pip, *image, "--only-binary=:all:", "--require-hashes", "-r", requirements)


@pytest.mark.parametrize("name", ["Dockerfile", "docker-compose.yml", "docker-compose.dev.yml", "install.sh"])
def test_no_architecture_is_named_in(name: str) -> None:
    text = (ROOT / name).read_text().lower()

    assert not [word for word in ("amd64", "arm64", "x86_64", "aarch64", "platform:") if word in text]


def test_a_checkout_on_windows_keeps_lf() -> None:
    kinds = ("*.sh", "*.template", "*.yml", "*.py", "*.txt", "Dockerfile", ".dockerignore")
    names = call("git", "ls-files", "--cached", "--others", "--exclude-standard", *kinds).split()
    attributes = call("git", "check-attr", "eol", "--", *names).splitlines()

    assert attributes
    assert not [line for line in attributes if not line.endswith(": eol: lf")]
    assert not [name for name in names if b"\r\n" in (ROOT / name).read_bytes()]
