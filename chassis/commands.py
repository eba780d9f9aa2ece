"""The command side of a service: what stands between a request and a domain's resource."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Flask, Response, request
from marshmallow import ValidationError
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from chassis import app as chassis_app
from chassis import idempotency
from chassis.errors import invalid_members


def create_api(app: Flask) -> chassis_app.Api:
    """Make the REST interface of an app that takes commands."""
    idempotency.init_app(app)

    @app.errorhandler(ValidationError)
    def invalid(error: ValidationError) -> Response:
        return invalid_members(error.normalized_messages())  # type: ignore[no-untyped-call]

    return chassis_app.create_api(app)


def json_body() -> dict[str, Any]:
    """The request's body.

    Raises:
        UnsupportedMediaType: it is not declared as ``application/json``.
        BadRequest: it is no JSON, or not an object.
    """
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("send the body as JSON, with the header Content-Type: application/json")
    try:
        body = orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"the body is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    return body
