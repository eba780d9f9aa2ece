"""Handlers: what a message may call, and what its handler is told."""

from __future__ import annotations

import logging

import pytest

from chassis import handlers
from chassis.handlers import UnknownHandler, handle, handler
from chassis.tracing import request_id
from tests.unit.services import KEEP, RECEIVER, message

told: list[object] = []


@handler
def tell(*args: object, **kwargs: object) -> None:
    """Note how it was called, and under which request and message."""
    told.append((args, kwargs, request_id.get(), handlers.current.get().seq))


@pytest.fixture(autouse=True)
def nothing_told() -> None:
    told.clear()


def test_a_handler_is_called_with_the_arguments_of_the_message() -> None:
    handle(message(5, 1, "two", None, handler="tests.unit.test_handlers.tell"), RECEIVER)

    assert told == [((1, "two", None), {}, "-", 5)]


@pytest.mark.parametrize(
    "name",
    ["os.mkdir", "tests.unit.services.Service", "tests.unit.services.forget", "builtins.eval", "tests", "", KEEP + " "],
)
def test_a_function_that_is_not_registered_is_refused(name: str) -> None:
    with pytest.raises(UnknownHandler, match="is no handler of tests"):
        handle(message(1, handler=name), RECEIVER)


def test_another_domains_handler_is_refused() -> None:
    with pytest.raises(UnknownHandler, match="is no handler of orders"):
        handle(message(1, handler="tests.unit.test_handlers.tell"), "orders")
    assert told == []


def test_a_domain_whose_name_begins_like_another_is_not_that_one() -> None:
    with pytest.raises(UnknownHandler):
        handle(message(1, handler="tests.unit.test_handlers.tell"), "test")


def test_the_error_names_a_handler_so_that_it_cannot_forge_a_log_line() -> None:
    with pytest.raises(UnknownHandler) as refused:
        handle(message(1, handler="x\nERROR forged"), RECEIVER)

    assert "\n" not in str(refused.value)


def test_loading_a_domain_registers_its_handlers_and_leaves_its_apps_alone(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        handlers.load("products")

    assert handlers._handlers["products.updater.update_product"].__name__ == "update_product"
