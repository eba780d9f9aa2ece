"""Batches: they travel as JSON, and whoever wrote into Redis, what is read is whole or refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.batch import Batch, Malformed
from chassis.handlers import Message

EPOCH = "0123456789abcdef" * 2


def message(seq: int) -> Message:
    """A message of users with this number."""
    return Message("users", EPOCH, seq, f"id-{seq}", "orders.sender.send_user", "[[], {}]", "request", 1.5)


def batch(first: int, count: int) -> Batch:
    """A batch of so many messages."""
    after = f"id-{first - 1}" if first > 1 else ""
    return Batch("users", EPOCH, first, after, [message(first + n) for n in range(count)])


@pytest.mark.parametrize("sent", [batch(1, 1), batch(41, 17), batch(1, 0), batch(9, 0)], ids=str)
def test_a_batch_arrives_as_it_was_sent(sent: Batch) -> None:
    assert Batch.load(json.loads(json.dumps(sent.dump()))) == sent


@pytest.mark.parametrize(("sent", "last"), [(batch(1, 1), 1), (batch(41, 17), 57), (batch(9, 0), 8)])
def test_the_last_number_is_that_of_the_last_message(sent: Batch, last: int) -> None:
    assert sent.last == last


def test_a_batch_names_its_messages_and_the_one_before() -> None:
    assert [batch(5, 2).message_id(seq) for seq in (3, 4, 5, 6, 7)] == [None, "id-4", "id-5", "id-6", None]


def test_the_beginning_of_a_stream_has_an_empty_name() -> None:
    assert batch(1, 1).message_id(0) == ""


@pytest.mark.parametrize(
    ("sent", "shown"), [(batch(9, 0), "users hello"), (batch(3, 1), "users #3"), (batch(41, 17), "users #41–#57")]
)
def test_a_batch_is_shown_by_its_numbers(sent: Batch, shown: str) -> None:
    assert str(sent) == shown


@pytest.mark.parametrize(
    "change",
    [
        {"sender": "Users"},
        {"sender": "users; DROP"},
        {"sender": "u" * 51},
        {"sender": None},
        {"epoch": EPOCH[:-1]},
        {"epoch": EPOCH.upper()},
        {"epoch": EPOCH + "\n"},
        {"first": 0},
        {"first": -1},
        {"first": 2**62},
        {"first": 1.0},
        {"first": "1"},
        {"first": True},
        {"after": None},
        {"messages": None},
        {"messages": {}},
        {"messages": [[]]},
        {"messages": ["id-1"]},
        {"messages": [["id-1", "h", "[]", "r", "late"]]},
        {"messages": [["id-1", "h", "[]", "r", float("nan")]]},
        {"messages": [["id-1", "h", "[]", "r", 1.5, "more"]]},
        {"messages": [[1, "h", "[]", "r", 1.5]]},
    ],
    ids=str,
)
def test_what_is_not_as_a_batch_is_written_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        Batch.load({**batch(1, 1).dump(), **change})


@pytest.mark.parametrize("member", ["sender", "epoch", "first", "after", "messages"])
def test_a_batch_without_one_of_its_members_is_refused(member: str) -> None:
    dumped = batch(1, 1).dump()
    del dumped[member]

    with pytest.raises(Malformed):
        Batch.load(dumped)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda t: st.lists(t) | st.dictionaries(st.text(), t)
    )
)
def test_whatever_json_comes_it_is_refused_and_nothing_worse(data: Any) -> None:
    with pytest.raises(Malformed):
        Batch.load(data)
