"""A stack of real processes for the tests: ``run.sh`` on a free port, with a data folder of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent
# Starting takes some seconds; on a busy machine with cold disks, far longer.
START_SECONDS = 180


class Stack:
    """The suite, started and stopped as a user would.

    Args:
        name: of its folder below ``var/``; the process id makes it this test run's own.
        root: the project's folder, or a copy of it, which shares the project's virtual environment.
        settings: environment variables that the README lists, such as ``REPLICATION_DELAY``.
    """

    def __init__(self, name: str, root: Path = ROOT, **settings: str) -> None:
        self.root = root
        self.venv = os.environ.get("VENV", ".venv")
        if root != ROOT:
            self.venv = str(ROOT / self.venv)
            settings["VENV"] = self.venv
        self.var = Path("var") / f"{name}-{os.getpid()}"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {**os.environ, "VAR": str(self.var), "GATEWAY_PORT": str(self.port), **settings}

    def run(self, *words: str) -> str:
        """Call ``run.sh`` and return what it printed; it must succeed."""
        done = subprocess.run(
            ["./run.sh", *words],
            cwd=self.root,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=START_SECONDS,
        )
        assert done.returncode == 0, f"./run.sh {' '.join(words)} exited with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def up(self) -> None:
        """Start with an empty database."""
        self.run("down", "-v")
        self.run("up", "-d")

    def down(self) -> None:
        """Stop; data and logs stay for who looks into a failure."""
        self.run("down")

    def pid(self, service: str) -> int:
        """The process of a service that supervisor started; its children are its workers."""
        control = [f"{self.venv}/bin/supervisorctl", "-c", str(self.var / "supervisord.conf")]
        answer = subprocess.run([*control, "pid", service], cwd=self.root, text=True, stdout=subprocess.PIPE)
        return int(answer.stdout)

    def signal(self, service: str, number: signal.Signals) -> None:
        """Send a signal to all processes of a service: SIGKILL, SIGSTOP, SIGCONT."""
        pid = self.pid(service)
        assert pid > 0, f"{service} is not running"  # 0 would be our own group
        os.killpg(pid, number)

    def log(self, service: str) -> str:
        """What a service has logged."""
        return (self.root / self.var / "log" / f"{service}.log").read_text()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
