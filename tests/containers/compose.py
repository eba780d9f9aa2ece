"""A stack of real containers for the tests: the project's compose files, run by one of the two Composes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
import zlib
from typing import Any

from tests.stack import ROOT, free_port
from tests.waiting import eventually

# Building with empty caches fetches the dependencies; everything else takes seconds.
COMMAND_SECONDS = 280

V1, V2 = ("docker-compose",), ("docker", "compose")

# The containers, volumes and images of each checkout have names of their own, so that two may be tested at once.
PROJECT = f"foto-alpes-test-{zlib.crc32(str(ROOT).encode()):08x}"

# What the engine labels as belonging to that project.
OURS = f"label=com.docker.compose.project={PROJECT}"


class Compose:
    """The suite in containers, started and stopped as a user would.

    Args:
        words: which Compose, ``V1`` or ``V2``.
        files: the compose files; docker-compose.yml alone when there is none.
        images: what the names of its images begin with; another one where they are built from another folder.
    """

    def __init__(self, words: tuple[str, ...], *files: str, images: str = PROJECT) -> None:
        self._words = [*words, *(word for file in files for word in ("-f", file))]
        self._images = images
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def run(self, *words: str, fails: bool = False, **settings: str) -> str:
        """Call Compose and return what it printed.

        Args:
            words: such as ``"up", "-d"``.
            fails: whether it must fail; otherwise it must succeed.
            settings: environment variables, such as ``GATEWAY_PORT``.
        """
        names = {"COMPOSE_PROJECT_NAME": PROJECT, "IMAGE_PREFIX": self._images}
        environment = {**names, "GATEWAY_PORT": str(self.port), **settings}
        return call(*self._words, *words, fails=fails, **environment)

    def up(self, *words: str) -> None:
        """Start what is not running, in the background."""
        self.run("up", "-d", *words)

    def ready(self) -> None:
        """Wait until the gateway answers for every service."""
        call(sys.executable, "local/ready.py", self.url)

    def down(self) -> None:
        """Remove everything, the data as well.

        When containers leave a network at the same moment, Docker Engine may count one that is not there and then
        keeps the network until the engine is started again. That, and nothing else, is let pass, with a warning.
        """
        try:
            self.run("--profile", "dashboard", "down", "-v", "--remove-orphans")
        except AssertionError as error:
            kept = networks_left()
            if "has active endpoints" not in str(error) or any(kept.values()):
                raise
            warnings.warn(f"the engine keeps {', '.join(kept)}, to which nothing is connected", stacklevel=2)
            if volumes := call("docker", "volume", "ls", "-q", "--filter", OURS).split():
                call("docker", "volume", "rm", *volumes)

    def containers(self, service: str = "") -> list[Container]:
        """The containers of a service, or all of them, whether they run or not."""
        words = ["docker", "ps", "-aq", "--filter", OURS]
        if service:
            words += ["--filter", f"label=com.docker.compose.service={service}"]
        return [Container(id) for id in call(*words).split()]

    def container(self, service: str) -> Container:
        """The one container of a service."""
        (only,) = self.containers(service)
        return only


class Container:
    """One running container.

    Args:
        id: its name for the engine.
    """

    def __init__(self, id: str) -> None:
        self.id = id

    def inspect(self) -> dict[str, Any]:
        """What the engine knows of it."""
        found: dict[str, Any] = json.loads(call("docker", "inspect", self.id))[0]
        return found

    def networks(self) -> dict[str, str]:
        """Its networks, and its address in each."""
        found = self.inspect()["NetworkSettings"]["Networks"]
        return {name.removeprefix(f"{PROJECT}_"): network["IPAddress"] for name, network in found.items()}

    def bash(self, script: str, fails: bool = False) -> str:
        """Run a script inside, as the container's own user."""
        return call("docker", "exec", self.id, "bash", "-c", script, fails=fails)

    def is_well(self) -> bool:
        """Whether it runs and, where it has a health check, passes it."""
        state = self.inspect()["State"]
        health = state.get("Health", {"Status": "healthy"})["Status"]
        return bool(state["Status"] == "running" and health == "healthy")

    def kill(self) -> None:
        """End its first process with SIGKILL from outside, as the kernel does when memory runs out.

        ``docker kill`` would count as stopping it by hand, and nothing starts such a container again.
        """
        pid = self.inspect()["State"]["Pid"]
        outside = ("docker", "run", "--rm", "--pid=host", "--network=none", "--user=0", "--entrypoint=bash")
        call(*outside, "redis:7.4-bookworm", "-c", f"kill -KILL {pid}")

    def restarts(self) -> int:
        """How often the engine has started it again by itself."""
        return int(self.inspect()["RestartCount"])

    def comes_back(self, restarts: int) -> None:
        """Wait until it runs after so many restarts."""
        back = f"restart {restarts} of {self.inspect()['Name']}"
        eventually(lambda: self.restarts() >= restarts and self.inspect()["State"]["Status"] == "running", back)


def call(*words: str, fails: bool = False, **settings: str) -> str:
    """Run a command in the project's folder and return its whole output.

    Args:
        words: the command.
        fails: whether it must fail; otherwise it must succeed.
        settings: environment variables for it.
    """
    done = subprocess.run(
        words,
        cwd=ROOT,
        env={**os.environ, **settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=COMMAND_SECONDS,
    )
    assert (done.returncode != 0) == fails, f"{' '.join(words)} exited with {done.returncode}:\n{done.stdout[-5000:]}"
    return done.stdout


def networks_left() -> dict[str, bool]:
    """The project's networks that are there, and whether a container is connected to each, running or stopped."""
    names = call("docker", "network", "ls", "--format", "{{.Name}}", "--filter", OURS).split()
    stopped = bool(call("docker", "ps", "-aq", "--filter", OURS))
    inspect = ("docker", "network", "inspect", "--format", "{{len .Containers}}")
    return {name: stopped or call(*inspect, name).strip() != "0" for name in names}


def why_not(words: tuple[str, ...]) -> str:
    """Why a Compose cannot be run here; empty where it can."""
    for asked in (("docker", "info"), (*words, "version")):
        try:
            call(*asked)
        except (AssertionError, FileNotFoundError) as error:
            return f"`{' '.join(asked)}` fails: {str(error).strip().splitlines()[-1]}"
    return ""
