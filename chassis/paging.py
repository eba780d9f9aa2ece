"""Pages of a list: ``?limit=``, ``?after=<id>``, ``?order=desc`` with ``?before=<id>``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request
from werkzeug.exceptions import BadRequest

LARGEST_PAGE = 1000
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True)
class Page:
    """Which part of a list a client asks for.

    Args:
        limit: how many at most; None for all.
        after: only ids above this one.
        before: only ids below this one.
        descending: the largest id first.
    """

    limit: int | None
    after: int | None
    before: int | None
    descending: bool

    @classmethod
    def asked_for(cls) -> Page:
        """The page that the request at hand asks for.

        Raises:
            BadRequest: a parameter is not as the contract has it.
        """
        asked = request.args
        order = asked.get("order", "asc")
        if order not in ("asc", "desc"):
            raise BadRequest("order must be asc or desc")
        return cls(
            limit=_number(asked, "limit", 1, LARGEST_PAGE),
            after=_number(asked, "after", 0, LARGEST_ID),
            before=_number(asked, "before", 0, LARGEST_ID),
            descending=order == "desc",
        )

    def clause(self) -> str:
        """The end of the query: ``WHERE … ORDER BY … LIMIT …``, with named parameters."""
        bounds = ["id > :after"] * (self.after is not None) + ["id < :before"] * (self.before is not None)
        where = f"WHERE {' AND '.join(bounds)} " if bounds else ""
        limit = " LIMIT :one_more" if self.limit is not None else ""
        return f"{where}ORDER BY id{' DESC' if self.descending else ''}{limit}"

    def parameters(self) -> dict[str, int]:
        """The values of the clause; one row more than the page tells whether it has a successor."""
        values = {"after": self.after, "before": self.before, "one_more": self.limit and self.limit + 1}
        return {name: value for name, value in values.items() if value is not None}

    def next_url(self, last_id: int) -> str:
        """Where the next page is."""
        turned = {"order": "desc", "before": last_id, "after": self.after}
        query = turned if self.descending else {"after": last_id, "before": self.before}
        given = {name: value for name, value in {"limit": self.limit, **query}.items() if value is not None}
        return f"{request.path}?{'&'.join([f'{name}={value}' for name, value in given.items()])}"


def _number(asked: Mapping[str, str], name: str, least: int, most: int) -> int | None:
    text = asked.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most):
        raise BadRequest(f"{name} must be a whole number from {least} to {most}")
    return int(text)
