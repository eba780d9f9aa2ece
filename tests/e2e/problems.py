"""What every error answer must be: a whole problem of RFC 9457 that gives nothing of the inside away."""

from __future__ import annotations

import json
import re
from typing import Any, Protocol

# A stack trace, SQL, a path of the code or the data.
INSIDE = re.compile(r"Traceback|File \"|\.py\b|SELECT |INSERT |UPDATE |sqlite|UNIQUE|site-packages|/var/|/data/|\.db\b")


class Headers(Protocol):
    """What is looked at of headers."""

    def __getitem__(self, name: str, /) -> Any:
        """The value of a header."""


class Answer(Protocol):
    """What is looked at of an answer, whoever has read it."""

    @property
    def status_code(self) -> int:
        """The HTTP status."""

    @property
    def headers(self) -> Headers:
        """Its headers, whatever their case."""

    @property
    def text(self) -> str:
        """Its body."""


def problem(answer: Answer, status: int) -> dict[str, Any]:
    """The members of an error answer; it must have this status and be as the contract has it."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text[:500]}"
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["X-Request-ID"]
    members: dict[str, Any] = json.loads(answer.text)
    assert {"type", "title", "status", "detail", "instance", "error"} <= members.keys()
    assert members["status"] == status
    assert members["detail"]
    assert members["error"] == members["detail"]
    assert members["instance"].startswith("/")
    assert not INSIDE.search(answer.text), answer.text
    return members


def invalid(answer: Answer) -> dict[str, list[str]]:
    """What a 400 says of each member that breaks a rule."""
    errors: dict[str, list[str]] = problem(answer, 400)["errors"]
    assert all(texts and all(isinstance(text, str) for text in texts) for texts in errors.values())
    return errors
