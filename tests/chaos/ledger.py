"""The clients' ledger: what was asked for, what was answered, and what must therefore be found.

Every command carries a mark that no other has (a username, a product's name, the user, product and quantity
of an order, the description that a PUT sets), so that its effect can be counted by who only reads.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from tests.shop import Shop


class Outcome(Enum):
    """What a client knows of a command."""

    DONE = "answered 200"
    REFUSED = "refused"
    UNKNOWN = "not answered"


@dataclass(frozen=True)
class Entry:
    """One command.

    Args:
        kind: ``users``, ``products``, ``orders`` or ``puts``.
        mark: by which its effect is found; for a PUT the product's id and the description.
        outcome: what the client knows in the end.
        id: from the answer.
        sent_at: by the monotonic clock, in seconds: when it was sent first.
    """

    kind: str
    mark: Hashable
    outcome: Outcome
    id: int | None = None
    sent_at: float = field(default_factory=time.monotonic)


class Ledger:
    """All commands of all clients of one stack; nobody else may send it any."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.strange: list[str] = []  # answers that the contract does not have
        self.answers: Counter[str] = Counter()  # by status, each try of a command; "none" where none came
        self.lost: dict[str, float] = {}  # when, by the monotonic clock

    def lose(self, kind: str) -> None:
        """The database of a kind was deleted: what was sent before may be gone."""
        self.lost[kind] = time.monotonic()

    def done(self) -> int:
        """How many commands were answered 200."""
        return self.answers["200"]

    def contradictions(self, shop: Shop) -> list[str]:
        """Where the suite, once it is settled, holds something else than its answers said."""
        users, products, orders = (shop.get(f"/api-queries/{kind}").json() for kind in ("users", "products", "orders"))
        found = [
            *self.strange,
            *self._rows("users", [(row["username"], row) for row in users]),
            *self._rows("products", [(row["name"], row) for row in products]),
            *self._rows("orders", [((row["user"], row["product"], row["quantity"]), row) for row in orders]),
            *self._last_puts(products),
        ]
        if not self.lost:
            [stream] = shop.streams("products")["outgoing"]
            found += self._number_of_puts(stream["last"] - len(products) - len(orders))
        return found

    def _rows(self, kind: str, rows: list[tuple[Hashable, dict[str, Any]]]) -> Iterator[str]:
        ids: defaultdict[Hashable, list[int]] = defaultdict(list)
        for mark, row in rows:
            ids[mark].append(row["id"])
        for entry in self._of(kind):
            there = ids.pop(entry.mark, [])
            wanted = [entry.id] if entry.outcome is Outcome.DONE else []
            either = entry.outcome is Outcome.UNKNOWN or entry.sent_at < self.lost.get(kind, 0)
            if there != wanted and not (either and len(there) <= 1):
                yield f"{kind} {entry.mark}: {entry.outcome.value} as {entry.id}, found as {there}"
        yield from (f"{kind} {mark}: nobody asked for it" for mark in ids)

    def _last_puts(self, products: list[dict[str, Any]]) -> Iterator[str]:
        """A product is as its last PUT that was answered 200 left it, or as one whose answer is not known."""
        possible: dict[int, set[str]] = defaultdict(set)
        last = {row["id"]: row["name"] for row in products}  # as it was created
        lost_at = self.lost.get("products", 0)
        for entry in self._of("puts"):
            id, description = entry.mark  # type: ignore[misc]
            if entry.outcome is Outcome.REFUSED or entry.sent_at < lost_at:
                continue
            # After a loss an id may come to be another customer's as well: who was last is not known.
            if entry.outcome is Outcome.UNKNOWN or lost_at:
                possible[id].add(description)
            else:
                last[id] = description
        for row in products:
            if row["description"] not in {last[row["id"]], *possible[row["id"]]}:
                yield f"product {row['id']} is {row['description']}, its last PUT {last[row['id']]}"

    def _number_of_puts(self, messages: int) -> Iterator[str]:
        """Products tells orders once of each product, of each PUT and of each order's answer."""
        done = Counter(entry.outcome for entry in self._of("puts"))
        sure = done[Outcome.DONE]
        if not sure <= messages <= sure + done[Outcome.UNKNOWN]:
            yield f"{sure} PUTs were answered 200, {done[Outcome.UNKNOWN]} not at all; {messages} took effect"

    def _of(self, kind: str) -> Iterator[Entry]:
        return (entry for entry in self.entries if entry.kind == kind)
