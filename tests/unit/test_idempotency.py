"""Idempotency-Key where the database fails: what is answered stays true."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest

from chassis import database, idempotency
from chassis.database_errors import Unavailable
from tests.unit.services import Domain
from users import api_commands, base


@pytest.fixture(autouse=True)
def users() -> Iterator[Domain]:
    """Users, with an empty database."""
    domain = Domain(base.app, base.db)
    domain.lose_database()
    yield domain
    domain.close()


def test_a_command_is_refused_as_ever_although_its_key_cannot_be_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = iter([True])  # the claim is written; then the disk is full

    def transaction() -> AbstractContextManager[None]:
        if next(turns, False):
            return database.transaction()
        raise Unavailable("the disk is full", 507)

    monkeypatch.setattr(idempotency, "transaction", transaction)
    headers = {"Idempotency-Key": "one"}
    answer = api_commands.app.test_client().post("/api-commands/users", json={"username": ""}, headers=headers)

    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
