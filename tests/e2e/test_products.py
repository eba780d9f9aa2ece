"""Products through the gateway."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.problems import invalid, problem
from tests.shop import Shop, unique

GOOD = {"name": "print", "description": "A3 on paper", "value": 250, "stock": 10}
LARGEST = 2**31 - 1

ACCEPTED = [
    {"name": "n" * 50},
    {"description": ""},
    {"description": "d" * 200},
    {"value": 0},
    {"value": LARGEST},
    {"stock": 0},
    {"stock": LARGEST},
]
REFUSED = [
    {"name": ""},
    {"name": "n" * 51},
    {"name": 5},
    {"name": None},
    {"description": "d" * 201},
    {"description": None},
    {"value": -1},
    {"value": LARGEST + 1},
    {"value": True},
    {"value": "10"},
    {"value": 1.5},
    {"stock": -1},
    {"stock": 2**63},
    {"stock": None},
    {"stock": []},
]


def test_a_new_product_is_answered_with_its_five_members(shop: Shop) -> None:
    given = {**GOOD, "name": unique("print")}

    answer = shop.post("/api-commands/products", given)

    assert answer.status_code == 200
    assert answer.json() == {"id": answer.json()["id"], **given}


def test_a_product_is_read_by_id_and_in_the_list(shop: Shop) -> None:
    product = shop.create_product()

    assert shop.product(product["id"]) == product
    assert product in shop.get("/api-queries/products").json()


@pytest.mark.parametrize("member", ["name", "description", "value", "stock"])
def test_a_put_changes_the_member_that_it_names_and_no_other(shop: Shop, member: str) -> None:
    product = shop.create_product()
    new: Any = "changed" if isinstance(product[member], str) else 77

    changed = shop.change_product(product["id"], **{member: new})

    assert changed == {**product, member: new}
    assert shop.product(product["id"]) == changed


def test_a_put_may_change_all_members_or_none(shop: Shop) -> None:
    product = shop.create_product()

    assert shop.change_product(product["id"]) == product
    assert shop.change_product(product["id"], **GOOD) == {"id": product["id"], **GOOD}


@pytest.mark.parametrize("member", ACCEPTED, ids=str)
def test_a_member_within_its_bounds_is_accepted(shop: Shop, member: dict[str, Any]) -> None:
    created = shop.create_product(**member)

    assert created.items() >= member.items()
    assert shop.change_product(created["id"], **member) == created


@pytest.mark.parametrize("member", REFUSED, ids=str)
def test_a_member_out_of_its_bounds_is_refused_by_post_and_put(shop: Shop, member: dict[str, Any]) -> None:
    product = shop.create_product()

    assert list(invalid(shop.post("/api-commands/products", {**GOOD, **member}))) == list(member)
    assert list(invalid(shop.put(f"/api-commands/products/{product['id']}", member))) == list(member)
    assert shop.product(product["id"]) == product


@pytest.mark.parametrize("member", GOOD)
def test_a_post_needs_every_member(shop: Shop, member: str) -> None:
    body = {name: value for name, value in GOOD.items() if name != member}

    assert list(invalid(shop.post("/api-commands/products", body))) == [member]


def test_a_put_of_an_unknown_product_is_404(shop: Shop) -> None:
    assert str(LARGEST) in problem(shop.put(f"/api-commands/products/{LARGEST}", {"stock": 1}), 404)["detail"]
