"""The kinds of members: what they take, what they refuse."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError

from chassis.fields import LARGEST, Text, Whole


class Sample(Schema):
    """A member of each kind."""

    count = Whole(1)
    stars = Whole(1, 5)
    name = Text(1, 5)
    trimmed = Text(1, 5, trimmed=True)


def load(**members: Any) -> dict[str, Any]:
    """What the schema makes of a body."""
    return Sample().load(members)


@pytest.mark.parametrize("value", [1, LARGEST, 10.0])
def test_a_whole_number_within_its_bounds_is_taken(value: float) -> None:
    loaded = load(count=value)["count"]

    assert (loaded, type(loaded)) == (int(value), int)


def test_a_whole_number_may_have_a_bound_of_its_own() -> None:
    assert load(stars=5)["stars"] == 5
    with pytest.raises(ValidationError, match="must be from 1 to 5"):
        load(stars=6)


@pytest.mark.parametrize("value", [0, -1, LARGEST + 1, 2**63, 10**400, 1e300])
def test_a_whole_number_out_of_its_bounds_is_told_the_bounds(value: float) -> None:
    with pytest.raises(ValidationError, match=f"must be from 1 to {LARGEST}"):
        load(count=value)


@pytest.mark.parametrize("value", [True, False, "10", "", 1.5, float("inf"), float("nan"), [], {}, [1]])
def test_what_is_no_whole_number_is_refused(value: object) -> None:
    with pytest.raises(ValidationError, match="must be a whole number"):
        load(count=value)


@pytest.mark.parametrize("value", ["a", "abcde", "ñññññ", "🦙🦙🦙🦙🦙", " a "])
def test_text_within_its_length_is_taken_as_it_is(value: str) -> None:
    assert load(name=value)["name"] == value


@pytest.mark.parametrize("value", ["", "abcdef", "🦙" * 6])
def test_text_out_of_its_length_is_told_the_length(value: str) -> None:
    with pytest.raises(ValidationError, match="must have 1 to 5 characters"):
        load(name=value)


@pytest.mark.parametrize("value", [1, True, b"abc", ["abc"], {}])
def test_what_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(ValidationError, match="must be text"):
        load(name=value)


@pytest.mark.parametrize("member", ["count", "name", "trimmed"])
def test_null_is_refused(member: str) -> None:
    with pytest.raises(ValidationError):
        load(**{member: None})


def test_nul_is_refused_by_name() -> None:
    with pytest.raises(ValidationError, match="NUL"):
        load(name="a\0b")


@pytest.mark.parametrize(("value", "kept"), [("  abcde\n", "abcde"), ("a b", "a b"), ("\u00a0a\u2003", "a")])
def test_text_is_trimmed_before_it_is_measured(value: str, kept: str) -> None:
    assert load(trimmed=value)["trimmed"] == kept


def test_white_space_alone_is_no_trimmed_text() -> None:
    with pytest.raises(ValidationError, match="must have 1 to 5 characters"):
        load(trimmed="   ")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists))
def test_whatever_comes_is_taken_or_refused_and_nothing_else(value: Any) -> None:
    for member in ("count", "name", "trimmed"):
        try:
            loaded = load(**{member: value})[member]
        except ValidationError:
            continue
        assert 1 <= loaded <= LARGEST if member == "count" else 1 <= len(loaded) <= 5
