"""Lists, pages and single resources on the query side."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import urljoin

import pytest
import requests

from tests.e2e.problems import problem
from tests.shop import TIMEOUT_SECONDS, Shop
from tests.waiting import eventually

LISTS = [
    "/api-queries/users",
    "/api-queries/products",
    "/api-queries/orders",
    "/api-queries/orders/replicas/users",
    "/api-queries/orders/replicas/products",
]
NO_QUERIES = [
    *(f"limit={text}" for text in ("0", "1001", "-1", "1.5", "", "ten", "1e2", "%D9%A3")),
    *(f"after={text}" for text in ("x", "-1", 2**63)),
    *("before=", "order=up", "order=", "order=DESC"),
]


@pytest.fixture(scope="module")
def users(gateway: str) -> list[dict[str, Any]]:
    """Five users; others may be between and after them."""
    shop = Shop(gateway)
    shop.create_product()
    return [shop.create_user() for _ in range(5)]


def test_what_json_must_escape_is_read_as_it_was_written(shop: Shop) -> None:
    description = "".join(map(chr, range(1, 32))) + '"quoted" \\ \x7f \u2028 </script> ñ 🦙'
    created = shop.create_product(description=f"<{description}>")
    path = "/api-queries/products"

    read = [shop.get(f"{path}/{created['id']}").json()]
    read += shop.get(f"{path}?limit=1&after={created['id'] - 1}").json()
    read += [row for row in shop.get(path).json() if row["id"] == created["id"]]

    assert [row["description"] for row in read] == [f"<{description}>"] * 3


@pytest.mark.parametrize("path", LISTS)
def test_a_list_is_in_the_order_of_ids(shop: Shop, users: list[dict[str, Any]], path: str) -> None:
    ids = [row["id"] for row in shop.get(path).json()]

    assert all(first < second for first, second in pairwise(ids))


def test_a_whole_list_is_streamed(shop: Shop, users: list[dict[str, Any]]) -> None:
    answer = shop.get("/api-queries/users")

    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert "Content-Length" not in answer.headers
    assert [row for row in answer.json() if row in users] == users


def test_the_pages_make_the_list(shop: Shop, users: list[dict[str, Any]]) -> None:
    start = f"/api-queries/users?limit=2&after={users[0]['id'] - 1}"

    read = [row for page, _ in zip(pages(shop, start), range(3), strict=False) for row in page]

    assert read[:5] == users


def test_the_pages_turned_round_make_the_list_from_its_end(shop: Shop, users: list[dict[str, Any]]) -> None:
    start = f"/api-queries/users?limit=2&order=desc&before={users[-1]['id'] + 1}"

    read = [row for page, _ in zip(pages(shop, start), range(3), strict=False) for row in page]

    assert read[:5] == users[::-1]


def test_the_last_page_has_no_link(shop: Shop, users: list[dict[str, Any]]) -> None:
    first = shop.get(
        "/api-queries/users",
        params={"limit": 1, "order": "desc", "before": users[1]["id"], "after": users[0]["id"] - 1},
    )

    assert first.json() == [users[0]]
    assert "Link" not in first.headers


def test_a_page_that_has_a_successor_links_to_it(shop: Shop, users: list[dict[str, Any]]) -> None:
    page = shop.get("/api-queries/users", params={"limit": 2, "after": users[0]["id"]})

    assert page.headers["Link"].endswith('; rel="next"')
    assert "limit=2" in page.links["next"]["url"]


def test_a_list_may_be_bounded_without_a_limit(shop: Shop, users: list[dict[str, Any]]) -> None:
    between = {"after": users[0]["id"], "before": users[4]["id"]}

    assert [row for row in shop.get("/api-queries/users", params=between).json() if row in users] == users[1:4]


def test_after_the_end_there_is_an_empty_list(shop: Shop) -> None:
    for more in ({}, {"limit": 10}):
        answer = shop.get("/api-queries/users", params={"after": 2**63 - 1, **more})
        assert (answer.status_code, answer.json()) == (200, [])


@pytest.mark.parametrize("query", NO_QUERIES)
@pytest.mark.parametrize("path", LISTS)
def test_a_parameter_that_is_none_is_400_and_named(shop: Shop, path: str, query: str) -> None:
    assert query.partition("=")[0] in problem(shop.get(f"{path}?{query}"), 400)["detail"]


def test_a_resource_that_has_not_changed_is_304(shop: Shop) -> None:
    path = f"/api-queries/products/{shop.create_product()['id']}"
    tag = shop.get(path).headers["ETag"]

    again = shop.get(path, headers={"If-None-Match": tag})

    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)


def test_a_resource_that_has_changed_is_sent_with_another_etag(shop: Shop) -> None:
    product = shop.create_product()
    path = f"/api-queries/products/{product['id']}"
    tag = shop.get(path).headers["ETag"]
    shop.change_product(product["id"], stock=3)

    again = shop.get(path, headers={"If-None-Match": tag})

    assert (again.status_code, again.json()["stock"]) == (200, 3)
    assert again.headers["ETag"] != tag


def test_a_page_that_has_not_changed_is_304(shop: Shop, users: list[dict[str, Any]]) -> None:
    page = {"limit": 2, "after": users[0]["id"]}
    tag = shop.get("/api-queries/users", params=page).headers["ETag"]

    assert shop.get("/api-queries/users", params=page, headers={"If-None-Match": tag}).status_code == 304
    assert shop.get("/api-queries/users", params=page, headers={"If-None-Match": f'"x", W/{tag}'}).status_code == 304
    assert shop.get("/api-queries/users", params=page, headers={"If-None-Match": '"x"'}).status_code == 200


def test_an_order_that_is_answered_gets_another_etag(shop: Shop) -> None:
    placed = shop.place_order(shop_user(shop), shop.create_product()["id"])
    path = f"/api-queries/orders/{placed['id']}"

    eventually(lambda: shop.get(path).json()["state"] == "completed", "completed order")

    assert shop.get(path, headers={"If-None-Match": shop.get(path).headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("path", [*LISTS, "/api-queries/users?limit=1", "/api-queries/orders/streams"])
def test_head_is_answered_without_a_body(shop: Shop, path: str) -> None:
    answer = requests.head(shop.url + path, timeout=TIMEOUT_SECONDS)

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Type"] == "application/json"


def shop_user(shop: Shop) -> int:
    """The id of a user: of a new one."""
    return int(shop.create_user()["id"])


def pages(shop: Shop, start: str) -> Iterator[list[dict[str, Any]]]:
    """The pages from here to the last, each found by the link of the one before."""
    path: str | None = start
    while path:
        answer = shop.get(path)
        yield answer.json()
        path = urljoin(path, answer.links["next"]["url"]) if "next" in answer.links else None
