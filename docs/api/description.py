"""The OpenAPI description of the gateway, from the marshmallow schemas of the domains."""

from __future__ import annotations

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema

from docs.api.answers import ANSWERS
from docs.api.parts import HEADERS, PARAMETERS, PROBLEMS, Json, headers_of, parameters_of, problems_of
from docs.api.routes import ROUTES, Route
from orders.base import OrderSchema
from products.base import ProductSchema
from users.base import UserSchema

ABOUT = """\
Foto Alpes sells cameras, to show two things: CQRS and asynchronous messages. Commands go to `/api-commands/`,
queries to `/api-queries/`; what a command changes reaches the other services by messages, a moment later.

Try the examples from top to bottom: each uses the ids that those before it were given on an empty suite. The
same requests, with ids that chain, are there as a
[Postman collection](/console/foto-alpes.postman_collection.json) and an [.http file](/console/foto-alpes.http).
[Watch the messages travel](/)."""

TAGS = {
    "Users": "Who may order.",
    "Products": "The catalogue, and the one owner of the stock.",
    "Orders": "They are decided on copies of users and products, which arrive by messages.",
    "Watch": "How far the messages are.",
}

# Text must not contain NUL; a username needs something to see, since white space around it is taken off.
TEXT = "^[^\\u0000]*$"
VISIBLE = "^[^\\u0000]*[^\\s\\u0000\\u001c-\\u001f\\u0085\\u00a0][^\\u0000]*$"


def description() -> Json:
    """All of it, as JSON can hold it."""
    spec = APISpec("Foto Alpes", "1.0", "3.1.0", info={"description": ABOUT}, plugins=[MarshmallowPlugin()])
    spec.options["servers"] = [{"url": "/"}]
    for name, text in TAGS.items():
        spec.tag({"name": name, "description": text})
    for name, parameter in PARAMETERS.items():
        spec.components.parameter(name, parameter["in"], {k: v for k, v in parameter.items() if k != "in"})
    for name, header in HEADERS.items():
        spec.components.header(name, header)
    for name, answer in ANSWERS.items():
        spec.components.schema(name, schema=answer)
    bodies: dict[str, Schema] = {
        "NewUser": UserSchema(exclude=["id"]),
        "NewProduct": ProductSchema(exclude=["id"]),
        "ProductChanges": ProductSchema(exclude=["id"], partial=True),
        "NewOrder": OrderSchema(exclude=["id", "state"]),
    }
    for name, body in bodies.items():
        spec.components.schema(name, schema=body)
    for status, text in PROBLEMS.items():
        spec.components.response(str(status), problem(status, text))
    for route in ROUTES:
        spec.path(route.path, operations={route.method.lower(): operation(route)})
    found = spec.to_dict()
    tighten(found["components"]["schemas"], bodies)
    return found


def operation(route: Route) -> Json:
    """One operation."""
    refused = {str(status): str(status) for status in problems_of(route)}
    if route.path.startswith("/api-queries/"):
        refused["304"] = {"description": "Nothing has changed.", "headers": references(["X-Request-ID", "ETag"])}
    found: Json = {
        "operationId": route.operation_id,
        "tags": [route.tag],
        "summary": route.summary,
        "parameters": parameters_of(route),
        "responses": {"200": accepted(route), **dict(sorted(refused.items()))},
    }
    if route.description:
        found["description"] = route.description
    if route.body:
        content = {"application/json": {"schema": route.body, "example": route.example}}
        found["requestBody"] = {"required": True, "content": content}
    return found


def accepted(route: Route) -> Json:
    """The answer of 200; that of a POST links to where what it made can be read."""
    schema: Any = {"type": "array", "items": route.answer} if route.listing else route.answer
    content = {"application/json": {"schema": schema, "example": route.answered}}
    found: Json = {"description": "Done.", "headers": references(headers_of(route)), "content": content}
    if route.method == "POST":
        what = route.path.rpartition("/")[2]
        link = {"operationId": f"get_{what}_id", "parameters": {"id": "$response.body#/id"}}
        found["links"] = {"read": {**link, "description": "Read it on the query side."}}
    return found


def problem(status: int, text: str) -> Json:
    """An answer of 400 or above."""
    names = ["X-Request-ID"] + ["Retry-After"] * (status in (502, 503, 504, 507))
    content = {"application/problem+json": {"schema": "Problem"}}
    return {"description": text, "headers": references(names), "content": content}


def references(names: list[str]) -> Json:
    """Headers by their names."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def tighten(schemas: Json, bodies: dict[str, Schema]) -> None:
    """Say what marshmallow knows and apispec does not tell.

    A body with a member that is not known is refused. An answer has all its members. Text has no NUL.
    """
    for name, schema in schemas.items():
        properties = schema["properties"]
        if name in bodies:
            schema["additionalProperties"] = False
            for member, rules in properties.items():
                if rules["type"] == "string":
                    rules["pattern"] = VISIBLE if member == "username" else TEXT
        else:
            schema["required"] = list(properties)
            for rules in properties.values():
                rules.pop("readOnly", None)
    errors = {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}
    schemas["Problem"]["properties"]["errors"] = errors
