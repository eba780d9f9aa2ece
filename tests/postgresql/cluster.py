"""A PostgreSQL server for the tests: real, of this machine, thrown away afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg

from tests.waiting import eventually

# PostgreSQL does not run as root; whoever else runs the tests runs it as themselves.
AS_NOBODY = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}


def programs() -> Path | None:
    """The folder of a server's programs, the newest that is installed; None where there is none."""
    found = shutil.which("postgres")
    if found:
        return Path(found).resolve().parent
    debian = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    return max((path.parent for path in debian), key=lambda path: float(path.parent.name), default=None)


class Cluster:
    """A server that listens on a Unix socket in a folder of its own, and on no port.

    Args:
        folder_of_programs: where ``initdb`` and ``postgres`` are.
    """

    def __init__(self, folder_of_programs: Path) -> None:
        self._programs = folder_of_programs
        self.folder = Path(tempfile.mkdtemp(prefix="fotoalpes-pg-"))
        if AS_NOBODY:
            shutil.chown(self.folder, "nobody", "nogroup")
        self.folder.chmod(0o755)  # the services connect as who they are
        # Locales sort in their own ways; UTF8 is what the suite needs.
        options = ["--username=tests", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        self.run("initdb", f"--pgdata={self.folder / 'data'}", *options)
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        # The tests know no power cut: what a process was told is written need not be on the disk.
        settings = ["listen_addresses=", f"unix_socket_directories={self.folder}", "fsync=off"]
        given = [word for setting in settings for word in ("-c", setting)]
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [self._programs / "postgres", "-D", self.folder / "data", *given],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                **AS_NOBODY,  # type: ignore[call-overload]
            )
        eventually(self._answers, "answer of PostgreSQL")

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT ends it in order, SIGQUIT as a crash would."""
        self._server.send_signal(number)
        self._server.wait()

    def url(self, database: str) -> str:
        """The URL of a database, as DATABASE_URL has it; ``{domain}`` may be part of the name."""
        return f"postgresql+psycopg://tests@/{database}?host={self.folder}"

    def create(self, *databases: str) -> None:
        """Make empty databases, in the place of those of the same names; who has one open is put out."""
        with self.connect("postgres") as connection:
            for database in databases:
                connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)'.encode())
                connection.execute(f'CREATE DATABASE "{database}"'.encode())

    def connect(self, database: str) -> psycopg.Connection:
        """A connection for who looks into a database; each statement is a transaction of its own."""
        return psycopg.connect(dbname=database, host=str(self.folder), user="tests", autocommit=True)

    def run(self, program: str, *words: str) -> None:
        """Run one of the server's programs, such as ``pg_dump``; it must succeed."""
        done = subprocess.run(
            [self._programs / program, *words],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PGHOST": str(self.folder), "PGUSER": "tests"},
            **AS_NOBODY,  # type: ignore[call-overload]
        )
        assert done.returncode == 0, f"{program} exited with {done.returncode}:\n{done.stdout}"

    def close(self) -> None:
        """Stop it and delete everything."""
        self.stop()
        shutil.rmtree(self.folder)

    def _answers(self) -> bool:
        try:
            self.connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True
