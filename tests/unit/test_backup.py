"""Backup and restore: a copy is whole though others write, and a restored suite finds together again."""

from __future__ import annotations

import io
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import select

from chassis import tables
from chassis.stream import Stream
from tests.unit.services import RECEIVER, Service

OPEN = """
import sqlite3, sys
connection = sqlite3.connect(f"file:{sys.argv[1]}?mode=" + sys.argv[2], uri=True)
connection.execute("SELECT count(*) FROM outbox").fetchone()
print("open", flush=True)
sys.stdin.read()
"""


def command(service: Service, *words: str, stdin: bytes = b"") -> Result:
    """What `flask backup` or `restore` prints."""
    return service.app.test_cli_runner().invoke(args=words, input=io.BytesIO(stdin))


def backup(service: Service) -> Path:
    """A copy of a service's database."""
    path = service.path.with_suffix(".copy")
    done = command(service, "backup", str(path))
    assert done.exit_code == 0, done.output
    return path


def restore(service: Service, path: Path) -> Result:
    """Stop the service, and restore a copy."""
    service.close()
    return command(service, "restore", str(path))


@contextmanager
def opened_by_another_process(path: Path, mode: str) -> Iterator[None]:
    """Let a process that is idle have the database open: ``rw`` as a commands app, ``ro`` as a queries app."""
    arguments = [sys.executable, "-c", OPEN, str(path), mode]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield
        process.communicate("")


def settle(near: Service, far: Service) -> None:
    """Let a new relay of near's stream do its work."""
    stream = Stream(near.settings, RECEIVER, threading.Event())
    for _ in range(8):
        batch = stream.next_batch()
        stream.take_answer(batch, far.receive(batch))
        stream.save()
    stream.database.drop()


def acknowledged_to_the_end(near: Service) -> bool:
    """Whether the sender knows that its receiver has everything."""
    stream = near.rows(select(tables.stream))[0]
    return bool(stream.last == stream.acknowledged)


def test_a_restored_database_is_as_it_was_when_it_was_copied(near: Service) -> None:
    near.tell(1, 2)
    copied = backup(near)
    near.tell(3)
    done = restore(near, copied)

    assert done.exit_code == 0, done.output
    assert near.notes() == [1, 2]


def test_a_copy_is_a_single_file_and_leaves_nothing_else_behind(near: Service, tmp_path: Path) -> None:
    near.tell(1)
    folder = tmp_path / "backups"
    folder.mkdir()
    command(near, "backup", str(folder / "near.db"))

    assert [path.name for path in folder.iterdir()] == ["near.db"]


def test_a_copy_made_while_others_write_is_whole(near: Service, tmp_path: Path) -> None:
    near.tell(*range(5000))  # so that a copy takes its time
    busy, done = threading.Event(), threading.Event()

    def write() -> None:
        for note in range(5000, 100_000):
            near.tell(note)
            busy.set()
            if done.is_set():
                return

    writer = threading.Thread(target=write)
    writer.start()
    busy.wait()
    copies = []
    for n in range(5):
        copies.append(tmp_path / f"{n}.copy")
        assert command(near, "backup", str(copies[-1])).exit_code == 0
    done.set()
    writer.join()

    for copied in copies:
        with closing(sqlite3.connect(copied)) as found:
            notes = [note for (note,) in found.execute("SELECT note FROM notes ORDER BY id")]
            messages, last = found.execute("SELECT (SELECT count(*) FROM outbox), last FROM outbox_stream").fetchone()
        assert notes == list(range(len(notes)))
        assert len(notes) == messages == last


def test_a_backup_takes_the_place_of_an_earlier_one(near: Service) -> None:
    near.tell(1)
    backup(near)
    near.tell(2)
    copied = backup(near)
    near.tell(3)
    restore(near, copied)

    assert near.notes() == [1, 2]


def test_a_copy_may_travel_through_a_pipe(near: Service) -> None:
    near.tell(1)
    copied = command(near, "backup", "-").stdout_bytes
    near.tell(2)
    near.close()
    done = command(near, "restore", "-", stdin=copied)

    assert done.exit_code == 0, done.output
    assert near.notes() == [1]


