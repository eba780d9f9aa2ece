"""install.sh with stand-ins for the package manager: what it would install, and what it says. No engine is needed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.stack import ROOT

# What a stand-in prints for `apt-cache policy`.
OFFERED, UNKNOWN = "  Candidate: 1.0", "  Candidate: (none)"

# Programs of the real system that the script may use.
REAL = ("sh", "cat", "grep", "tr", "env")


class Machine:
    """A system with nothing but a few programs, which write down how they are called."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.calls = folder, folder / "calls"
        self.calls.touch()
        for name in REAL:
            found = next(path for path in (Path("/usr/bin") / name, Path("/bin") / name) if path.exists())
            (folder / name).symlink_to(found)
        self.program("id", 'case $* in -u) echo 1000 ;; -un) echo ana ;; *) echo "ana users" ;; esac')
        self.program("sudo", '"$@"')
        self.program("usermod")
        self.program("service")

    def program(self, name: str, script: str = ":") -> None:
        """Add a program that notes its call and then runs a script."""
        path = self.folder / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >>{self.calls}\n{script}\n')
        path.chmod(0o755)

    def offers(self, *packages: str) -> None:
        """Let apt know these packages; installing one brings its program."""
        cases = "".join(f"{package}) echo '{OFFERED}' ;; " for package in packages)
        self.program("apt-cache", f'case $2 in {cases} *) echo "{UNKNOWN}" ;; esac')
        docker = (
            f"printf '#!/bin/sh\\n[ -e {self.folder}/$1 ]\\n' >{self.folder}/docker; /bin/chmod +x {self.folder}/docker"
        )
        plugin = f": >{self.folder}/compose; : >{self.folder}/info"
        brings = f"docker.io) {docker} ;; docker-compose-*) {plugin} ;; docker-compose) {self.v1()} ;;"
        self.program("apt-get", f"for word; do case $word in {brings} esac; done")

    def v1(self) -> str:
        """A command that brings `docker-compose`."""
        name = self.folder / "docker-compose"
        return f"printf '#!/bin/sh\\n' >{name}; /bin/chmod +x {name}"

    def install(self, system: str = "ID=ubuntu\nID_LIKE=debian") -> subprocess.CompletedProcess[str]:
        """Run the script with nothing but this machine's programs."""
        (self.folder / "os-release").write_text(system + "\n")
        environment = {"PATH": str(self.folder), "OS_RELEASE": str(self.folder / "os-release")}
        return subprocess.run(["/bin/sh", str(ROOT / "install.sh")], env=environment, text=True, capture_output=True)

    def installed(self) -> list[str]:
        """The packages, in order."""
        calls = [line.split() for line in self.calls.read_text().splitlines()]
        return [call[-1] for call in calls if call[:2] == ["apt-get", "install"]]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize(
    ("offered", "compose", "command"),
    [
        (["docker-compose-v2", "docker-compose"], "docker-compose-v2", "docker compose up"),
        (["docker-compose"], "docker-compose", "docker-compose up"),
    ],
    ids=["ubuntu", "debian"],
)
def test_a_bare_machine_gets_the_engine_and_compose(
    machine: Machine, offered: list[str], compose: str, command: str
) -> None:
    machine.offers(*offered)

    done = machine.install()

    assert done.returncode == 0, done.stderr
    assert machine.installed() == ["docker.io", compose]
    assert "usermod -aG docker ana" in machine.calls.read_text()
    assert command in done.stdout
    assert "GATEWAY_PORT" in done.stdout


def test_a_second_run_installs_nothing(machine: Machine) -> None:
    machine.offers("docker-compose-v2")
    machine.install()
    before = machine.installed()

    done = machine.install()

    assert done.returncode == 0, done.stderr
    assert machine.installed() == before
    assert "there already" in done.stdout


def test_a_system_without_compose_is_told_so(machine: Machine) -> None:
    machine.offers()

    done = machine.install()

    assert done.returncode == 1
    assert "no package of Docker Compose" in done.stderr


def test_another_system_is_told_what_to_do(machine: Machine) -> None:
    done = machine.install("ID=fedora")

    assert done.returncode == 1
    assert "https://docs.docker.com" in done.stderr
    assert machine.installed() == []


def test_the_script_is_posix_sh() -> None:
    assert (ROOT / "install.sh").read_text().startswith("#!/bin/sh\n")
    assert os.access(ROOT / "install.sh", os.X_OK)
