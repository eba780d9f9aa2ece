"""Start a baseline in the suite's place: the same programs and settings, another app behind the same nginx."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from configparser import RawConfigParser
from http.client import BAD_GATEWAY
from pathlib import Path

from benchmarks import processes
from benchmarks.servers import STOCK, Suite
from tests.shop import Shop
from tests.stack import ROOT, free_port
from tests.waiting import eventually

STOP_SECONDS = 20
# What a supervisor's section runs, without the way of its log.
COMMAND = re.compile(r"exec (.*) >>")
RQ = Path(sys.executable).with_name("rq")


class StandIn:
    """Processes that are started from the suite's own configuration.

    Args:
        name: of its folder, below the suite's.
        suite: that is running; its supervisor's and its nginx' configuration is taken over.
        app: what gunicorn serves instead of the suite's apps, such as ``"benchmarks.baselines.bare:app"``.
    """

    def __init__(self, name: str, suite: Suite, app: str) -> None:
        self.suite, self.app = suite, app
        self.var = suite.var / name
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._running: list[subprocess.Popen[bytes]] = []
        self._programs = RawConfigParser()
        self._programs.read(ROOT / suite.var / "supervisord.conf")
        for folder in ("run", "data", "log"):
            (ROOT / self.var / folder).mkdir(parents=True, exist_ok=True)
        self._copy_nginx()

    def _copy_nginx(self) -> None:
        """The suite's nginx, with another folder and port."""
        there, here = ROOT / self.suite.var / "nginx", ROOT / self.var / "nginx"
        shutil.rmtree(here, ignore_errors=True)
        here.mkdir()
        for file in there.glob("*.conf"):
            text = self._moved(file.read_text()).replace(f"listen {self.suite.port};", f"listen {self.port};")
            (here / file.name).write_text(text)

    def _moved(self, text: str) -> str:
        return text.replace(str(self.suite.var), str(self.var))

    def start(self, name: str, command: str = "", **environment: str) -> None:
        """Start a process of the suite, or another one with its environment.

        Args:
            name: of the suite's process, such as ``"users-queries"``.
            command: what to run instead of it.
            environment: further variables.
        """
        program = self._programs[f"program:{name}"]
        own = COMMAND.findall(program["command"])[0].replace("%%", "%")
        if "gunicorn" in own:
            own = f"{own.rpartition(' ')[0]} {self.app}"
        given = dict(pair.split("=", 1) for pair in program["environment"].split(",") if pair)
        given = {variable: self._moved(value.strip('"')) for variable, value in given.items()}
        with (ROOT / self.var / "log" / f"{name}.log").open("ab") as log, processes.on_cores(self.suite.cores):
            started = subprocess.Popen(
                shlex.split(command or self._moved(own)),
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": ".", **given, **environment},
                stdout=log,
                stderr=log,
            )
        self._running.append(started)

    def pids(self) -> list[int]:
        """All its processes."""
        return [pid for one in self._running for pid in processes.family(one.pid)]

    def stop(self) -> None:
        """Stop the processes, all at once; but the first, which may be the Redis of the others, after them."""
        for some in (self._running[1:], self._running[:1]):
            for one in some:
                one.terminate()
            for one in some:
                one.wait(STOP_SECONDS)
        self._running.clear()


def bare(suite: Suite) -> StandIn:
    """Start baseline (a), once with the settings of the queries and once with those of the commands."""
    made = StandIn("bare", suite, "benchmarks.baselines.bare:app")
    for name in ("users-queries", "users-commands", "nginx"):
        made.start(name)
    shop = Shop(made.url)
    paths = ("/api-queries/users", "/api-commands/users")
    eventually(lambda: all(shop.get(path).ok for path in paths), "answer of the bare app")
    return made


def naive(suite: Suite) -> StandIn:
    """Start baseline (b): six apps, two workers and Redis as in the suite, with one user and one product."""
    made = StandIn("naive", suite, "benchmarks.baselines.naive:app")
    redis_url = f"unix://?path={made.var}/run/redis.sock"
    made.start("redis")
    settings = {
        domain: {"DOMAIN": domain, "DATA_DIR": str(made.var / "data"), "REDIS_URL": redis_url}
        for domain in ("users", "products", "orders")
    }
    make_tables(settings)
    for domain, its in settings.items():
        for side in ("commands", "queries"):
            made.start(f"{domain}-{side}", **its)
        if domain != "users":
            # RQ's quick start: no class, no serializer, one queue
            made.start(f"worker-{domain}", f"{RQ} worker --url {redis_url} {domain}", **its)
    made.start("nginx")
    shop = Shop(made.url)
    paths = [f"/api-{side}/{domain}" for side in ("commands", "queries") for domain in settings]
    eventually(lambda: all(shop.get(path).status_code != BAD_GATEWAY for path in paths), "answers of the naive suite")
    shop.create_user()
    shop.create_product(stock=STOCK)
    eventually(lambda: _has_copies(shop), "copies at the naive suite's orders")
    return made


def make_tables(settings: dict[str, dict[str, str]]) -> None:
    """Make the databases of the naive suite, at the same time: each takes a start of Python with all that it imports.

    Args:
        settings: the environment of each domain.
    """
    command = [sys.executable, "-m", "benchmarks.baselines.naive"]
    making = [subprocess.Popen(command, cwd=ROOT, env={**os.environ, **its}) for its in settings.values()]
    assert [one.wait() for one in making] == [0] * len(making), "the naive suite's databases could not be made"


def _has_copies(shop: Shop) -> bool:
    return all(shop.get(f"/api-queries/orders/copies/{kind}").json() for kind in ("users", "products"))