@pytest.mark.parametrize("mode", ["rw", "ro"])
def test_a_database_that_a_process_has_open_is_not_replaced(near: Service, mode: str) -> None:
    near.tell(1)
    copied = backup(near)
    near.tell(2)
    with opened_by_another_process(near.path, mode):
        done = restore(near, copied)

    assert done.exit_code == 1
    assert "nothing was restored: stop near's apps, relay and worker first" in done.stderr
    assert near.notes() == [1, 2]


def test_a_database_that_was_lost_is_restored(near: Service) -> None:
    near.tell(1)
    copied = backup(near)
    near.lose_database()

    assert restore(near, copied).exit_code == 0
    assert near.notes() == [1]


def test_a_damaged_database_is_replaced_with_its_write_ahead_log(near: Service) -> None:
    near.tell(1)
    near.close()  # all is in the file now, and what comes is in the log alone
    copied = backup(near)
    near.tell(2)
    log = Path(f"{near.path}-wal")
    written = log.read_bytes()
    near.close()
    near.path.write_bytes(b"no database" * 1000)
    log.write_bytes(written)

    assert restore(near, copied).exit_code == 0
    assert near.notes() == [1]


def test_a_file_that_is_no_database_is_refused(near: Service, tmp_path: Path) -> None:
    near.tell(1)
    (tmp_path / "text").write_text("no database, but long enough to have a header" * 100)
    (tmp_path / "empty").touch()

    assert "it is no database" in restore(near, tmp_path / "text").stderr
    assert "it is no copy of near: its tables are none" in restore(near, tmp_path / "empty").stderr
    assert near.notes() == [1]


def test_a_copy_that_was_cut_off_is_refused(near: Service) -> None:
    near.tell(*range(2000))
    copied = backup(near)
    copied.write_bytes(copied.read_bytes()[:-8192])

    assert restore(near, copied).exit_code == 1
    assert len(near.notes()) == 2000


def test_another_domains_copy_is_refused(near: Service, tmp_path: Path) -> None:
    near.tell(1)
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(backup(near))) as copied, closing(sqlite3.connect(other)) as made:
        copied.backup(made)
        made.execute("ALTER TABLE notes RENAME TO orders")

    assert "it is no copy of near" in restore(near, other).stderr
    assert near.notes() == [1]


def test_a_missing_file_is_refused(near: Service, tmp_path: Path) -> None:
    near.tell(1)
    done = restore(near, tmp_path / "nowhere")

    assert done.exit_code != 0
    assert "nowhere" in done.stderr
    assert near.notes() == [1]


def test_after_a_receiver_was_restored_it_gets_what_it_misses(near: Service, far: Service) -> None:
    near.tell(1, 2)
    settle(near, far)
    copied = backup(far)
    near.tell(3)
    settle(near, far)
    restore(far, copied)
    settle(near, far)

    assert far.notes() == [1, 2, 3]
    assert acknowledged_to_the_end(near)


def test_after_a_sender_was_restored_its_receiver_forgets_what_the_sender_has_lost(near: Service, far: Service) -> None:
    near.tell(1, 2)
    copied = backup(near)
    near.tell(3)
    settle(near, far)
    restore(near, copied)
    near.tell(4)
    settle(near, far)

    assert far.notes() == near.notes() == [1, 2, 4]
    assert acknowledged_to_the_end(near)


def test_after_both_were_restored_from_copies_of_different_age_they_are_equal(near: Service, far: Service) -> None:
    near.tell(1)
    old = backup(near)
    near.tell(2)
    settle(near, far)
    newer = backup(far)
    near.tell(3)
    settle(near, far)
    restore(near, old)
    restore(far, newer)
    settle(near, far)

    assert far.notes() == near.notes() == [1]


def test_where_there_is_no_database_there_is_no_backup(near: Service, tmp_path: Path) -> None:
    near.lose_database()
    done = command(near, "backup", str(tmp_path / "copy"))

    assert (done.exit_code, done.stderr.partition(":")[0]) == (1, "Error")
    assert list(tmp_path.iterdir()) == []
