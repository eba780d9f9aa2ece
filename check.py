#!/usr/bin/env python3
"""Check the invariants of a running suite: ``python3 check.py [URL]``, the standard library is enough.

Asks the gateway (http://localhost by default) and waits, 30 s at most, for messages to settle. Prints each
invariant with its figures; exits with 1 and names what is broken, with 2 where the suite does not answer.
"""

from __future__ import annotations

import json
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from typing import Any

# Messages need milliseconds; a restart of a worker or of Redis, some seconds.
PATIENCE_SECONDS = 30
SHOWN = 5

Row = dict[str, Any]
SERVICES = ("users", "products", "orders")

# Whose rows are copied, by whom, and which of their members; None means all of them.
COPIES: tuple[tuple[str, str, tuple[str, ...] | None], ...] = (
    ("users", "orders", None),
    ("products", "orders", None),
)
# What a copy has beside those: it is the holder's own.
OWN = {"reserved"}


class Finding:
    """One invariant: what it says, its figures, and what breaks it."""

    def __init__(self, title: str) -> None:
        self.title, self.figures, self.broken = title, "", list[str]()

    def __str__(self) -> str:
        lines = [f"{'FAIL' if self.broken else 'ok  '} {self.title}: {self.figures}"]
        lines += [f"       {text}" for text in self.broken[:SHOWN]]
        if len(self.broken) > SHOWN:
            lines.append(f"       … and {len(self.broken) - SHOWN} more")
        return "\n".join(lines)


class Suite:
    """What a suite says of itself at one moment."""

    def __init__(self, url: str) -> None:
        self.streams = {name: get(f"{url}/api-queries/{name}/streams") for name in SERVICES}
        self.users: list[Row] = get(f"{url}/api-queries/users")
        self.products: list[Row] = get(f"{url}/api-queries/products")
        self.orders: list[Row] = get(f"{url}/api-queries/orders")
        self.ledger: list[Row] = get(f"{url}/api-queries/products/ledger")
        self.originals = {"users": self.users, "products": self.products}
        self.copies: dict[tuple[str, str], list[Row]] = {
            (kind, holder): get(f"{url}/api-queries/{holder}/replicas/{kind}") for kind, holder, _ in COPIES
        }
        self.product_replicas = self.copies["products", "orders"]

    def lost_databases(self) -> list[str]:
        """The services of which a receiver has seen an earlier database."""
        incoming = [stream for state in self.streams.values() for stream in state["incoming"]]
        return sorted({stream["sender"] for stream in incoming if stream.get("left_epochs")})


def get(url: str) -> Any:
    """The JSON at a URL."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)


def stock(suite: Suite) -> Finding:
    """Invariant 1: the stock is the same everywhere, nothing is promised, and the sums are right."""
    found = Finding("1. stock")
    replicas = {row["id"]: row for row in suite.product_replicas}
    for row in suite.products:
        replica = replicas.get(row["id"], {})
        if replica.get("stock") != row["stock"]:
            found.broken.append(f"product {row['id']}: stock {row['stock']}, replica {replica.get('stock')}")
        if replica.get("reserved"):
            found.broken.append(f"product {row['id']}: {replica['reserved']} still reserved")
        if row["stock"] < 0:
            found.broken.append(f"product {row['id']}: stock {row['stock']}")
    left = sum(row["stock"] for row in suite.products)
    reserved = sum(row["reserved"] for row in suite.product_replicas)
    found.figures = f"{len(suite.products)} products, {left} pieces left, {reserved} reserved"
    lost = [name for name in suite.lost_databases() if name != "users"]
    if lost:
        found.figures += f"; sums not checked: the database of {' and '.join(lost)} was lost or restored"
        return found
    sums(suite, found)
    return found


def sums(suite: Suite, found: Finding) -> None:
    """First stock and changes by PUT, less what completed orders took, is the stock."""
    sold: Counter[int] = Counter()
    for order in suite.orders:
        sold[order["product"]] += order["quantity"] if order["state"] == "completed" else 0
    for row in suite.ledger:
        if row["supplied"] - sold[row["id"]] != row["stock"]:
            figures = f"supplied {row['supplied']} − sold {sold[row['id']]} ≠ stock {row['stock']}"
            found.broken.append(f"product {row['id']}: {figures}")
    supplied = sum(row["supplied"] for row in suite.ledger)
    left = sum(row["stock"] for row in suite.ledger)
    found.figures += f"; supplied {supplied} − sold {sum(sold.values())} = {left}"


def orders(suite: Suite) -> Finding:
    """Invariant 2: every order has come to its end, and a failed one says why."""
    found = Finding("2. orders")
    states = Counter(order["state"] for order in suite.orders)
    for order in suite.orders:
        if order["state"] not in ("completed", "failed"):
            found.broken.append(f"order {order['id']} is {order['state']}")
        if order["state"] == "failed" and not order["reason"]:
            found.broken.append(f"order {order['id']} failed without a reason")
    found.figures = f"{len(suite.orders)} orders, {states['completed']} completed, {states['failed']} failed"
    return found


def replicas(suite: Suite) -> Finding:
    """Invariant 3: what a service holds of another's equals the originals, field by field."""
    found = Finding("3. replicas")
    for kind, holder, members in COPIES:
        what = kind.removesuffix("s")
        copied = {row["id"]: {k: v for k, v in row.items() if k not in OWN} for row in suite.copies[kind, holder]}
        for original in suite.originals[kind]:
            row = {name: original[name] for name in members or original}
            copy = copied.pop(row["id"], None)
            if copy != row:
                found.broken.append(f"{what} {row['id']}: {row} is copied by {holder} as {copy}")
        found.broken += [f"{what} {id}: copied by {holder}, but there is no original" for id in copied]
    found.figures = f"{len(suite.users)} users, {len(suite.products)} products"
    return found


def streams(suite: Suite) -> Finding:
    """Invariant 4: every message has been applied."""
    found = Finding("4. streams")
    count = messages = letters = 0
    for name, state in suite.streams.items():
        letters += state["dead_letters"]
        if state["dead_letters"]:
            how = f"flask --app {name}.base dead-letters list"
            found.broken.append(f"{name} has {state['dead_letters']} dead letters: {how}")
        for stream in state["outgoing"]:
            count, messages = count + 1, messages + stream["last"]
            if stream["acknowledged"] != stream["last"]:
                at = f"{stream['acknowledged']} of {stream['last']} acknowledged"
                at += f", the oldest waits {stream['oldest_age']} s"
                found.broken.append(f"{name} → {stream['receiver']}: {at}")
    found.figures = f"{count} streams, {messages} messages, all acknowledged, {letters} dead letters"
    if found.broken:
        found.figures = found.figures.replace("all acknowledged, ", "")
    return found


def examine(url: str) -> list[Finding]:
    """Check everything once."""
    suite = Suite(url)
    return [stock(suite), orders(suite), replicas(suite), streams(suite)]


def main(url: str) -> int:
    """Check until all holds or time is over, and print what was found last."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            findings = examine(url)
        except (urllib.error.URLError, OSError, ValueError) as error:
            if time.monotonic() < deadline:
                time.sleep(0.5)
                continue
            print(f"check.py: {url} does not answer: {error}\nIs the suite running? docker-compose ps, or ./run.sh ps")
            return 2
        if not any(found.broken for found in findings) or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    print("\n".join(str(found) for found in findings))
    return 1 if any(found.broken for found in findings) else 0


if __name__ == "__main__":
    sys.exit(main((sys.argv[1] if len(sys.argv) > 1 else "http://localhost").rstrip("/")))
