"""The kinds of members that a body may have, for marshmallow schemas."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate

# The largest whole number of the contract: a signed integer of 32 bits.
LARGEST = 2**31 - 1


class Whole(fields.Integer):
    """A whole number within bounds: a JSON number, so neither ``true`` nor ``"10"``.

    Args:
        least: the smallest that is allowed.
        most: the largest.
    """

    def __init__(self, least: int, most: int = LARGEST, **kwargs: Any) -> None:
        message = f"must be from {least} to {most}"
        super().__init__(strict=True, validate=validate.Range(least, most, error=message), **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if type(value) is int:
            return value
        if type(value) is float and value.is_integer():  # JSON knows one kind of number: 10.0 is 10
            return int(value)
        raise ValidationError("must be a whole number")


class Text(fields.String):
    """Text within a number of characters.

    Args:
        least: the fewest characters.
        most: the most.
        trimmed: whether white space around it is taken off first.
    """

    def __init__(self, least: int, most: int, *, trimmed: bool = False, **kwargs: Any) -> None:
        self.trimmed = trimmed
        message = f"must have {least} to {most} characters"
        super().__init__(validate=validate.Length(least, most, error=message), **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("must be text")
        if "\0" in value:
            raise ValidationError("must not contain the character NUL")  # PostgreSQL can't store it
        return value.strip() if self.trimmed else value
