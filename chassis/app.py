"""The app factory: what an app of any domain has before it has a route."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from flask import Flask, Response
from flask_restful import Api as RestfulApi
from werkzeug.routing import IntegerConverter

from chassis import errors, health, requests
from chassis.config import Settings

# Far above any command of the contract, far below what would hurt.
BODY_LIMIT_BYTES = 64 * 1024


class IdConverter(IntegerConverter):
    """``<int:id>``, as far as a database can hold one: a larger number is 404, not an error of the driver."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max": 2**63 - 1, **kwargs})


class Api(RestfulApi):
    """Flask-RESTful whose errors are the app's problems and whose JSON is written by orjson."""

    def error_router(self, original_handler: Callable[[Exception], Response], e: Exception) -> Response:
        """Leave every error to ``chassis.errors``."""
        return original_handler(e)


def create_app(domain: str, process: str) -> Flask:
    """Make an app that logs, answers errors and tells its health.

    Args:
        domain: the service, such as ``"orders"``.
        process: which of its processes this is, such as ``"orders-queries"``.
    """
    app = Flask(process, static_folder=None)
    app.extensions["settings"] = settings = Settings(domain)
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT_BYTES
    app.url_map.converters["int"] = IdConverter
    requests.init_app(app, settings.log_level)
    errors.init_app(app)
    health.init_app(app)
    return app


def create_api(app: Flask) -> Api:
    """Make the app's REST interface."""
    api = Api(app)

    api.representations = {"application/json": as_json}
    return api


def as_json(data: Any, code: int, headers: dict[str, str] | None = None) -> Response:
    """An answer with what a resource returned."""
    return Response(orjson.dumps(data), code, headers, content_type="application/json")
