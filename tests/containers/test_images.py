"""The images: one layer of dependencies, made once."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.containers.compose import PROJECT, Compose, call
from tests.project import copy_of_project

DOMAINS = ("users", "products", "orders")
LONGEST_REBUILD_SECONDS = 10.0
# The last layers of an image: the domain's folder, and the bytecode of it and the chassis.
OWN_LAYERS = 2


def layers(image: str) -> list[str]:
    found: list[str] = json.loads(call("docker", "image", "inspect", image))[0]["RootFS"]["Layers"]
    return found


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return copy_of_project(tmp_path)


@pytest.fixture
def built() -> Iterator[list[str]]:
    """Images that a test builds; they are removed after it."""
    images: list[str] = []
    yield images
    for image in images:
        subprocess.run(["docker", "image", "rm", image], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def build(folder: Path, domain: str) -> str:
    return call("docker", "build", "--quiet", "--build-arg", f"DOMAIN={domain}", str(folder)).split()[-1]


def test_all_domains_share_their_dependencies(suite: Compose, figures: list[str]) -> None:
    images = {domain: layers(f"{PROJECT}-{domain}") for domain in DOMAINS}
    for domain in DOMAINS:
        size = json.loads(call("docker", "image", "inspect", f"{PROJECT}-{domain}"))[0]["Size"]
        figures.append(f"image foto-alpes-{domain}: {size / 1e6:.0f} MB")

    shared = {tuple(found[:-OWN_LAYERS]) for found in images.values()}
    assert len(shared) == 1
    own = call(
        "docker", "history", "--no-trunc", "--human=false", "--format", "{{.Size}} {{.CreatedBy}}", f"{PROJECT}-orders"
    )
    pip = [line for line in own.splitlines() if "pip install" in line]
    assert len(pip) == 1
    figures.append(f"shared layer of the dependencies: {int(pip[0].split()[0]) / 1e6:.0f} MB")


def test_a_change_of_the_code_is_built_soon_and_on_the_same_dependencies(
    copied: Path, built: list[str], figures: list[str]
) -> None:
    before = [build(copied, domain) for domain in DOMAINS]
    built += before
    with (copied / "chassis" / "app.py").open("a") as file:
        file.write(f"\n# changed at {time.time()}\n")

    began = time.monotonic()
    after = [build(copied, domain) for domain in DOMAINS]
    seconds = time.monotonic() - began
    built += after
    figures.append(f"{seconds:.1f} s to build all three images after a change of the chassis")

    assert seconds < LONGEST_REBUILD_SECONDS
    assert set(before).isdisjoint(after)
    # The chassis' own layer changes too; what lies below stays.
    assert layers(before[0])[: -OWN_LAYERS - 1] == layers(after[0])[: -OWN_LAYERS - 1]
