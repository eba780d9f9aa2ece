"""Shared commits: who writes at once is committed at once, fails alone, and is answered after the commit."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from chassis.database import execute, transaction
from chassis.database_errors import Unavailable
from chassis.orm import ModelConnection
from chassis.sqlite import SQLiteConnection
from chassis.writer import MOST_TOGETHER
from tests.unit.services import KEEP, RECEIVER, SENDER, Service
from tests.waiting import eventually


@pytest.fixture
def commits(near: Service, monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """What was written down at each commit."""
    near.notes()  # the tables are there
    seen: list[list[int]] = []
    commit = ModelConnection.commit

    def note(connection: ModelConnection) -> None:
        seen.append([row.note for row in connection.execute("SELECT note FROM notes ORDER BY note", {})])
        commit(connection)

    monkeypatch.setattr(ModelConnection, "commit", note)
    return seen


def refuse(connection: ModelConnection) -> None:
    """A commit that finds the disk broken."""
    raise sqlite3.OperationalError("disk I/O error")


def write(near: Service, note: int) -> None:
    """Write a note in a transaction of its own."""
    with near.app.app_context(), transaction():
        execute("INSERT INTO notes (note) VALUES (:note)", note=note)


def together(near: Service, tasks: dict[int, Callable[[Service, int], None]]) -> dict[int, Future[None]]:
    """Let tasks come while the transaction that writes 0 is open, so that all of them share its commit."""
    begun, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with near.app.app_context(), transaction():
            execute("INSERT INTO notes (note) VALUES (0)")
            begun.set()
            may_end.wait()

    with ThreadPoolExecutor(2 * MOST_TOGETHER) as pool:
        done = {0: pool.submit(hold)}
        begun.wait()
        done |= {note: pool.submit(task, near, note) for note, task in tasks.items()}
        eventually(lambda: near.db.writer.in_line == len(done), "all of them in line")
        assert not any(future.done() for future in done.values())
        may_end.set()
    return done


def test_those_that_write_at_once_share_a_commit(near: Service, commits: list[list[int]]) -> None:
    done = together(near, dict.fromkeys((1, 2, 3, 4), write))

    assert all(future.exception() is None for future in done.values())
    assert commits == [[0, 1, 2, 3, 4]]


def test_one_that_fails_undoes_its_own_and_no_more(near: Service, commits: list[list[int]]) -> None:
    def fail(near: Service, note: int) -> None:
        with near.app.app_context(), transaction():
            execute("INSERT INTO notes (note) VALUES (:note)", note=note)
            raise ValueError

    done = together(near, {1: write, 2: fail, 3: write})

    assert isinstance(done[2].exception(), ValueError)
    assert commits == [[0, 1, 3]]
    assert sorted(near.notes()) == [0, 1, 3]  # in the order in which they got their turns


def test_nobody_is_answered_before_the_commit(near: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    answered: list[int] = []
    commit = ModelConnection.commit

    def write_and_tell(near: Service, note: int) -> None:
        write(near, note)
        answered.append(note)

    def look(connection: ModelConnection) -> None:
        assert answered == []
        commit(connection)

    monkeypatch.setattr(ModelConnection, "commit", look)
    together(near, {1: write_and_tell, 2: write_and_tell})

    assert sorted(answered) == [1, 2]


def test_a_commit_that_fails_fails_for_all_and_leaves_nothing(near: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(ModelConnection, "commit", refuse)
        done = together(near, {1: write, 2: write})

    assert {type(future.exception()) for future in done.values()} == {Unavailable}
    write(near, 3)
    assert near.notes() == [3]


def test_what_the_database_undid_as_a_whole_is_answered_to_all_as_not_written(near: Service) -> None:
    def fill_the_disk(near: Service, note: int) -> None:
        with near.app.app_context(), transaction():
            execute("ROLLBACK")  # as SQLite does by itself when the disk is full
            raise sqlite3.OperationalError("database or disk is full")

    done = together(near, {1: fill_the_disk})

    assert {type(future.exception()) for future in done.values()} == {Unavailable}
    write(near, 2)
    assert near.notes() == [2]


def test_one_that_hides_that_all_was_undone_is_told_so_with_the_others(near: Service) -> None:
    def hide_the_full_disk(near: Service, note: int) -> None:
        with near.app.app_context(), transaction():
            execute("ROLLBACK")  # as SQLite does by itself when the disk is full
            near.outboxes[RECEIVER].enqueue(KEEP, note)

    done = together(near, {1: hide_the_full_disk})

    assert {type(future.exception()) for future in done.values()} == {Unavailable}
    assert (near.notes(), near.sent()) == ([], [])


def test_what_cannot_be_undone_is_not_committed(near: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    run = SQLiteConnection.execute

    def strike(connection: SQLiteConnection, sql: str, parameters: dict[str, object]) -> object:
        if sql.startswith("ROLLBACK TO"):
            raise sqlite3.OperationalError("disk I/O error")
        return run(connection, sql, parameters)

    monkeypatch.setattr(SQLiteConnection, "execute", strike)
    with pytest.raises(KeyError), near.app.app_context(), transaction():
        execute("INSERT INTO notes (note) VALUES (1)")
        raise KeyError

    assert near.notes() == []


def test_what_was_refused_for_an_uncommitted_row_is_not_answered_before_the_commit(
    near: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    near.notes()
    with near.engine.begin() as connection:
        connection.exec_driver_sql("CREATE UNIQUE INDEX once ON notes (note)")

    monkeypatch.setattr(ModelConnection, "commit", refuse)

    done = together(near, {1: lambda near, note: write(near, 0)})

    assert {type(future.exception()) for future in done.values()} == {Unavailable}


def test_a_group_ends_though_those_in_it_fail(near: Service, commits: list[list[int]]) -> None:
    def fail(near: Service, note: int) -> None:
        with near.app.app_context(), transaction():
            raise ValueError

    together(near, dict.fromkeys(range(1, MOST_TOGETHER + 3), fail))

    assert commits == [[0], [0]]


def test_one_whose_turn_comes_too_late_is_told_so_and_holds_nobody_up(tmp_path: Path) -> None:
    hasty = Service(SENDER, tmp_path, DATABASE_BUSY_SECONDS="0.05")
    late = threading.Event()

    with ThreadPoolExecutor() as pool, hasty.app.app_context(), transaction():
        execute("INSERT INTO notes (note) VALUES (1)")
        waiting = pool.submit(write, hasty, 2)
        eventually(lambda: hasty.db.writer.in_line == 2, "one in line")
        late.wait(0.1)

    assert isinstance(waiting.exception(), Unavailable)
    assert hasty.notes() == [1]
    hasty.close()


def test_what_the_orm_writes_is_part_of_the_transaction(near: Service, commits: list[list[int]]) -> None:
    note = near.db.metadata.tables["notes"].insert()
    with near.app.app_context(), transaction():
        near.db.session.execute(note, {"note": 1})
        execute("INSERT INTO notes (note) VALUES (2)")
    with pytest.raises(ValueError, match="undo"), near.app.app_context(), transaction():
        near.db.session.execute(note, {"note": 3})
        raise ValueError("undo it")

    assert commits == [[1, 2], [1, 2]]


def test_what_the_orm_read_in_an_earlier_transaction_is_read_again(near: Service) -> None:
    class Note(near.db.Model):  # type: ignore[name-defined]
        __tablename__ = "numbers"
        id = near.db.mapped_column(near.db.Integer, primary_key=True)
        number = near.db.mapped_column(near.db.Integer)

    with near.app.app_context():
        with transaction():
            near.db.session.add(Note(id=1, number=1))
        with transaction():
            assert near.db.session.get(Note, 1).number == 1
        with transaction():
            execute("UPDATE numbers SET number = 2")
        with transaction():
            assert near.db.session.get(Note, 1).number == 2


def test_what_the_orm_added_outside_a_transaction_is_not_lost_silently(near: Service) -> None:
    class Note(near.db.Model):  # type: ignore[name-defined]
        __tablename__ = "numbers"
        id = near.db.mapped_column(near.db.Integer, primary_key=True)

    with near.app.app_context():
        near.db.session.add(Note(id=1))
        with pytest.raises(RuntimeError, match="do it inside"), transaction():
            pass
