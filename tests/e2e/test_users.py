"""Users through the gateway."""

from __future__ import annotations

import pytest

from tests.e2e.problems import invalid, problem
from tests.shop import Shop, unique


def test_a_new_user_is_answered_with_its_id_and_name(shop: Shop) -> None:
    name = unique("ana")

    answer = shop.post("/api-commands/users", {"username": name})

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == {"id": answer.json()["id"], "username": name}
    assert type(answer.json()["id"]) is int


def test_a_user_is_read_by_id_as_soon_as_it_is_created(shop: Shop) -> None:
    user = shop.create_user()

    assert shop.get(f"/api-queries/users/{user['id']}").json() == user


def test_the_list_has_every_user_once_in_the_order_of_ids(shop: Shop) -> None:
    created = [shop.create_user() for _ in range(3)]

    listed = shop.get("/api-queries/users").json()

    assert [user["id"] for user in listed] == sorted({user["id"] for user in listed})
    assert [user for user in listed if user["id"] >= created[0]["id"]][:3] == created


def test_a_username_is_trimmed(shop: Shop) -> None:
    name = unique("ana")

    assert shop.post("/api-commands/users", {"username": f" \t{name}\n "}).json()["username"] == name


@pytest.mark.parametrize("letter", ["x", "ñ", "🦙"])
def test_a_username_of_fifty_characters_is_kept_as_it_is(shop: Shop, letter: str) -> None:
    name = unique("").ljust(50, letter)

    created = shop.post("/api-commands/users", {"username": name}).json()

    assert shop.get(f"/api-queries/users/{created['id']}").json()["username"] == name


@pytest.mark.parametrize("name", ["", "   ", "x" * 51, None, 7, True, ["ana"], {}, "a\0b"])
def test_a_username_that_breaks_the_rule_is_refused(shop: Shop, name: object) -> None:
    assert list(invalid(shop.post("/api-commands/users", {"username": name}))) == ["username"]


@pytest.mark.parametrize("again", ["{}", " {} "])
def test_a_taken_username_gets_409_that_names_it(shop: Shop, again: str) -> None:
    name = shop.create_user()["username"]

    assert name in problem(shop.post("/api-commands/users", {"username": again.format(name)}), 409)["detail"]
