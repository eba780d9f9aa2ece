"""Writers on PostgreSQL: they take turns as on SQLite, so nothing is read, numbered or applied twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from psycopg.errors import UndefinedTable, UniqueViolation
from sqlalchemy import select

from chassis import tables
from chassis.commands import create_api
from chassis.database import execute, transaction
from chassis.database_errors import Unavailable
from chassis.idempotency import answer
from chassis.time_limit import TookTooLong, time_limit
from tests.postgresql.cluster import Cluster
from tests.unit.services import RECEIVER, SENDER, Service
from tests.unit.test_database import (
    test_concurrent_processes_lose_no_update_and_no_message,  # noqa: F401 - run here too, with these fixtures
    test_processes_that_open_a_new_database_at_once_make_it_once,  # noqa: F401
    test_who_waits_too_long_for_its_turn_is_told_so_and_nothing_is_written,  # noqa: F401
)

# Services in one process take turns only at the server, as those of different processes do.
WRITERS, TURNS = 4, 50

pytestmark = pytest.mark.usefixtures("database_url")


def at_once(work: Callable[[Service], object], name: str, folder: Path) -> list[object]:
    """Let some services of one domain do the same at the same moment; returns what each found."""
    start = threading.Barrier(WRITERS, timeout=60)  # seconds: one that fails before it must not hold the others
    services = [Service(name, folder, RECEIVER) for _ in range(WRITERS)]

    def do(service: Service) -> object:
        service.epoch()
        start.wait()
        try:
            return work(service)
        finally:
            service.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        return [future.result() for future in [pool.submit(do, service) for service in services]]


def test_who_reads_while_others_write_sees_the_messages_without_a_gap(near: Service, tmp_path: Path) -> None:
    seen, done = [], threading.Event()

    def look() -> None:
        while not done.is_set():
            seen.append([message.seq for message in near.sent()])

    def write(service: Service) -> None:
        for turn in range(TURNS):
            service.tell(turn)

    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(look)
        at_once(write, SENDER, tmp_path)
        done.set()
        looking.result()

    assert len(near.sent()) == WRITERS * TURNS
    assert len({len(numbers) for numbers in seen}) > 3, "it looked while they wrote, or this shows little"
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in seen)


def test_a_batch_that_workers_take_at_once_takes_effect_once(near: Service, far: Service, tmp_path: Path) -> None:
    for round in range(1, 11):
        near.tell(round)
        batch = near.batch()
        answers = at_once(lambda service, batch=batch: service.receive(batch), RECEIVER, tmp_path)

        assert answers == [{"applied": round, "message_id": batch.messages[-1].message_id}] * WRITERS
        assert far.notes() == list(range(1, round + 1))
    assert len(far.sent("tests")) == 0


def test_a_command_that_is_sent_at_once_under_one_key_takes_effect_once(near: Service, tmp_path: Path) -> None:
    def post(service: Service) -> list[int]:
        create_api(service.app)

        @service.app.post("/note")
        def note() -> dict[str, int]:
            with transaction():
                execute("INSERT INTO notes (note) VALUES (:one)", one=1)
                return answer({"note": 1})

        client = service.app.test_client()
        return [client.post("/note", headers={"Idempotency-Key": f"key-{n}"}).status_code for n in range(TURNS)]

    answers = at_once(post, SENDER, tmp_path)

    assert near.notes() == [1] * TURNS
    assert all(set(codes) <= {200, 409} and 200 in codes for codes in zip(*answers, strict=True))  # type: ignore[call-overload]


def test_a_relay_does_not_wait_for_who_writes(near: Service, tmp_path: Path) -> None:
    near.tell(1)
    beside = Service(SENDER, tmp_path, RECEIVER)
    beside.epoch()
    with near.app.app_context(), transaction():
        execute("INSERT INTO notes (note) VALUES (2)")

        assert [message.seq for message in beside.sent()] == [1]
    beside.close()


def test_what_one_reads_in_a_transaction_is_of_one_moment(near: Service, tmp_path: Path) -> None:
    near.tell(1)
    beside = Service(SENDER, tmp_path, RECEIVER)
    with near.engine.execution_options(reading=True).connect() as relay:
        before = relay.execute(select(tables.stream.c.last)).scalar_one()
        beside.tell(2)

        assert len(relay.execute(select(tables.outbox)).all()) == before == 1
    beside.close()


def test_a_statement_that_is_broken_off_ends_on_the_server_too(near: Service) -> None:
    near.tell(1)
    began = time.monotonic()
    with pytest.raises(TookTooLong), near.app.app_context(), transaction():
        execute("INSERT INTO notes (note) VALUES (2)")
        with time_limit(0.2):
            execute("SELECT pg_sleep(3600)")
    near.tell(3)

    assert time.monotonic() - began < near.settings.database_busy_seconds
    assert near.notes() == [1, 3]


def test_one_that_hides_an_error_of_a_statement_is_told_that_nothing_was_written(near: Service) -> None:
    with pytest.raises(Unavailable), near.app.app_context(), transaction():
        execute("INSERT INTO notes (note) VALUES (1)")
        with suppress(UndefinedTable):
            execute("INSERT INTO nowhere VALUES (1)")

    near.tell(2)
    assert near.notes() == [2]


@pytest.mark.parametrize(("code", "status"), [("53100", 507), ("53200", 503), ("40P01", 503), ("57P01", 503)])
def test_what_the_server_cannot_do_now_is_told_to_try_again(near: Service, code: str, status: int) -> None:
    with pytest.raises(Unavailable) as told, near.app.app_context(), transaction():
        execute(f"DO $$ BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = '{code}'; END $$")

    assert told.value.status == status


def test_a_server_that_takes_no_writes_is_told_to_try_again(near: Service, cluster: Cluster) -> None:
    near.tell(1)
    near.close()
    with cluster.connect(SENDER) as connection:
        connection.execute(f"ALTER DATABASE {SENDER} SET default_transaction_read_only = on".encode())
    with pytest.raises(Unavailable):
        near.tell(2)


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("INSERT INTO nowhere VALUES (1)", UndefinedTable),
        ("INSERT INTO notes (id) VALUES (1), (1)", UniqueViolation),
    ],
)
def test_an_error_of_a_statement_reaches_who_wrote_it(near: Service, statement: str, kind: type[Exception]) -> None:
    with pytest.raises(kind), near.app.app_context(), transaction():
        execute(statement)


def test_a_backup_is_left_to_the_tools_of_postgresql(near: Service, tmp_path: Path) -> None:
    told = near.app.test_cli_runner().invoke(args=["backup", str(tmp_path / "copy")])

    assert told.exit_code == 1
    assert "pg_dump" in told.output
