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
        """Let apt know these packages; installing one brings its command."""
        cases = "".join(f"{package}) echo '{OFFERED}' ;; " for package in packages)
        self.program("apt-cache", f'case $2 in {cases} *) echo "{UNKNOWN}" ;; esac')
        brings = f"docker.io) {self.brings('docker', f'[ -e {self.folder}/$1 ]')} ;;"
        brings += (
            f" docker-compose-v2) : >{self.folder}/compose ;; docker-compose) {self.brings('docker-compose', ':')} ;;"
        )
        self.program("apt-get", f"for word; do case $word in {brings} esac; done")

    def brings(self, name: str, script: str) -> str:
        """What makes a command appear."""
        path = self.folder / name
        return f"printf '#!/bin/sh\\n{script}\\n' >{path}; /bin/chmod +x {path}"

    def install(self, system: str = "ID=ubuntu\nID_LIKE=debian") -> subprocess.CompletedProcess[str]:
        """Run the script with nothing but this machine's programs."""
        (self.folder / "os-release").write_text(system + "\n")
        environment = {"PATH": str(self.folder), "OS_RELEASE": str(self.folder / "os-release")}
        return subprocess.run(["/bin/sh", str(ROOT / "install.sh")], env=environment, text=True, capture_output=True)

    def installed(self) -> set[str]:
        """The packages that were asked for."""
        calls = [line.split() for line in self.calls.read_text().splitlines()]
        words = [word for call in calls if call[:2] == ["apt-get", "install"] for word in call[2:]]
        return {word for word in words if word.startswith("docker")}


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


UBUNTU = {"docker.io", "docker-buildx", "docker-compose-v2"}
DEBIAN_12 = {"docker.io", "docker-compose"}
DEBIAN_13 = {"docker.io", "docker-cli", "docker-buildx", "docker-compose"}


@pytest.mark.parametrize(
    ("offered", "command"),
    [(UBUNTU, "docker compose up"), (DEBIAN_12, "docker-compose up"), (DEBIAN_13, "docker-compose up")],
    ids=["Ubuntu", "Debian 12", "Debian 13"],
)
def test_a_bare_machine_gets_the_engine_and_compose(machine: Machine, offered: set[str], command: str) -> None:
    machine.offers(*offered)

    done = machine.install()

    assert done.returncode == 0, done.stderr
    assert machine.installed() == offered
    assert "usermod -aG docker ana" in machine.calls.read_text()
    assert command in done.stdout
    assert "GATEWAY_PORT" in done.stdout


def test_a_second_run_installs_nothing(machine: Machine) -> None:
    machine.offers("docker-compose-v2")
    machine.install()
    calls = machine.calls.read_text()

    done = machine.install()

    assert done.returncode == 0, done.stderr
    assert "apt-get" not in machine.calls.read_text().removeprefix(calls)


def test_a_system_without_compose_is_told_so(machine: Machine) -> None:
    machine.offers()

    done = machine.install()

    assert done.returncode == 1
    assert "offers no Compose" in done.stderr


def test_another_system_is_told_what_to_do(machine: Machine) -> None:
    done = machine.install("ID=fedora")

    assert done.returncode == 1
    assert "https://docs.docker.com" in done.stderr
    assert machine.installed() == set()


def test_the_script_is_posix_sh() -> None:
    assert (ROOT / "install.sh").read_text().startswith("#!/bin/sh\n")
    assert os.access(ROOT / "install.sh", os.X_OK)
