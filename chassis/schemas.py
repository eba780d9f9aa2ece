"""The bases of the schemas: what checks a body or a message, and what writes an answer."""

from __future__ import annotations

from flask_marshmallow import Schema
from flask_marshmallow.sqla import SQLAlchemySchema


class MessageSchema(Schema):
    """A schema of the arguments of a message."""


class RowSchema(SQLAlchemySchema):
    """A schema of some columns of a model, which loads into a dict."""

    # SQLAlchemySchema.load looks up the version of an installed package at each call (1.6.0, 1 ms on a
    # laptop), for a feature that is not used here: loading into instances.
    load = Schema.load  # type: ignore[assignment]
