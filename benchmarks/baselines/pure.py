"""Baseline (c): what sqlite3 and JSON alone cost, in one process, without HTTP and without a framework."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

# The read model of an order as the query side had it when this benchmark was written: the reference does not
# move when the suite does.
ORDERS = """
    SELECT orders.id, orders."user", orders.product, orders.quantity, orders.state,
        coalesce(users.username, orders.user_username) AS user_username,
        coalesce(products.name, orders.product_name) AS product_name,
        coalesce(products.value, orders.product_value) AS product_value,
        orders.product_value * orders.quantity AS total,
        orders.reason
    FROM orders
    LEFT JOIN users ON users.id = orders."user" AND users.epoch = orders.user_epoch
    LEFT JOIN products ON products.id = orders.product AND products.epoch = orders.product_epoch
"""


def timed(work: Callable[[], Any]) -> float:
    """How long something takes, in milliseconds."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


class PureReader:
    """Reads a suite's database of orders and makes JSON of it.

    Args:
        data: the folder of the databases.
    """

    def __init__(self, data: Path) -> None:
        self._connection = sqlite3.connect(f"file:{data.absolute()}/orders.db?mode=ro", uri=True)

    def last(self, count: int, dumps: Callable[[Any], Any] = orjson.dumps) -> Any:
        """The JSON of the last orders, as many as asked for."""
        largest = self._connection.execute("SELECT max(id) FROM orders").fetchone()[0]
        cursor = self._connection.execute(f"{ORDERS} WHERE orders.id > ? ORDER BY orders.id", (largest - count,))
        names = [column[0] for column in cursor.description]
        return dumps([dict(zip(names, row, strict=True)) for row in cursor.fetchall()])

    def last_with_json(self, count: int) -> Any:
        """The same by the standard library's json."""
        return self.last(count, json.dumps)


class PureWriter:
    """Commits one row at a time, durably: what the disk and SQLite take for it.

    Args:
        folder: where its database is made; the same disk as the suite's.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(folder / "pure.db", isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, username TEXT)")

    def commit_one(self) -> None:
        """One transaction of one row."""
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("INSERT INTO users (username) VALUES ('ana')")
        self._connection.execute("COMMIT")
