"""The database: concurrent writers take turns, nothing is half written, and what is wrong is told."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, select

from chassis import backup, postgresql, tables
from chassis.database import execute, transaction
from chassis.database_errors import Unavailable
from chassis.sqlite_reader import connect_read_only
from tests.unit.services import RECEIVER, SENDER, Service

WRITERS, TURNS = 3, 100

OPEN_FILES = Path("/proc/self/fd")

process = multiprocessing.get_context("spawn")


def count_up(folder: Path) -> None:
    """Read a number and write it back one higher, many times."""
    service = Service(SENDER, folder, RECEIVER)
    for _ in range(TURNS):
        with service.app.app_context(), transaction():
            found = execute("SELECT note FROM notes WHERE id = 1").fetchone().note
            execute("UPDATE notes SET note = :note WHERE id = 1", note=found + 1)
            service.outboxes[RECEIVER].enqueue("tests.unit.services.keep", found + 1)


def open_and_read(folder: Path, start: object) -> None:
    """Be among the first to open a database."""
    service = Service(SENDER, folder, RECEIVER)
    start.wait()  # type: ignore[attr-defined]
    service.epoch()


@contextmanager
def full_disk(service: Service) -> Iterator[None]:
    """Let SQLite find no room for another page in a service's database."""

    def fill(connection: sqlite3.Connection, *_: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    service.rows(select(tables.epoch))
    service.close()
    event.listen(service.engine, "connect", fill)
    yield
    event.remove(service.engine, "connect", fill)
    service.close()


def with_route(service: Service) -> Flask:
    """A service with a command that writes much, and one whose statement is wrong."""

    @service.app.post("/large")
    def large() -> str:
        with transaction():
            execute("INSERT INTO notes (note) VALUES (:text)", text="x" * 1_000_000)
        return "written"

    @service.app.post("/wrong")
    def wrong() -> str:
        with transaction():
            execute("INSERT INTO nowhere VALUES (1)")
        return "written"

    return service.app


def test_concurrent_processes_lose_no_update_and_no_message(tmp_path: Path, near: Service) -> None:
    with near.app.app_context(), transaction():
        execute("INSERT INTO notes (note) VALUES (0)")
    writers = [process.Process(target=count_up, args=(tmp_path,)) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    assert near.notes() == [WRITERS * TURNS]
    assert [m.payload for m in near.sent()] == [f"[[{n}],{{}}]" for n in range(1, WRITERS * TURNS + 1)]


def test_processes_that_open_a_new_database_at_once_make_it_once(tmp_path: Path) -> None:
    start = process.Barrier(4)
    openers = [process.Process(target=open_and_read, args=(tmp_path, start)) for _ in range(4)]
    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join()

    assert [opener.exitcode for opener in openers] == [0] * 4


def test_a_transaction_takes_the_write_lock_at_its_beginning(near: Service) -> None:
    with near.app.app_context(), transaction():
        execute("SELECT 1")
        with pytest.raises(sqlite3.OperationalError, match="locked"), sqlite3.connect(near.path, timeout=0) as other:
            other.execute("BEGIN IMMEDIATE")


def test_a_commit_is_on_the_disk_before_it_is_answered(tmp_path: Path) -> None:
    default = Service(SENDER, tmp_path, DATABASE_SYNCHRONOUS="")
    with default.app.app_context(), transaction():
        assert execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
        assert execute("PRAGMA journal_mode").fetchone() == ("wal",)
    default.close()


@pytest.mark.skipif(not OPEN_FILES.exists(), reason=f"which files are open is told by {OPEN_FILES}, on Linux")
def test_what_could_be_undone_is_kept_in_no_file(near: Service) -> None:
    near.tell(*range(20_000))
    with near.app.app_context(), transaction():
        execute("UPDATE notes SET note = note + 1")
        files = {os.path.basename(os.readlink(file)) for file in OPEN_FILES.iterdir() if file.is_symlink()}

    assert "near.db-wal" in files, "this sees what SQLite has open"
    assert not [file for file in files if file.startswith("etilqs")]  # SQLite's name for files of the moment


def test_a_transaction_within_another_is_refused(near: Service) -> None:
    with near.app.app_context(), transaction(), pytest.raises(RuntimeError, match="open already"), transaction():
        pass


def test_who_waits_too_long_for_its_turn_is_told_so_and_nothing_is_written(near: Service, tmp_path: Path) -> None:
    near.tell(1)
    impatient = Service(SENDER, tmp_path, RECEIVER, DATABASE_BUSY_SECONDS="0.05")
    with near.engine.begin(), pytest.raises(Unavailable) as told:
        impatient.tell(2)
    impatient.close()

    assert told.value.status == 503
    assert near.notes() == [1]


def test_a_full_disk_is_answered_507_and_nothing_is_written(near: Service) -> None:
    near.tell(1)
    with full_disk(near):
        answer = with_route(near).test_client().post("/large")

    assert (answer.status_code, answer.mimetype) == (507, "application/problem+json")
    assert answer.headers["Retry-After"]
    assert near.notes() == [1]


def test_when_there_is_room_again_the_next_command_is_accepted(near: Service) -> None:
    client = with_route(near).test_client()
    with full_disk(near):
        client.post("/large")

    assert client.post("/large").status_code == 200


def test_a_wrong_statement_is_a_fault_and_not_a_busy_database(near: Service) -> None:
    assert with_route(near).test_client().post("/wrong").status_code == 500


def test_errors_of_a_statement_reach_who_wrote_it(near: Service) -> None:
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        write(near, "INSERT INTO nowhere VALUES (1)")
    with pytest.raises(sqlite3.IntegrityError):
        write(near, "INSERT INTO notes (id) VALUES (1), (1)")


def write(service: Service, sql: str) -> None:
    """Run one statement in a transaction."""
    with service.app.app_context(), transaction():
        execute(sql)


def test_a_database_that_was_replaced_is_noticed_and_written_to(near: Service) -> None:
    near.tell(1)
    copied = near.path.with_suffix(".copy")
    backup.copy(near.path, copied)
    near.tell(2)
    near.lose_database()
    shutil.copyfile(copied, near.path)
    near.tell(3)

    assert near.notes() == [1, 3]
    with sqlite3.connect(near.path) as fresh:
        assert fresh.execute("SELECT count(*) FROM outbox").fetchone() == (2,)


def test_a_database_that_was_deleted_is_made_again(near: Service) -> None:
    near.tell(1)
    near.lose_database()
    near.tell(2)

    assert near.notes() == [2]
    assert near.path.exists()


def test_named_parameters_are_given_as_the_driver_of_postgresql_wants_them() -> None:
    sql = "SELECT :id, amount::bigint FROM t WHERE a = :a AND b LIKE '10%'"

    assert postgresql.pyformat(sql) == "SELECT %(id)s, amount::bigint FROM t WHERE a = %(a)s AND b LIKE '10%%'"


@pytest.mark.parametrize("name", ["a b.db", "a%41.db", "a?mode=rw.db", "a#b.db", "ñ.db"])
def test_a_reader_finds_a_file_whatever_its_name(tmp_path: Path, name: str) -> None:
    with sqlite3.connect(tmp_path / name) as made:
        made.execute("CREATE TABLE t (id INTEGER)")

    reader = connect_read_only(str(tmp_path / name), 1)
    assert reader.execute("SELECT count(*) FROM t").fetchone() == (0,)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("INSERT INTO t VALUES (1)")
    reader.close()
