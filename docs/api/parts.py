"""What many operations share: parameters, headers and problems."""

from __future__ import annotations

from typing import Any

from docs.api.routes import Route

Json = dict[str, Any]

LARGEST_ID = 2**63 - 1

PARAMETERS: dict[str, Json] = {
    "id": {
        "in": "path",
        "name": "id",
        "required": True,
        "schema": {"type": "integer", "minimum": 0, "maximum": LARGEST_ID},
        "example": 1,
    },
    "limit": {
        "in": "query",
        "name": "limit",
        "description": "How many at most. With it, a list carries an `ETag`, and a `Link` to the next page.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 1000},
    },
    "after": {
        "in": "query",
        "name": "after",
        "description": "Only ids above this one.",
        "schema": {"type": "integer", "minimum": 0, "maximum": LARGEST_ID},
    },
    "before": {
        "in": "query",
        "name": "before",
        "description": "Only ids below this one.",
        "schema": {"type": "integer", "minimum": 0, "maximum": LARGEST_ID},
    },
    "order": {
        "in": "query",
        "name": "order",
        "description": "`desc` begins with the largest id.",
        "schema": {"type": "string", "enum": ["asc", "desc"]},
    },
    "request-id": {
        "in": "header",
        "name": "X-Request-ID",
        "description": "Follows the command through every process and message; made by the gateway where it is "
        "absent or anything but 1 to 128 letters, digits, dots, hyphens and underscores.",
        "schema": {"type": "string"},
    },
    "if-none-match": {
        "in": "header",
        "name": "If-None-Match",
        "description": "The `ETag` of the last answer: 304 where nothing has changed.",
        "schema": {"type": "string"},
    },
    "idempotency-key": {
        "in": "header",
        "name": "Idempotency-Key",
        "description": "A repeat under the same key within 24 h gets the first answer again and takes effect once.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    },
    "prefer": {
        "in": "header",
        "name": "Prefer",
        "description": "`wait=5` waits up to so many seconds (at most 10) for the user and product to arrive.",
        "schema": {"type": "string"},
    },
}

HEADERS: dict[str, Json] = {
    "X-Request-ID": {"description": "The id of this request, in every log.", "schema": {"type": "string"}},
    "ETag": {"description": "Names this state of the answer.", "schema": {"type": "string"}},
    "Link": {"description": 'Where the next page is: `<…>; rel="next"`.', "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "string", "pattern": "^[0-9]+$"}},
    "Idempotency-Replayed": {"description": "Set on an answer that was given before.", "schema": {"const": "true"}},
}

PROBLEMS: dict[int, str] = {
    400: "The request is not as described; `errors` lists the members of a body that are not.",
    404: "There is no such id.",
    409: "The username is taken, or a command with this Idempotency-Key is still running.",
    413: "The body is larger than 64 KiB.",
    415: "The body is not declared as `application/json`.",
    422: "The Idempotency-Key was used for another command.",
    502: "The service is down or starting.",
    503: "The service is starting, or its database is busy: nothing was written.",
    504: "The service did not answer in time.",
    507: "The disk of the service is full: nothing was written.",
}


def parameters_of(route: Route) -> list[str]:
    """The names of what may be sent with a route beside its body."""
    names = ["id"] if "{id}" in route.path else []
    if route.listing:
        names += ["limit", "after", "before", "order"]
    if route.limited:
        names.append("limit")
    names.append("request-id")
    if route.path.startswith("/api-queries/"):
        names.append("if-none-match")
    if route.method == "POST":
        names.append("idempotency-key")
    if route.path == "/api-commands/orders":
        names.append("prefer")
    return names


def headers_of(route: Route) -> list[str]:
    """The names of what a 200 may carry."""
    names = ["X-Request-ID"]
    if route.path.startswith("/api-queries/"):
        names.append("ETag")
    if route.listing:
        names.append("Link")
    if route.method == "POST":
        names.append("Idempotency-Replayed")
    return names


def problems_of(route: Route) -> list[int]:
    """The statuses of 400 and above that a route may answer with."""
    if not route.path.startswith("/api-"):
        return []
    statuses = [400, 502, 503, 504]
    if "{id}" in route.path:
        statuses.append(404)
    if route.body:
        statuses += [413, 415, 507]
    if route.method == "POST":
        statuses += [409, 422]
    return sorted(statuses)
