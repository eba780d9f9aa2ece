"""The bases of the schemas: what checks a body or a message, and what writes an answer."""

from __future__ import annotations

from typing import Any

from flask_marshmallow import Schema
from flask_marshmallow.sqla import SQLAlchemySchema


class MessageSchema(Schema):
    """A schema of the arguments of a message."""


class RowSchema(SQLAlchemySchema):
    """A schema of some columns of a model, which loads into a dict."""

    # SQLAlchemySchema.load looks up the version of an installed package at each call (1.6.0, 1 ms on a
    # laptop), for a feature that is not used here: loading into instances.
    load = Schema.load  # type: ignore[assignment]

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """A column of a row; marshmallow would look for a key first, and fail with each member of a named tuple."""
        return getattr(obj, attr, default)
