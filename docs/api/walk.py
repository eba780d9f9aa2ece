"""The walk: every operation of the description once, in order, with ids that chain."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

# Members whose example would be refused the second time; a number of seconds makes each walk's its own.
UNIQUE = {"username": "-{{$timestamp}}"}

# What an order's members name.
CHAINED = {"user": "user", "product": "product"}


@dataclass(frozen=True)
class Step:
    """One request of the walk.

    Args:
        name: the operation's, such as ``post_users``.
        title: what it does.
        group: the tag that it is shown under.
        method: in capitals.
        path: with a variable such as ``<user>`` where an id stands.
        headers: beside ``Content-Type``.
        body: with variables such as ``<user>`` for ids; None where there is none.
        makes: what it creates, such as ``"user"``, whose id later steps need; else empty.
    """

    name: str
    title: str
    group: str
    method: str
    path: str
    headers: dict[str, str]
    body: Json | None
    makes: str

    def body_text(self, variable: str) -> str:
        """The body as JSON.

        Args:
            variable: how an id is written, such as ``"{{%s_id}}"``.
        """
        text = json.dumps(self.body, indent=2, ensure_ascii=False)
        for what in ("user", "product", "order"):
            text = text.replace(f'"<{what}>"', variable % what)
        return text

    def path_text(self, variable: str) -> str:
        """The path, with ids written as in ``body_text``."""
        for what in ("user", "product", "order"):
            self_variable = f"<{what}>"
            if self_variable in self.path:
                return self.path.replace(self_variable, variable % what)
        return self.path


def steps(described: Json) -> Iterator[Step]:
    """Every operation of a description, in its order."""
    for path, item in described["paths"].items():
        for method, operation in item.items():
            what = path.split("/")[2].rstrip("s") if path.count("/") > 1 else ""
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            names = {reference["$ref"].rpartition("/")[2] for reference in operation["parameters"]}
            yield Step(
                operation["operationId"],
                operation["summary"],
                operation["tags"][0],
                method.upper(),
                path.replace("{id}", f"<{what}>"),
                {"Prefer": "wait=10"} if "prefer" in names else {},
                body_of(content["example"]) if content else None,
                what if method == "post" else "",
            )


def body_of(example: Json) -> Json:
    """An example whose ids are variables, and whose unique members are new."""
    body = {name: f"{value}{UNIQUE[name]}" if name in UNIQUE else value for name, value in example.items()}
    return {name: f"<{CHAINED[name]}>" if name in CHAINED else value for name, value in body.items()}
