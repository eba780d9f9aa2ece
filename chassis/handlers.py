"""The functions that messages may call: a worker runs these and no others."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from contextvars import ContextVar
from typing import NamedTuple, TypeVar

import orjson

from chassis import tracing

Function = TypeVar("Function", bound=Callable[..., None])

_handlers: dict[str, Callable[..., None]] = {}
_forgetters: dict[tuple[str, str], Callable[[], None]] = {}


class Message(NamedTuple):
    """A message as its receiver sees it.

    Args:
        sender: the service that wrote it.
        epoch: the epoch of the sender's outbox.
        seq: its place in the stream from sender to receiver, from 1 without gaps.
        message_id: its name for ever, also when another message comes to have its place.
        handler: the function that applies it, such as ``"orders.sender.send_user"``.
        payload: JSON of its arguments: ``[[…], {…}]``.
        request_id: the request that caused it.
        created_at: when it was committed, in seconds since 1970 by the sender's clock.
    """

    sender: str
    epoch: str
    seq: int
    message_id: str
    handler: str
    payload: str
    request_id: str
    created_at: float


current: ContextVar[Message] = ContextVar("message")


class UnknownHandler(Exception):
    """A message names a function that is no handler of this domain."""


def handler(function: Function) -> Function:
    """Let messages call this function.

    The chassis promises it: it runs once for each message, in the sender's order, in a transaction with
    whatever it writes and enqueues. When it raises, or takes longer than ``MESSAGE_SECONDS``, all of that is undone.
    """
    _handlers[f"{function.__module__}.{function.__name__}"] = function
    return function


def forgets(sender: str) -> Callable[[Function], Function]:
    """Let this function drop what its domain copied of a sender, whose messages then all come again."""

    def register(function: Function) -> Function:
        _forgetters[function.__module__.partition(".")[0], sender] = function
        return function

    return register


def load(domain: str) -> None:
    """Import a domain's modules, so that its handlers are known; its web apps are left out."""
    package = importlib.import_module(domain)
    for module in pkgutil.iter_modules(package.__path__):
        if not module.name.startswith("api_"):
            importlib.import_module(f"{domain}.{module.name}")


def handle(message: Message, domain: str) -> None:
    """Run a message's handler; what it enqueues carries the message's request id.

    Raises:
        UnknownHandler: the function is not registered, or is another domain's.
        Exception: whatever the handler raises.
    """
    function = _handlers.get(message.handler)
    if function is None or message.handler.partition(".")[0] != domain:
        raise UnknownHandler(f"{message.handler!r} is no handler of {domain}")
    args, kwargs = orjson.loads(message.payload)
    current.set(message)
    with tracing.working_on(message.request_id):
        function(*args, **kwargs)


def forget(sender: str, domain: str) -> None:
    """Drop the domain's replica of a sender, where it keeps one."""
    function = _forgetters.get((domain, sender))
    if function is not None:
        function()
