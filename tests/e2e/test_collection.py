"""The Postman collection and the .http file: every request of the description, and each answers 200."""

from __future__ import annotations

import json
import re

from docs.api.describe import CONSOLE
from tests.e2e.postman import Runner

COLLECTION = json.loads((CONSOLE / "foto-alpes.postman_collection.json").read_text(encoding="utf-8"))
HTTP_FILE = (CONSOLE / "foto-alpes.http").read_text(encoding="utf-8")
OPERATIONS = [
    operation["operationId"]
    for item in json.loads((CONSOLE / "openapi.json").read_text(encoding="utf-8"))["paths"].values()
    for operation in item.values()
]


def test_every_request_of_the_collection_answers_200_with_ids_that_chain(gateway: str) -> None:
    lines = list(Runner(COLLECTION, gateway).run())

    assert len(lines) == len(OPERATIONS)


def test_the_http_file_sends_the_same_requests_and_reads_only_answers_that_came_before() -> None:
    sent: list[str] = []
    for block in HTTP_FILE.split("### ")[1:]:
        for needed in re.findall(r"\{\{(\w+)\.response\.body\.\$\.id\}\}", block):
            assert needed in sent, f"{needed} is sent after it is needed"
        sent += re.findall(r"# @name (\w+)", block)

    assert sorted(sent) == sorted(OPERATIONS)
