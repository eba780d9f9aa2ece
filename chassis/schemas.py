"""The base of the schemas that check a body and write an answer."""

from __future__ import annotations

from marshmallow import Schema
from marshmallow_sqlalchemy import SQLAlchemySchema


class RowSchema(SQLAlchemySchema):
    """A schema of some columns of a model, which loads into a dict."""

    # SQLAlchemySchema.load looks up the version of an installed package at each call (1.6.0, 1 ms on a
    # laptop), for a feature that is not used here: loading into instances.
    load = Schema.load
