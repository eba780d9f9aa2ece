"""The errors of the contract, each as a problem: those of the services and those of the gateway."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tests.e2e.problems import invalid, problem
from tests.e2e.services import stopped
from tests.shop import TIMEOUT_SECONDS, Shop, unique
from tests.stack import Stack

JSON = {"Content-Type": "application/json"}
COMMANDS = ["/api-commands/users", "/api-commands/products", "/api-commands/orders"]
LARGEST_BODY = 64 * 1024

NO_JSON = {
    "cut off": '{"username": "ana"',
    "nothing": "",
    "white space": "  ",
    "single quotes": "{'username': 'ana'}",
    "a comma too many": '{"username": "ana",}',
    "two values": '{"username": "ana"} {}',
    "NaN": '{"username": NaN}',
    "Infinity": '{"quantity": Infinity}',
    "a number beyond all bounds": '{"quantity": 1e400}',
    "a number that begins with 0": '{"quantity": 01}',
    "a lone high surrogate": '{"username": "\\ud800"}',
    "a lone low surrogate": '{"username": "\\udc00"}',
    "a bare control character": '{"username": "a\nb"}',
    "half a character of UTF-8": b'{"username": "\xc3"}',
    "a surrogate in UTF-8": b'{"username": "\xed\xa0\x80"}',
    "UTF-16": '{"username": "ana"}'.encode("utf-16"),
    "very deep": "[" * 30_000,
}
NO_OBJECT = ["[]", '["username"]', '"username"', "7", "true", "null"]
NO_ID = ["0x1", "abc", "-1", "1.5", "1/2", "%20", "%ff", "1e3", str(2**63), str(10**30)]


@pytest.mark.parametrize("path", COMMANDS)
@pytest.mark.parametrize("body", NO_JSON.values(), ids=NO_JSON)
def test_a_body_that_is_no_json_is_400(shop: Shop, path: str, body: str | bytes) -> None:
    assert "not JSON" in problem(shop.post(path, data=body, headers=JSON), 400)["detail"]


@pytest.mark.parametrize("path", COMMANDS)
@pytest.mark.parametrize("body", NO_OBJECT)
def test_json_that_is_no_object_is_400(shop: Shop, path: str, body: str) -> None:
    assert "object" in problem(shop.post(path, data=body, headers=JSON), 400)["detail"]


@pytest.mark.parametrize("path", COMMANDS)
def test_an_unknown_member_is_refused_by_name(shop: Shop, path: str) -> None:
    assert "prodcut" in invalid(shop.post(path, {"prodcut": 1}))


@pytest.mark.parametrize("name", ["", "a\0b", "'; DROP TABLE users; --", "__class__", "ñ", "x" * 10_000])
def test_an_unknown_member_may_have_any_name(shop: Shop, name: str) -> None:
    body = {"username": unique("user"), name: 1}

    assert list(invalid(shop.post("/api-commands/users", body))) == [name]


def test_every_broken_member_is_told_at_once(shop: Shop) -> None:
    errors = invalid(shop.post("/api-commands/orders", {"user": "1", "prodcut": 1, "quantity": 0}))

    assert set(errors) == {"user", "product", "prodcut", "quantity"}


def test_of_two_members_with_one_name_the_last_counts(shop: Shop) -> None:
    last = unique("user")

    answer = shop.post("/api-commands/users", data=f'{{"username": 1, "username": "{last}"}}', headers=JSON)

    assert answer.json()["username"] == last


@pytest.mark.parametrize("kind", ["users", "products", "orders"])
def test_an_unknown_id_is_404_and_named(shop: Shop, kind: str) -> None:
    assert str(2**63 - 1) in problem(shop.get(f"/api-queries/{kind}/{2**63 - 1}"), 404)["detail"]


@pytest.mark.parametrize("id", NO_ID)
@pytest.mark.parametrize("kind", ["users", "products", "orders"])
def test_what_is_no_id_is_404(shop: Shop, kind: str, id: str) -> None:
    problem(shop.get(f"/api-queries/{kind}/{id}"), 404)


@pytest.mark.parametrize(
    "path", ["/nothing", "/api-queries", "/api-queries/nothing", "/api-commands/users/7", "/problem"]
)
def test_an_unknown_path_is_404_and_told(shop: Shop, path: str) -> None:
    assert problem(shop.get(path), 404)["instance"] == path


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api-commands/users", {"POST"}),
        ("DELETE", "/api-commands/products", {"POST"}),
        ("POST", "/api-commands/products/1", {"PUT"}),
        ("PATCH", "/api-commands/orders", {"POST"}),
        ("POST", "/api-queries/users", {"GET", "HEAD"}),
        ("DELETE", "/api-queries/orders/1", {"GET", "HEAD"}),
        ("PUT", "/api-queries/products/streams", {"GET", "HEAD"}),
        ("POST", "/healthz", {"GET", "HEAD"}),
        ("TRACE", "/api-queries/users", {"GET", "HEAD", "POST", "PUT"}),
    ],
)
def test_a_method_that_is_not_allowed_is_405_and_told_which_are(
    shop: Shop, method: str, path: str, allowed: set[str]
) -> None:
    answer = requests.request(method, shop.url + path, timeout=TIMEOUT_SECONDS)

    problem(answer, 405)
    assert set(answer.headers["Allow"].replace(" ", "").split(",")) - {"OPTIONS"} == allowed


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/vnd.api+json", ""])
@pytest.mark.parametrize("path", COMMANDS)
def test_a_body_that_is_not_declared_as_json_is_415(shop: Shop, path: str, kind: str) -> None:
    problem(shop.post(path, data="{}", headers={"Content-Type": kind}), 415)


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_may_be_declared_in_any_spelling(shop: Shop, kind: str) -> None:
    name = unique("user")

    answer = shop.post("/api-commands/users", data=json.dumps({"username": name}), headers={"Content-Type": kind})

    assert answer.json()["username"] == name


@pytest.mark.parametrize("in_chunks", [False, True], ids=["content-length", "chunked"])
@pytest.mark.parametrize(("size", "status"), [(LARGEST_BODY, 400), (LARGEST_BODY + 1, 413)])
def test_a_body_over_64_kib_is_413(shop: Shop, in_chunks: bool, size: int, status: int) -> None:
    body = b'{"username": "' + b"x" * (size - 16) + b'"}'
    assert len(body) == size
    sent: Any = iter([body]) if in_chunks else body

    problem(shop.post("/api-commands/users", data=sent, headers=JSON), status)


@pytest.mark.parametrize("service", ["users-queries", "users-commands"])
def test_a_service_that_is_down_is_502_with_when_to_try_again(stack: Stack, own_shop: Shop, service: str) -> None:
    with stopped(stack, service):
        answer = own_shop.get(f"/api-{service.removeprefix('users-')}/users")

    assert "try again" in problem(answer, 502)["detail"]
    assert int(answer.headers["Retry-After"]) > 0
