"""Load: some customers who order, change stock, sign up and make mistakes, as long as a block lasts."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from random import Random
from types import TracebackType

from tests.chaos.client import Client
from tests.chaos.ledger import Entry, Ledger
from tests.shop import Shop, unique
from tests.waiting import eventually

# Each customer's own; the users, products and quantities of its orders make their marks.
USERS, PRODUCTS = 10, 3
# A PUT sets the stock to something up to this: orders of a few pieces use it up now and then.
MOST_STOCK = 120
# A pause between two commands: some 30 a second and customer leave a small machine room for the faults.
PACE_SECONDS = 0.03
# A customer who repeats a command under its key may wait for that key; then it ends.
LEAVE_SECONDS = 120


class Load:
    """Customers who go on sending commands inside the ``with`` block.

    Args:
        url: of the gateway.
        ledger: where their commands are noted.
        seed: what they choose by.
        customers: how many at the same time.
        pace: how long each waits between two commands, in seconds.
    """

    def __init__(self, url: str, ledger: Ledger, seed: int, customers: int = 3, pace: float = PACE_SECONDS) -> None:
        self.ledger, self.pace = ledger, pace
        self.stopping = threading.Event()
        self.faults: Counter[str] = Counter()
        self._before = ledger.answers.copy()
        self._shop = Shop(url)
        self._customers = [Customer(Client(url, ledger), self, Random(seed + n)) for n in range(customers)]  # noqa: S311

    def __enter__(self) -> Load:
        with ThreadPoolExecutor(len(self._customers)) as pool:
            list(pool.map(Customer.settle_in, self._customers))
        self._shop.when_settled()
        self.products = [product for customer in self._customers for product in customer.products]
        self.users = [user for customer in self._customers for user in customer.users]
        for customer in self._customers:
            customer.start()
        self.goes_on()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stopping.set()
        for customer in self._customers:
            customer.join(LEAVE_SECONDS)
            assert not customer.is_alive(), "a customer got no answer"
            assert customer.failure is None, f"a customer failed: {customer.failure!r}"

    def goes_on(self, commands: int = 20) -> None:
        """Wait until some more commands are answered 200, which shows that they are again."""
        goal = self.ledger.done() + commands
        eventually(lambda: self.ledger.done() >= goal, f"{commands} more commands answered 200")

    @property
    def answers(self) -> Counter[str]:
        """The statuses of all answers since the load began."""
        return self.ledger.answers - self._before

    def struck_by(self, fault: str) -> None:
        """Count a fault that was done to the suite meanwhile."""
        self.faults[fault] += 1

    def figures(self) -> str:
        """What was done and answered, in a line."""
        answers = ", ".join(f"{count} × {status}" for status, count in sorted(self.answers.items()))
        return f"{sum(self.faults.values())} faults; answers: {answers}"


class Customer(threading.Thread):
    """One customer; each has products of its own, which nobody else changes, and orders anybody's."""

    def __init__(self, client: Client, load: Load, dice: Random) -> None:
        super().__init__(daemon=True)
        self.client, self.load, self.dice = client, load, dice
        self.users: list[int] = []
        self.products: list[int] = []
        self.placed = 0
        self.failure: Exception | None = None

    def settle_in(self) -> None:
        """Make its users and products."""
        self.users = [self._made(self.sign_up(key=True)) for _ in range(USERS)]
        self.products = [self._made(self.offer(key=True)) for _ in range(PRODUCTS)]

    def run(self) -> None:
        """Send commands of all kinds until the load ends."""
        kinds = (self.order, self.restock, self.sign_up, self.offer, self.err)
        try:
            while not self.load.stopping.wait(self.load.pace):
                [do] = self.dice.choices(kinds, weights=(60, 20, 8, 2, 10))
                do(key=self.dice.random() < 0.5)
        except Exception as error:  # noqa: BLE001 - told by the thread that ends the load
            self.failure = error

    def order(self, key: bool = False) -> Entry:
        """Order something that nobody has ordered like this; after a loss, orders may not know of it."""
        products = self.load.products
        turn, self.placed = self.placed, self.placed + 1
        user, product = self.users[turn % USERS], products[turn // USERS % len(products)]
        quantity = 1 + turn // USERS // len(products)
        body = {"user": user, "product": product, "quantity": quantity}
        expected = {200, 400} if self.client.ledger.lost else {200}
        mark = (user, product, quantity)
        return self.client.command("orders", mark, "/api-commands/orders", body, key=key, expect=expected)

    def restock(self, key: bool = False) -> Entry:
        """Raise or lower the stock of a product of its own. A PUT is repeatable as it is: it takes no key."""
        id, description = self.dice.choice(self.products), unique("put")
        body = {"description": description, "stock": self.dice.randint(0, MOST_STOCK)}
        expected = {200, 404} if "products" in self.client.ledger.lost else {200}
        return self.client.command("puts", (id, description), f"/api-commands/products/{id}", body, expect=expected)

    def sign_up(self, key: bool = False) -> Entry:
        """Be a new user."""
        name = unique("user")
        return self.client.command("users", name, "/api-commands/users", {"username": name}, key=key)

    def offer(self, key: bool = False) -> Entry:
        """Put a new product on sale."""
        name = unique("product")
        body = {"name": name, "description": name, "value": 250, "stock": MOST_STOCK}
        return self.client.command("products", name, "/api-commands/products", body, key=key)

    def err(self, key: bool = False) -> Entry:
        """Send what has to be refused and leaves no trace."""
        name, product = unique("wrong"), self.products[0]
        order = {"user": self.users[0], "product": product, "quantity": 0}
        path, body, mark = self.dice.choice(
            [
                ("users", {"username": name + 50 * "x"}, name + 50 * "x"),
                ("users", {"username": name, "admin": True}, name),
                ("products", {"name": name, "description": name, "value": 1, "stock": -1}, name),
                ("orders", order, (order["user"], product, 0)),
                ("orders", {**order, "user": 2**40, "quantity": 7}, (2**40, product, 7)),
            ]
        )
        return self.client.command(path, mark, f"/api-commands/{path}", body, key=key, expect={400})

    @staticmethod
    def _made(entry: Entry) -> int:
        assert entry.id is not None, f"{entry.kind} could not be made: {entry.outcome.value}"
        return entry.id
