"""A database that is filled by copying rows: another id, the rest as it is."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Row = dict[str, Any]


class StoredDatabase:
    """One domain's database of a stopped suite, in one transaction.

    Args:
        data: the folder of the databases.
        domain: such as ``"orders"``.
    """

    def __init__(self, data: Path, domain: str) -> None:
        self._connection = sqlite3.connect(data / f"{domain}.db")
        self._connection.row_factory = sqlite3.Row

    def __enter__(self) -> StoredDatabase:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is None:
            self._connection.commit()
        self._connection.close()

    def execute(self, sql: str, **parameters: Any) -> None:
        """Run a statement."""
        self._connection.execute(sql, parameters)

    def copy(self, table: str, where: str, changes: Iterable[Row]) -> None:
        """Copy the one row that is found, once for each set of other values."""
        template = self._one(table, where)
        names = ", ".join(f'"{name}"' for name in template)
        values = ", ".join(f":{name}" for name in template)
        insert = f"INSERT INTO {table} ({names}) VALUES ({values})"  # noqa: S608 - the table's own columns
        self._connection.executemany(insert, ({**template, **change} for change in changes))

    def copy_message(self, receiver: str, seq: int, messages: Iterable[tuple[int, Any]]) -> None:
        """Copy a message that was sent.

        Args:
            receiver: whose stream it is in.
            seq: its number there.
            messages: for each copy its number, and its argument, or the members that differ in it.
        """
        where = f"receiver = '{receiver}' AND seq = {seq}"
        payload = self._one("outbox", where)["payload"]
        self.copy("outbox", where, (_message(payload, number, change) for number, change in messages))

    def sent(self, receiver: str, last: int) -> None:
        """Note how long a stream now is, and that its receiver has applied all of it."""
        stream = "UPDATE outbox_stream SET last = :last, acknowledged = :last WHERE receiver = :receiver"
        self.execute(stream, last=last, receiver=receiver)

    def applied(self, sender: str, last: int) -> None:
        """Note that the stream of a sender has been applied to its end."""
        position = "UPDATE inbox SET applied = :last, message_id = :id WHERE sender = :sender"
        self.execute(position, last=last, id=message_id(last), sender=sender)

    def _one(self, table: str, where: str) -> Row:
        return dict(self._connection.execute(f"SELECT * FROM {table} WHERE {where}").fetchone())  # noqa: S608


def message_id(seq: int) -> str:
    """The name of a message that was filled in."""
    return f"{seq:032x}"


def _message(payload: str, seq: int, change: Any) -> Row:
    args, kwargs = json.loads(payload)
    args[0] = _changed(args[0], change)
    return {"seq": seq, "message_id": message_id(seq), "payload": json.dumps([args, kwargs])}


def _changed(value: Any, change: Any) -> Any:
    if isinstance(value, dict) and isinstance(change, dict):
        return {**value, **{name: _changed(value[name], member) for name, member in change.items()}}
    return change
